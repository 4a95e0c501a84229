"""Fixtures for tests inside Home Assistant.

- `provider`: a payment provider whose methods are autospecced mocks; the config flow
  gets it instead of a real one.
- `mock_setup_entry`: flows that create or change an entry do not set it up.
- `entry`: an entry with the bay "Bay 1" on `input_boolean.relay_1` and two plans, added
  to Home Assistant but not set up. Others come from `entries.make_entry`.
- `site_entry`, `clock`, `site_provider`, `relay_helpers`: a whole site at work, see
  `site_fixtures`.
- `relays`: the states of `input_boolean.relay_1` and `relay_2`, both off.
- `bays`, `phone`, `register`, `one_time`: what blueprints need, see
  `blueprint_fixtures`.
- `live_provider`, `live_entry`: a site set up for real, see `live`.
- Always: custom integrations are found, and a flow that shows something for which
  `translations/en.json` has no words, or that cannot be sent to a browser, fails.
"""

from collections.abc import AsyncIterator, Iterator
import logging
from typing import Any
from unittest.mock import AsyncMock, NonCallableMagicMock, create_autospec, patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowHandler, FlowManager
from homeassistant.helpers.json import json_dumps
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

# Imported before Home Assistant looks for integrations: the test plugin has a
# `custom_components` of its own, which would be found instead.
from custom_components.paybay.const import DOMAIN
from custom_components.paybay.providers.base import PaymentProvider

from .blueprint_fixtures import bays, one_time, phone, register
from .entries import BAY_1, BAY_2, make_entry
from .flow_texts import as_the_frontend_gets_it, missing_texts
from .live import live_entry, live_provider
from .site_fixtures import (
    clock,
    hass_config_dir,
    relay_helpers,
    site_entry,
    site_provider,
)

__all__ = [
    "bays",
    "clock",
    "hass_config_dir",
    "live_entry",
    "live_provider",
    "one_time",
    "phone",
    "register",
    "relay_helpers",
    "site_entry",
    "site_provider",
]


# Home Assistant's test plugin turns every SQL statement into a line of log.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    pass


@pytest.fixture(autouse=True)
def _flow_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    handle: Any = FlowManager._async_handle_step

    async def handle_and_check(
        self: FlowManager[Any, Any, Any],
        flow: FlowHandler[Any, Any, Any],
        *args: Any,
    ) -> Any:
        result = await handle(self, flow, *args)
        if type(flow).__module__.startswith(f"custom_components.{DOMAIN}."):
            assert missing_texts(flow, result) == []
            json_dumps(as_the_frontend_gets_it(result))
        return result

    monkeypatch.setattr(FlowManager, "_async_handle_step", handle_and_check)


@pytest.fixture
def provider() -> Iterator[NonCallableMagicMock]:
    made: NonCallableMagicMock = create_autospec(PaymentProvider, instance=True)
    made.min_link_life_s = 960
    with patch(
        f"custom_components.{DOMAIN}.flows.keys.make_provider", return_value=made
    ):
        yield made


@pytest.fixture
async def mock_setup_entry(hass: HomeAssistant) -> AsyncIterator[AsyncMock]:
    with patch(
        f"custom_components.{DOMAIN}.async_setup_entry", return_value=True
    ) as setup_entry:
        yield setup_entry
        # A reload that the flow asked for must still find it.
        await hass.async_block_till_done()


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    made = make_entry()
    made.add_to_hass(hass)
    return made


@pytest.fixture
def relays(hass: HomeAssistant) -> tuple[str, str]:
    for bay in (BAY_1, BAY_2):
        hass.states.async_set(bay.relay, "off")
    return BAY_1.relay, BAY_2.relay
