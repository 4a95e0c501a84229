"""What cannot be reached is said once, and once more when it is back."""

import logging
from unittest.mock import NonCallableMagicMock

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.providers.base import ProviderUnavailableError

from .entries import BAY_1
from .site_fixtures import ObedientClock, settled, state_of

REACHABLE = "binary_sensor.razorpay_test_payment_provider"


def said(caplog: pytest.LogCaptureFixture, words: str) -> list[int]:
    """Return the levels at which this was said."""
    return [r.levelno for r in caplog.records if words in r.getMessage()]


async def minutes_pass(
    hass: HomeAssistant, entry: MockConfigEntry, clock: ObedientClock, minutes: int
) -> None:
    for _ in range(minutes):
        await clock.pass_by(hass, 60)
        await settled(hass, entry)


async def test_provider_that_does_not_answer_is_logged_once_and_once_when_back(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    assert state_of(hass, REACHABLE) == "on"
    site_provider.check.side_effect = ProviderUnavailableError("no route")
    await minutes_pass(hass, site_entry, clock, 12)
    assert state_of(hass, REACHABLE) == "off"
    assert said(caplog, "no route") == [logging.INFO]
    site_provider.check.side_effect = None
    await minutes_pass(hass, site_entry, clock, 12)
    assert state_of(hass, REACHABLE) == "on"
    assert said(caplog, "answers again") == [logging.INFO]


async def test_relay_out_of_reach_is_logged_once_and_once_when_back(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    was = hass.states.get(BAY_1.relay)
    assert was
    hass.states.async_remove(BAY_1.relay)
    for _ in range(3):
        await clock.pass_by(hass, 60)
        await settled(hass, site_entry)
    assert state_of(hass, "sensor.bay_1_status") == "offline"
    assert said(caplog, "Bay 1 is out of reach") == [logging.INFO]
    hass.states.async_set(BAY_1.relay, was.state, was.attributes)
    for _ in range(2):
        await clock.pass_by(hass, 60)
        await settled(hass, site_entry)
    assert state_of(hass, "sensor.bay_1_status") == "available"
    assert said(caplog, "Bay 1 is in reach again") == [logging.INFO]
