"""A bay out of reach: told if a customer has paid for it, else left alone."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .automations import let_pass, use
from .entries import BAY_1
from .phones import Phone
from .site_fixtures import ObedientClock, captured, paid, settled, state_of

NAME = "bay_offline"
RELAY = BAY_1.relay

pytestmark = pytest.mark.usefixtures("one_time")


@pytest.fixture
async def watch(hass: HomeAssistant, bays: MockConfigEntry, phone: Phone) -> str:
    """Watch both bays."""
    status = ["sensor.bay_1_status", "sensor.bay_2_status"]
    return await use(hass, NAME, status=status, notify=[phone.notify])


async def lose(hass: HomeAssistant, bays: MockConfigEntry) -> None:
    hass.states.async_set(RELAY, "unavailable")
    await settled(hass, bays)
    assert state_of(hass, "sensor.bay_1_status") == "offline"


async def test_customer_in_the_middle_of_a_session_is_told_of_and_so_is_the_return(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    watch: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await lose(hass, bays)
    await let_pass(hass, freezer, 50, clock)
    assert phone.told == []
    await let_pass(hass, freezer, 20, clock)
    (told,) = phone.told
    assert told["title"] == "Bay 1 is offline"
    assert "1 order paid (10.00 INR)" in told["message"]
    hass.states.async_set(RELAY, "on")
    await settled(hass, bays)
    assert phone.told[-1]["title"] == "Bay 1 is back"


async def test_payment_that_comes_while_the_bay_is_away_is_told_at_once(
    hass: HomeAssistant, bays: MockConfigEntry, watch: str, phone: Phone
) -> None:
    site = bays.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    await lose(hass, bays)
    await site.intake.take(captured(order))
    await settled(hass, bays)
    assert [each["title"] for each in phone.told] == ["Bay 1 is offline"]


async def test_bay_without_customers_is_nobodys_trouble(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    watch: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays, bay_id="bay_2")
    await lose(hass, bays)
    await let_pass(hass, freezer, 120, clock)
    hass.states.async_set(RELAY, "off")
    await settled(hass, bays)
    assert phone.told == []


async def test_short_gap_is_ignored(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    watch: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await lose(hass, bays)
    await let_pass(hass, freezer, 30, clock)
    hass.states.async_set(RELAY, "on")
    await settled(hass, bays)
    await let_pass(hass, freezer, 60, clock)
    assert [each["title"] for each in phone.told] in ([], ["Bay 1 is back"])
