"""The daily summary: what came in, what went back, and what stands open."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.orders import PaidBy
from custom_components.paybay.ledger import order_views
from custom_components.paybay.walk_ins import Sale

from .automations import leap, let_pass, use
from .phones import Phone
from .site_fixtures import ObedientClock, paid, settled

NAME = "daily_summary"
HOUR = 3600
LATE: dict[str, Any] = {"created_s": 1_700_000_000}

pytestmark = pytest.mark.usefixtures("one_time")


@pytest.fixture
async def summary(hass: HomeAssistant, bays: MockConfigEntry, phone: Phone) -> str:
    """Sum up at 21:00; tests begin at 08:00 on a Friday, in UTC."""
    await hass.config.async_set_time_zone("UTC")
    return await use(hass, NAME, notify=[phone.notify])


async def evening(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, clock: ObedientClock
) -> None:
    await leap(hass, freezer, 13.1 * HOUR, clock, step_s=HOUR)


async def test_summary_tells_money_sessions_refunds_and_open_items(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    summary: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await paid(hass, bays, bay_id="bay_2", plan="hour_pass")
    await let_pass(hass, freezer, 3700, clock, step_s=600)
    await paid(hass, bays, **LATE)
    back = await paid(hass, bays, **LATE)
    refund = {"order_id": back.id}
    await hass.services.async_call("paybay", "refund_order", refund, blocking=True)
    await settled(hass, bays)
    await evening(hass, freezer, clock)
    (told,) = phone.told
    assert told["title"] == "PayBay, Friday, 15 January"
    assert told["message"].splitlines() == [
        "Test mode, no real money:",
        "70.00 INR earned, 10.00 refunded, 10.00 to be refunded",
        "2 sessions, 70 minutes",
        "Bay 1: 3 orders, 20.00",
        "Bay 2: 1 order, 50.00",
        "1 open item in the repairs.",
    ]


async def test_cash_is_told_by_itself_and_counts_for_its_bay(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    summary: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, bays)
    await let_pass(hass, freezer, 700, clock, step_s=100)
    site = bays.runtime_data
    sale = Sale(paid_by=PaidBy.CASH)
    await site.walk_ins.sell(site.bays["bay_1"], "ten_min", sale)
    await let_pass(hass, freezer, 60, clock)
    await site.bays["bay_1"].stop("stopped_by_owner")
    await evening(hass, freezer, clock)
    assert phone.told[0]["message"].splitlines()[1:4] == [
        "10.00 INR earned, 1.00 in cash",
        "2 sessions, 11 minutes",
        "Bay 1: 2 orders, 11.00",
    ]


async def test_day_without_orders_says_so_or_says_nothing(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    summary: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await evening(hass, freezer, clock)
    assert phone.told[0]["message"] == "No orders.\nNothing stands open."


async def test_quiet_owner_hears_nothing_of_an_empty_day(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("UTC")
    await use(hass, NAME, notify=[phone.notify], quiet=True)
    await evening(hass, freezer, clock)
    assert phone.told == []


async def test_day_before_is_that_day_and_no_other(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("UTC")
    made = {"day": "yesterday", "at": "07:00:00", "notify": [phone.notify]}
    await paid(hass, bays)
    await leap(hass, freezer, 17 * HOUR, clock, step_s=HOUR)
    await paid(hass, bays, bay_id="bay_2")  # at 01:00
    await use(hass, NAME, **made)
    await leap(hass, freezer, 6.1 * HOUR, clock, step_s=HOUR)
    (told,) = phone.told
    assert told["title"] == "PayBay, Friday, 15 January"
    assert "Bay 1: 1 order" in told["message"]
    assert "Bay 2" not in told["message"]


async def test_more_orders_than_a_page_holds_are_all_counted(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    summary: str,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = order_views.page
    monkeypatch.setattr(
        order_views, "page", lambda *a, **kw: whole(*a, **(kw | {"limit": 2}))
    )
    for _ in range(5):
        await paid(hass, bays)
    await let_pass(hass, freezer, 3100, clock, step_s=600)
    await evening(hass, freezer, clock)
    assert "5 sessions, 50 minutes" in phone.told[0]["message"]
