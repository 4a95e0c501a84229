"""What bays and sites took and delivered."""

from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import NonCallableMagicMock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    ServiceCall,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from sqlalchemy import Connection

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import RefundFact
from custom_components.paybay.domain.orders import OrderState, PaidBy
from custom_components.paybay.ledger import LedgerError, orders
from custom_components.paybay.walk_ins import Sale

from .entries import BAY_1, BAY_2, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of, untouched

LIVE_KEY = "rzp_live_paybay00000001"
REVENUE = "sensor.bay_1_revenue"
REVENUE_TODAY = "sensor.bay_1_revenue_today"
SESSIONS_TODAY = "sensor.bay_1_sessions_today"
TIME_TODAY = "sensor.bay_1_charging_time_today"
SITE_TODAY = "sensor.razorpay_test_revenue_today"
WAITING = "sensor.razorpay_test_orders_waiting"
PROBLEM = "binary_sensor.bay_1_problem"


@pytest.fixture
async def live_site(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Set up a site with two bays that takes real money, at ten in the morning."""
    begin = dt_util.start_of_local_day() + timedelta(days=1, hours=10)
    freezer.move_to(begin)
    clock.start_ms = int(begin.timestamp() * 1000)
    site_provider.test_mode = False
    entry = make_entry(bays=[BAY_1, BAY_2], key_id=LIVE_KEY, refund_budget="500.00")
    return await set_up(hass, entry)


def shown(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state
    return state


async def new_day(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, clock: ObedientClock
) -> datetime:
    """Let it become the next midnight, and return that."""
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    freezer.move_to(midnight)
    clock.gone_ms = int(midnight.timestamp() * 1000) - clock.start_ms
    async_fire_time_changed(hass, midnight)
    await hass.async_block_till_done(wait_background_tasks=True)
    return midnight


async def test_sale_shows_as_money_at_its_bay_and_at_the_site(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    assert [state_of(hass, e) for e in (REVENUE, REVENUE_TODAY)] == ["0.00", "0.00"]
    await paid(hass, live_site)
    await paid(hass, live_site, bay_id="bay_2", plan="hour_pass")
    await clock.pass_by(hass, 2)
    await settled(hass, live_site)
    assert state_of(hass, REVENUE) == state_of(hass, REVENUE_TODAY) == "10.00"
    assert state_of(hass, SITE_TODAY) == "60.00"
    assert shown(hass, REVENUE).attributes["unit_of_measurement"] == "INR"


async def test_session_counts_when_it_begins_and_its_time_when_it_ends(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, live_site)
    await clock.pass_by(hass, 300)
    await settled(hass, live_site)
    assert (state_of(hass, SESSIONS_TODAY), state_of(hass, TIME_TODAY)) == ("1", "0.0")
    await clock.pass_by(hass, 310)
    await settled(hass, live_site)
    assert (state_of(hass, SESSIONS_TODAY), state_of(hass, TIME_TODAY)) == ("1", "10.0")


async def test_top_up_is_a_session_of_its_own(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, live_site)
    await paid(hass, live_site)
    await clock.pass_by(hass, 1210)
    await settled(hass, live_site)
    assert (state_of(hass, SESSIONS_TODAY), state_of(hass, TIME_TODAY)) == ("2", "20.0")
    assert state_of(hass, REVENUE_TODAY) == "20.00"


async def test_what_went_back_is_no_revenue(
    hass: HomeAssistant,
    live_site: MockConfigEntry,
    clock: ObedientClock,
    site_provider: NonCallableMagicMock,
) -> None:
    def refund(payment_id: str, amount: Money, key: str) -> RefundFact:
        fact = replace(untouched(payment_id), refunded_minor=amount.minor)
        site_provider.fetch_payment.side_effect = [fact] * 9
        return RefundFact(
            id="rfnd_1",
            payment_id=payment_id,
            amount=amount,
            status="processed",
            key=key,
        )

    site_provider.refund.side_effect = refund
    await paid(hass, live_site)
    await clock.pass_by(hass, 360)
    switch = {"entity_id": "switch.bay_1"}
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await settled(hass, live_site)
    await clock.pass_by(hass, 5)
    await settled(hass, live_site)
    shown = {state_of(hass, each) for each in (REVENUE, REVENUE_TODAY, SITE_TODAY)}
    assert shown == {"6.00"}


async def test_cash_is_shown_by_itself(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, live_site)
    cash = replace(
        order,
        id="ord_cash",
        watch_code="cash",
        link_id=None,
        state=OrderState.COMPLETED,
        paid_by=PaidBy.CASH,
    )

    def store(connection: Connection) -> None:
        orders.add(connection, cash)
        then = {"paid_ms": clock.now_ms(), "cash_back_minor": 250}
        orders.change(connection, cash.id, **then)

    await live_site.runtime_data.ledger.run(store)
    await clock.pass_by(hass, 5)
    await settled(hass, live_site)
    assert state_of(hass, "sensor.razorpay_test_cash_today") == "7.50"
    assert state_of(hass, SITE_TODAY) == "10.00"


async def test_cash_that_queues_shows_before_it_is_served(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, live_site)
    await clock.pass_by(hass, 5)
    site = live_site.runtime_data
    sale = Sale(paid_by=PaidBy.CASH)
    order = await site.walk_ins.sell(site.bays["bay_1"], "ten_min", sale)
    assert order.state is OrderState.PAID
    await clock.pass_by(hass, 5)
    await settled(hass, live_site)
    assert state_of(hass, "sensor.razorpay_test_cash_today") == "10.00"


async def test_test_mode_is_kept_out_of_revenue_and_shows_the_rest(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    await clock.pass_by(hass, 610)
    await settled(hass, site_entry)
    assert state_of(hass, REVENUE) == state_of(hass, SITE_TODAY) == "0.00"
    assert state_of(hass, SESSIONS_TODAY) == "1"


async def test_a_new_day_begins_at_nothing_and_forgets_no_total(
    hass: HomeAssistant,
    live_site: MockConfigEntry,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await paid(hass, live_site)
    await clock.pass_by(hass, 610)
    before = shown(hass, REVENUE_TODAY).attributes["last_reset"]
    midnight = await new_day(hass, freezer, clock)
    assert state_of(hass, REVENUE_TODAY) == state_of(hass, SITE_TODAY) == "0.00"
    assert (state_of(hass, SESSIONS_TODAY), state_of(hass, TIME_TODAY)) == ("0", "0.0")
    assert state_of(hass, REVENUE) == "10.00"
    for daily in (REVENUE_TODAY, SITE_TODAY, SESSIONS_TODAY, TIME_TODAY):
        reset = dt_util.parse_datetime(shown(hass, daily).attributes["last_reset"])
        assert reset == midnight
    assert before != midnight.isoformat()
    assert "last_reset" not in shown(hass, REVENUE).attributes


async def test_the_last_moment_of_a_day_counts_for_that_day(
    hass: HomeAssistant,
    live_site: MockConfigEntry,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Long-term statistics know a day by what its sensor said last."""
    begins = shown(hass, REVENUE_TODAY).attributes["last_reset"]
    last = dt_util.start_of_local_day() + timedelta(days=1, seconds=-1)
    freezer.move_to(last)
    await clock.pass_by(hass, last.timestamp() - clock.now_ms() / 1000)
    told = async_capture_events(hass, EVENT_STATE_CHANGED)
    await paid(hass, live_site)
    await new_day(hass, freezer, clock)
    changes = [each.data["new_state"] for each in told]
    of_day = [
        state.state
        for state in changes
        if state.entity_id == REVENUE_TODAY and state.attributes["last_reset"] == begins
    ]
    assert of_day == ["10.00"]
    assert state_of(hass, REVENUE_TODAY) == "0.00"


async def test_session_over_midnight_counts_once(
    hass: HomeAssistant,
    live_site: MockConfigEntry,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    before_midnight = 13.5 * 3600
    freezer.tick(before_midnight)
    await clock.pass_by(hass, before_midnight)
    await paid(hass, live_site, plan="hour_pass", created_s=clock.now_ms() // 1000)
    await clock.pass_by(hass, 5)
    await settled(hass, live_site)
    assert state_of(hass, SESSIONS_TODAY) == "1"
    await new_day(hass, freezer, clock)
    assert state_of(hass, SESSIONS_TODAY) == "0"
    await clock.pass_by(hass, 3600)
    await settled(hass, live_site)
    assert state_of(hass, BAY_1.relay) == "off"
    assert state_of(hass, SESSIONS_TODAY) == "0"
    assert state_of(hass, TIME_TODAY) == "60.0"


async def test_takings_of_a_removed_bay_stay_in_the_sites(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, live_site, bay_id="bay_2", plan="hour_pass")
    await clock.pass_by(hass, 3610)
    hass.config_entries.async_remove_subentry(live_site, "bay_2")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get("sensor.bay_2_revenue") is None
    assert state_of(hass, SITE_TODAY) == "50.00"


async def test_takings_are_unavailable_while_the_ledger_cannot_be_read(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    with patch(
        "custom_components.paybay.takings.snapshot", side_effect=LedgerError("gone")
    ):
        await paid(hass, live_site)
        await clock.pass_by(hass, 5)
        await settled(hass, live_site)
        assert state_of(hass, REVENUE) == state_of(hass, SITE_TODAY) == "unavailable"
    await clock.pass_by(hass, 61)
    await settled(hass, live_site)
    assert state_of(hass, REVENUE) == "10.00"


async def test_nothing_ticks_in_the_takings(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, live_site, plan="hour_pass")
    await clock.pass_by(hass, 5)
    await settled(hass, live_site)
    changes: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        changes.append(event.data["entity_id"])

    hass.bus.async_listen("state_changed", note)
    await clock.pass_by(hass, 1800)
    await settled(hass, live_site)
    assert changes == []


async def test_paid_orders_in_line_are_counted(
    hass: HomeAssistant, live_site: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, live_site)
    assert state_of(hass, WAITING) == "0"
    await paid(hass, live_site)
    await paid(hass, live_site)
    assert state_of(hass, WAITING) == "2"
    await clock.pass_by(hass, 601)
    await settled(hass, live_site)
    assert state_of(hass, WAITING) == "1"


async def test_problem_is_on_when_the_relay_does_not_obey(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    async def broken(_call: ServiceCall) -> None:
        raise HomeAssistantError

    assert state_of(hass, PROBLEM) == "off"
    hass.services.async_register("input_boolean", "turn_on", broken)
    await paid(hass, site_entry)
    assert state_of(hass, PROBLEM) == "on"


async def test_problem_is_unknown_while_the_relay_is_out_of_reach(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    hass.states.async_remove(BAY_1.relay)
    await settled(hass, site_entry)
    assert state_of(hass, PROBLEM) == "unknown"


async def test_only_noise_is_disabled_and_only_machinery_is_diagnostic(
    hass: HomeAssistant, live_site: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    found = er.async_entries_for_config_entry(entity_registry, live_site.entry_id)
    keys = {e.translation_key: e for e in found}
    assert {key for key, e in keys.items() if e.disabled_by} == {
        "bad_signatures",
        "missed_payments",
    }
    assert {key for key, e in keys.items() if e.entity_category == "diagnostic"} == {
        "bad_signatures",
        "last_verified_webhook",
        "missed_payments",
        "provider_reachable",
        "reconcile",
    }
    config = {key for key, e in keys.items() if e.entity_category == "config"}
    assert config == {"in_service"}
