"""Too much load, a plug that is pulled, a session that its device has cut short."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.bay import StopNotStoredError
from custom_components.paybay.domain.happenings import Happening, What
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import orders

from .automations import let_pass, use
from .entries import BAY_1, make_entry
from .phones import Phone
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of

NAME = "over_current_or_unplugged"
POWER = "sensor.power_1"
RELAY = BAY_1.relay

pytestmark = pytest.mark.usefixtures("one_time")


@pytest.fixture
async def bays(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up a bay with a power sensor, where 20 W is something plugged in."""
    draw(hass, 0)
    bay = replace(BAY_1, power_meter=POWER, plugged_w=20)
    return await set_up(hass, make_entry(bays=[bay]))


@pytest.fixture
async def inputs(phone: Phone) -> dict[str, Any]:
    """Return what an owner fills in."""
    return {
        "bay": "switch.bay_1",
        "power": [POWER],
        "limit": 3000,
        "plugged": ["binary_sensor.bay_1_plugged_in"],
        "activity": ["event.bay_1_activity"],
        "notify": [phone.notify],
    }


def draw(hass: HomeAssistant, watts: float) -> None:
    attributes = {"unit_of_measurement": "W", "device_class": "power"}
    hass.states.async_set(POWER, str(watts), attributes)


async def order_state(bays: MockConfigEntry, order_id: str) -> OrderState:
    order = await bays.runtime_data.ledger.run(lambda c: orders.get(c, order_id))
    return OrderState(order.state)


async def test_overload_stops_the_session_and_is_told(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    order = await paid(hass, bays)
    draw(hass, 3500)
    await let_pass(hass, freezer, 4, clock)
    assert state_of(hass, RELAY) == "on"
    await let_pass(hass, freezer, 2, clock)
    await settled(hass, bays)
    assert state_of(hass, RELAY) == "off"
    assert await order_state(bays, order.id) == OrderState.STOPPED
    assert phone.told[0]["title"] == "Bay 1 draws too much"
    assert phone.told[0]["message"] == (
        "3500 W, and the limit is 3000. The session was stopped."
    )


async def test_overload_is_only_told_where_the_owner_wants_no_stop(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **(inputs | {"stop": False}))
    await paid(hass, bays)
    draw(hass, 3500)
    await let_pass(hass, freezer, 10, clock)
    assert state_of(hass, RELAY) == "on"
    assert phone.told[0]["message"].endswith("The session goes on.")


async def test_peak_of_a_start_is_no_overload(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    draw(hass, 9000)
    await let_pass(hass, freezer, 2, clock)
    draw(hass, 2000)
    await let_pass(hass, freezer, 20, clock)
    assert state_of(hass, RELAY) == "on"
    assert phone.told == []


async def test_plug_that_is_pulled_is_told_and_the_end_of_a_session_is_not(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    draw(hass, 500)
    await let_pass(hass, freezer, 60, clock)
    draw(hass, 2)
    await let_pass(hass, freezer, 50, clock)
    assert phone.told == []
    await let_pass(hass, freezer, 20, clock)
    assert [each["title"] for each in phone.told] == ["Bay 1: unplugged"]
    draw(hass, 500)
    await let_pass(hass, freezer, 600, clock)
    assert state_of(hass, RELAY) == "off"
    draw(hass, 0)
    await let_pass(hass, freezer, 120, clock)
    assert len(phone.told) == 1


async def test_stop_that_fails_sends_the_owner_to_the_bay(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    draw(hass, 3500)
    bay = bays.runtime_data.bays["bay_1"]
    with patch.object(bay, "stop", side_effect=StopNotStoredError("disk full")):
        await let_pass(hass, freezer, 10, clock)
    assert phone.told[0]["message"].endswith("switch the bay off by hand!")


async def test_only_a_load_sensor_or_none_is_enough(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> None:
    assert await use(hass, NAME, bay="switch.bay_1", notify=[phone.notify])


async def test_session_that_its_device_cut_short_is_told(
    hass: HomeAssistant, bays: MockConfigEntry, inputs: Any, phone: Phone
) -> None:
    """A session that ended otherwise is not."""
    await use(hass, NAME, **inputs)
    order = await paid(hass, bays)
    tell = bays.runtime_data.dispatcher.tell
    for reason in ("stopped_by_owner", "device_fault"):
        ended = Happening(
            what=What.SESSION_ENDED, bay_id="bay_1", order=order, reason=reason
        )
        tell(ended)
        await settled(hass, bays)
    (told,) = phone.told
    assert told["title"] == "Bay 1: cut short by its device"
    assert "ended the session" in told["message"]


async def test_reload_of_the_site_tells_no_old_ends_again(
    hass: HomeAssistant, bays: MockConfigEntry, inputs: Any, phone: Phone
) -> None:
    await use(hass, NAME, **inputs)
    ended = Happening(what=What.SESSION_ENDED, bay_id="bay_1", reason="device_fault")
    bays.runtime_data.dispatcher.tell(ended)
    await settled(hass, bays)
    assert len(phone.told) == 1
    await hass.config_entries.async_reload(bays.entry_id)
    await settled(hass, bays)
    assert len(phone.told) == 1


async def test_customer_who_has_not_plugged_in_yet_was_not_unplugged(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    assert state_of(hass, "binary_sensor.bay_1_plugged_in") == "off"
    await let_pass(hass, freezer, 120, clock)
    assert phone.told == []
