"""Fixtures of tests that run blueprints: a site of two bays, phones, one time for all.

- `bays`: a loaded entry with "Bay 1" and "Bay 2"; refunds wait for the owner.
- `register`: registers a phone: `await register(user, "Owner's phone")`.
- `phone`: the owner's. `freezer` is Home Assistant's time, set to PayBay's `clock`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import NonCallableMagicMock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from .entries import BAY_1, BAY_2, make_entry
from .phones import Phone
from .site_fixtures import ObedientClock, set_up
from .test_refunds import made

type Register = Callable[[User, str], Awaitable[Phone]]


@pytest.fixture
async def bays(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> MockConfigEntry:
    """Set up two bays that pay nothing back unless the owner says so."""
    site_provider.refund.side_effect = made
    return await set_up(hass, make_entry(bays=[BAY_1, BAY_2]))


@pytest.fixture
def register(
    hass: HomeAssistant, hass_client_no_auth: Any, aioclient_mock: AiohttpClientMocker
) -> Register:
    """Return what registers a phone of a user."""

    async def phone_of(user: User, name: str) -> Phone:
        return await Phone.register(
            hass, hass_client_no_auth, user, aioclient_mock, name
        )

    return phone_of


@pytest.fixture
async def phone(
    bays: MockConfigEntry, register: Register, hass_admin_user: User
) -> Phone:
    """Return the owner's phone."""
    return await register(hass_admin_user, "Owner's phone")


@pytest.fixture
async def one_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, clock: ObedientClock
) -> AsyncIterator[None]:
    """Set Home Assistant's time to PayBay's, and let no automation outlive the test."""
    freezer.move_to(datetime.fromtimestamp(clock.now_ms() / 1000, UTC))
    yield
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )
