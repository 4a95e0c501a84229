"""What the system health page says."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.paybay.ledger import LedgerError
from custom_components.paybay.web.customer.texts import unsigned

from .entries import ENTRY_DATA
from .site_fixtures import settled
from .test_translations import EN


async def told(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, "paybay")
    return {
        key: await value if hasattr(value, "__await__") else value
        for key, value in info.items()
    }


async def test_a_site_that_is_well_says_so(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    site_entry.runtime_data.webhook_health.verified()
    info = await told(hass)
    assert info.pop("ledger_size").endswith(" MiB")
    assert info.pop("last_webhook") != "never"
    assert info.pop("version")
    assert info == {
        "sites": 1,
        "mode": "test",
        "provider_reachable": "ok",
        "bays": 1,
        "bays_in_reach": 1,
        "ledger_health": "ok",
        "unsigned_languages": ", ".join(unsigned()) or "-",
    }


async def test_what_is_wrong_shows(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    hass.states.async_remove("input_boolean.relay_1")
    await settled(hass, site_entry)
    site_entry.runtime_data.reachability.refused = True
    with patch(
        "custom_components.paybay.system_health.snapshot", side_effect=LedgerError
    ):
        info = await told(hass)
    assert info["bays_in_reach"] == 0
    assert info["provider_reachable"] == "keys refused"
    assert info["last_webhook"] == "never"
    assert info["ledger_health"] == "failed"


async def test_no_secret_and_no_path_is_told(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    text = str(await told(hass))
    assert [value for value in ENTRY_DATA.values() if value in text] == []
    assert str(Path(hass.config.config_dir)) not in text


async def test_without_a_site_there_is_still_an_answer(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "paybay", {})
    info = await told(hass)
    assert (info["sites"], info["mode"]) == (0, "-")


async def test_every_fact_has_words_and_the_reverse(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    assert set(await told(hass)) == set(EN["system_health"]["info"])
