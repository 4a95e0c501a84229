"""The time guard: a second fence that PayBay's own clock and ledger cannot fool.

PayBay hangs in these tests by not moving its clock, while Home Assistant's goes on.
"""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .automations import let_pass, use
from .entries import BAY_1
from .phones import Phone
from .site_fixtures import ObedientClock, paid, settled, state_of

NAME = "time_guard"
RELAY = BAY_1.relay
MEMORY = "input_datetime.end_of_bay_1"

pytestmark = pytest.mark.usefixtures("one_time")


@pytest.fixture
def inputs(phone: Phone) -> dict[str, Any]:
    """Return what an owner fills in."""
    return {
        "ends_at": "sensor.bay_1_ends_at",
        "relay": RELAY,
        "memory": MEMORY,
        "notify": [phone.notify],
    }


@pytest.fixture
async def helper(hass: HomeAssistant) -> None:
    """Make the helper that remembers the end."""
    made = {"end_of_bay_1": {"has_date": True, "has_time": True}}
    config = {"input_datetime": made}
    assert await async_setup_component(hass, "input_datetime", config)


@pytest.fixture
async def guard(
    hass: HomeAssistant, bays: MockConfigEntry, helper: None, inputs: Any
) -> str:
    """Guard Bay 1."""
    return await use(hass, NAME, **inputs)


async def switch(hass: HomeAssistant, service: str) -> None:
    await hass.services.async_call(
        "homeassistant", service, {"entity_id": RELAY}, blocking=True
    )
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_session_that_paybay_ends_is_none_of_its_business(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    guard: str,
    *,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    await paid(hass, bays)
    await let_pass(hass, freezer, 500, clock)
    await paid(hass, bays)
    await let_pass(hass, freezer, 600, clock)
    assert state_of(hass, RELAY) == "on"
    await let_pass(hass, freezer, 300, clock)
    assert state_of(hass, RELAY) == "off"
    assert phone.told == []


async def test_relay_is_switched_off_after_an_end_that_paybay_missed(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    guard: str,
    *,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    await paid(hass, bays)
    await let_pass(hass, freezer, 650)
    assert state_of(hass, RELAY) == "on"
    assert phone.told == []
    # PayBay believes in its session and contradicts once; the guard does not give in.
    await let_pass(hass, freezer, 30)
    await settled(hass, bays)
    assert state_of(hass, RELAY) == "off"
    assert phone.told[0]["title"] == "Bay 1: still on after its end"
    assert "has switched it off" in phone.told[0]["message"]


async def test_top_up_moves_the_fence(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    guard: str,
    *,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    await paid(hass, bays)
    await let_pass(hass, freezer, 300, clock)
    await paid(hass, bays)
    await let_pass(hass, freezer, 940)
    assert state_of(hass, RELAY) == "on"
    await let_pass(hass, freezer, 40)
    assert state_of(hass, RELAY) == "off"


async def test_end_is_known_while_paybay_is_not_loaded(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    guard: str,
    *,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    await paid(hass, bays)
    await hass.config_entries.async_unload(bays.entry_id)
    assert state_of(hass, "sensor.bay_1_ends_at") == "unavailable"
    await let_pass(hass, freezer, 640)
    assert state_of(hass, RELAY) == "on"
    await let_pass(hass, freezer, 30)
    assert state_of(hass, RELAY) == "off"
    assert len(phone.told) == 1


async def test_relay_found_on_at_a_start_of_home_assistant_is_switched_off(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    """The start finds a helper of yesterday, a relay that is on, and no PayBay."""
    await paid(hass, bays)
    await hass.config_entries.async_unload(bays.entry_id)
    freezer.tick(86_400)
    helper = {
        "has_date": True,
        "has_time": True,
        "initial": "2027-01-15 00:00:00",
    }
    config = {"input_datetime": {"end_of_bay_1": helper}}
    assert await async_setup_component(hass, "input_datetime", config)
    await use(hass, NAME, **inputs)
    await let_pass(hass, freezer, 10)
    assert state_of(hass, RELAY) == "off"
    assert len(phone.told) == 1


async def test_relay_that_somebody_switched_on_is_switched_off_after_the_grace(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    guard: str,
    *,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    await hass.config_entries.async_unload(bays.entry_id)
    await switch(hass, "turn_on")
    await let_pass(hass, freezer, 50)
    assert state_of(hass, RELAY) == "on"
    await let_pass(hass, freezer, 30)
    assert state_of(hass, RELAY) == "off"


async def test_stop_before_the_end_forgets_the_rest_of_the_session(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    guard: str,
    *,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.bay_1"}, blocking=True
    )
    await settled(hass, bays)
    await hass.config_entries.async_unload(bays.entry_id)
    await switch(hass, "turn_on")
    await let_pass(hass, freezer, 80)
    assert state_of(hass, RELAY) == "off"


async def test_relay_that_sticks_is_told_at_once_and_then_every_ten_minutes(
    hass: HomeAssistant,
    helper: None,
    inputs: Any,
    *,
    freezer: FrozenDateTimeFactory,
    phone: Phone,
) -> None:
    # It is on whatever anybody does: nothing is behind it.
    hass.states.async_set("switch.stuck", "on")
    await use(hass, NAME, **(inputs | {"relay": "switch.stuck"}))
    await let_pass(hass, freezer, 670, step_s=10)
    first, *later = [each["message"] for each in phone.told]
    assert "is switching it off" in first
    assert len(later) == 2
    assert all("at its breaker!" in message for message in later)
