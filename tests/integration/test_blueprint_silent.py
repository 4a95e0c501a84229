"""A bay that falls silent: told in open hours, once, and after what is usual there."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.orders import PaidBy
from custom_components.paybay.walk_ins import Sale

from .automations import bay_device, leap, use
from .phones import Phone
from .site_fixtures import ObedientClock, paid

NAME = "bay_silent"
HOUR = 3600

pytestmark = pytest.mark.usefixtures("one_time")


@pytest.fixture
async def inputs(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> dict[str, Any]:
    """Return what an owner in UTC fills in; tests begin on a Friday at 08:00."""
    await hass.config.async_set_time_zone("UTC")
    chosen = [bay_device(hass, bays, each) for each in ("bay_1", "bay_2")]
    return {
        "bays": chosen,
        "hours": 3,
        "factor": 0,
        "opens": "08:00:00",
        "closes": "18:00:00",
        "notify": [phone.notify],
    }


async def test_silence_is_told_once_it_lasts_and_again_when_it_lasts_twice_as_long(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await use(hass, NAME, **inputs)
    await leap(hass, freezer, 2.9 * HOUR, clock)
    assert phone.told == []
    await leap(hass, freezer, 0.5 * HOUR, clock)
    (told,) = phone.told
    assert told["title"] == "Bay 1 is silent"
    assert "the last time on 15 Jan at 08:00" in told["message"]
    await leap(hass, freezer, 2.5 * HOUR, clock)
    assert len(phone.told) == 1
    await leap(hass, freezer, 0.5 * HOUR, clock)
    assert len(phone.told) == 2


async def test_payment_ends_the_silence(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await use(hass, NAME, **inputs)
    await leap(hass, freezer, 2.5 * HOUR, clock)
    await paid(hass, bays)
    await leap(hass, freezer, 2.5 * HOUR, clock)
    assert phone.told == []


async def test_cash_does_not_hide_a_code_that_nobody_can_pay_by(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await use(hass, NAME, **inputs)
    await leap(hass, freezer, 2.5 * HOUR, clock)
    site = bays.runtime_data
    sale = Sale(paid_by=PaidBy.CASH)
    await site.walk_ins.sell(site.bays["bay_1"], "ten_min", sale)
    await leap(hass, freezer, 1 * HOUR, clock)
    assert [told["title"] for told in phone.told] == ["Bay 1 is silent"]


async def test_closed_hours_and_days_do_not_count_and_nobody_is_woken(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    """From Friday 17:00, an hour of it is open; the weekend is not."""
    week = ["0", "1", "2", "3", "4"]
    await leap(hass, freezer, 9 * HOUR, clock, step_s=HOUR)
    await paid(hass, bays)
    await use(hass, NAME, **(inputs | {"weekdays": week}))
    await leap(hass, freezer, 64.5 * HOUR, clock, step_s=HOUR)
    assert phone.told == []  # Monday, 09:30
    await leap(hass, freezer, 0.75 * HOUR, clock)
    assert "Nobody has paid for 3" in phone.told[0]["message"]


async def test_night_that_begins_on_an_open_day_is_open(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    night = {"opens": "22:00:00", "closes": "04:00:00", "weekdays": ["4"]}
    await paid(hass, bays)
    await use(hass, NAME, **(inputs | night))
    await leap(hass, freezer, 16.5 * HOUR, clock, step_s=HOUR)
    assert phone.told == []  # Saturday, 00:30
    await leap(hass, freezer, 0.75 * HOUR, clock)
    assert len(phone.told) == 1


async def test_what_is_usual_is_learnt_from_the_last_payments(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Two hours apart, so that four times of it are eight."""
    for _ in range(2):
        await paid(hass, bays)
        await leap(hass, freezer, 2 * HOUR, clock, step_s=HOUR)
    await paid(hass, bays)
    day = {"opens": "00:00:00", "closes": "00:00:00", "factor": 4}
    await use(hass, NAME, **(inputs | day))
    await leap(hass, freezer, 7.9 * HOUR, clock)
    assert phone.told == []
    await leap(hass, freezer, 0.5 * HOUR, clock)
    assert "Usual is every 2.0 hours." in phone.told[0]["message"]


async def test_silence_that_began_while_home_assistant_was_off_is_told(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await leap(hass, freezer, 5 * HOUR, clock, step_s=HOUR)
    await use(hass, NAME, **inputs)
    await leap(hass, freezer, 0.5 * HOUR, clock)
    assert len(phone.told) == 1


async def test_old_silence_is_not_told_at_night(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await leap(hass, freezer, 13 * HOUR, clock, step_s=HOUR)
    await use(hass, NAME, **inputs)
    await leap(hass, freezer, 1 * HOUR, clock)
    assert phone.told == []  # 22:00
    await leap(hass, freezer, 10.5 * HOUR, clock, step_s=HOUR / 2)
    assert len(phone.told) == 1
