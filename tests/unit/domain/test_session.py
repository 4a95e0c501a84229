"""The one thing to do next, decided from values alone."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.paybay.domain.actions import (
    Action,
    Adopt,
    End,
    Extend,
    GiveUp,
    HandOver,
    Pause,
    Start,
    StopDevice,
    SwitchOff,
    Wait,
)
from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import ClaimedBy, Order, OrderState
from custom_components.paybay.domain.relays import (
    OUT_OF_REACH,
    DeviceAccount,
    DeviceOutcome,
    RelayReport,
)
from custom_components.paybay.domain.session import decide
from custom_components.paybay.domain.view import DEVICE_GRACE_MS, Stretch, View

CONFIG = BayConfig(id="bay", name="Bay", relay="switch.bay", plan_codes=("plan",))
ON = RelayReport(contact=True, on=True)
OFF = RelayReport(contact=True, on=False)


def order(order_id: str = "first", **changes: Any) -> Order:
    """Return a paid order of a minute."""
    return replace(
        Order(
            id=order_id,
            site_id="site",
            bay_id="bay",
            plan_code="plan",
            plan_name="Plan",
            price=Money(1000, "INR"),
            owed_ms=60_000,
            state=OrderState.PAID,
            watch_code="watch",
            created_ms=0,
            offer_ends_ms=0,
        ),
        **changes,
    )


FIRST = order(state=OrderState.CHARGING)
SECOND = order("second")
JOINED = replace(SECOND, session_id="first")


def stretch(elapsed_ms: int, **changes: Any) -> Stretch:
    """Return the proven stretch of the first order's minute."""
    whole = Stretch(
        planned_ms=60_000,
        elapsed_ms=elapsed_ms,
        known_ms=0,
        proven=True,
        session_id="first",
        granted_ms=60_000,
    )
    return replace(whole, **changes)


def device(left_ms: int, **changes: Any) -> RelayReport:
    """Return what a device says that runs the first order's session."""
    running = RelayReport(
        contact=True, on=True, order_id="first", remaining_ms=left_ms, ran_ms=0
    )
    return replace(running, **changes)


def ended(outcome: DeviceOutcome, ran_ms: int) -> RelayReport:
    """Return what a device says that has ended the first order's session."""
    account = DeviceAccount(order_id="first", outcome=outcome, ran_ms=ran_ms)
    return RelayReport(contact=True, on=False, account=account)


def charging(elapsed_ms: int, *queue: Order, **changes: Any) -> View:
    """Return the view of a plain switch that is on for the first order."""
    view = View(
        config=CONFIG,
        report=ON,
        keeps_time=False,
        order=FIRST,
        stretch=stretch(elapsed_ms),
        queue=queue,
    )
    return replace(view, **changes)


# The session's end follows the queue


def test_who_queues_joins_and_the_relay_is_to_stay_on_for_all() -> None:
    assert decide(charging(20_000, SECOND)) == Extend(120_000, (SECOND,))


def test_session_that_lasts_long_enough_waits_for_its_seam() -> None:
    view = charging(20_000, JOINED, stretch=stretch(20_000, granted_ms=120_000))
    assert decide(view) == Wait(40_000)


def test_who_takes_the_place_of_another_joins_though_the_end_is_the_same() -> None:
    view = charging(20_000, SECOND, stretch=stretch(20_000, granted_ms=120_000))
    assert decide(view) == Extend(120_000, (SECOND,))


def test_session_is_shortened_when_nobody_queues_any_more() -> None:
    view = charging(20_000, stretch=stretch(20_000, granted_ms=120_000))
    assert decide(view) == Extend(60_000)


def test_device_that_forgot_its_longer_end_is_told_again() -> None:
    forgot = stretch(20_000, granted_ms=120_000, given_ms=60_000)
    view = charging(
        20_000, JOINED, keeps_time=True, report=device(40_000), stretch=forgot
    )
    assert decide(view) == Extend(120_000)


def test_device_that_counts_whole_seconds_is_left_alone() -> None:
    close = stretch(20_000, granted_ms=120_000, given_ms=119_000)
    view = charging(
        20_000, JOINED, keeps_time=True, report=device(99_000), stretch=close
    )
    assert decide(view) == Wait(40_000)


def test_extension_that_failed_rests_but_not_beyond_the_seam() -> None:
    failed = stretch(20_000, extend_in_ms=5_000)
    assert decide(charging(20_000, JOINED, stretch=failed)) == Wait(5_000)
    failed = stretch(58_000, extend_in_ms=5_000)
    assert decide(charging(58_000, JOINED, stretch=failed)) == Wait(2_000)


def test_what_the_device_cannot_take_is_not_asked_for() -> None:
    third = order("third")
    report = RelayReport(contact=True, on=True, max_ms=120_000)
    view = charging(20_000, SECOND, third, report=report)
    assert decide(view) == Extend(120_000, (SECOND,))


# The seam


def test_next_order_takes_over_at_the_end_of_the_first() -> None:
    view = charging(60_000, JOINED, stretch=stretch(60_000, granted_ms=120_000))
    assert decide(view) == HandOver(JOINED)


def test_who_only_queues_does_not_take_over() -> None:
    assert decide(charging(60_000, SECOND)) == End(60_000, "time_up", complete=True)


def test_start_is_proven_before_it_is_handed_over() -> None:
    unproven = stretch(60_000, granted_ms=120_000, proven=False)
    assert decide(charging(60_000, JOINED, stretch=unproven)) == Adopt()


def test_device_in_the_next_orders_time_is_handed_over() -> None:
    past = stretch(60_000, granted_ms=120_000, given_ms=120_000)
    view = charging(
        60_000, JOINED, keeps_time=True, report=device(60_000), stretch=past
    )
    assert decide(view) == HandOver(JOINED)


@pytest.mark.parametrize(
    ("outcome", "ran_ms", "action"),
    [
        (DeviceOutcome.INTERRUPTED, 90_000, HandOver(JOINED)),
        (DeviceOutcome.STOPPED, 90_000, HandOver(JOINED)),
        (DeviceOutcome.FAULT, 90_000, HandOver(JOINED)),
        (DeviceOutcome.COMPLETED, 120_000, HandOver(JOINED)),
        (DeviceOutcome.INTERRUPTED, 50_000, Pause(50_000, "interrupted")),
        (DeviceOutcome.STOPPED, 50_000, End(50_000, "switched_off", complete=False)),
        (DeviceOutcome.FAULT, 50_000, End(50_000, "device_fault", complete=False)),
        (DeviceOutcome.COMPLETED, 59_000, End(60_000, "time_up", complete=True)),
    ],
)
def test_account_of_a_session_is_split_at_the_seam(
    outcome: DeviceOutcome, ran_ms: int, action: Action
) -> None:
    view = charging(
        10_000,
        JOINED,
        keeps_time=True,
        report=ended(outcome, ran_ms),
        stretch=stretch(10_000, granted_ms=120_000),
    )
    assert decide(view) == action


def test_rest_of_a_split_account_is_the_next_orders() -> None:
    view = charging(
        10_000,
        order=replace(SECOND, state=OrderState.CHARGING),
        keeps_time=True,
        report=ended(DeviceOutcome.STOPPED, 90_000),
        stretch=stretch(10_000, offset_ms=60_000, granted_ms=120_000),
    )
    assert decide(view) == End(30_000, "switched_off", complete=False)


# Stops


def test_device_is_asked_to_stop_and_its_account_ends_the_order() -> None:
    stopping = replace(FIRST, stop_reason="customer")
    view = charging(20_000, order=stopping, keeps_time=True, report=device(40_000))
    assert decide(view) == StopDevice()
    told = replace(view, report=ended(DeviceOutcome.STOPPED, 21_000))
    assert decide(told) == End(21_000, "customer", complete=False)


def test_plain_switch_is_stopped_as_of_now() -> None:
    stopping = replace(FIRST, stop_reason="customer")
    view = charging(20_000, order=stopping)
    assert decide(view) == End(20_000, "customer", complete=False)


def test_stop_of_a_device_out_of_reach_waits_until_the_end_it_was_given() -> None:
    stopping = replace(FIRST, stop_reason="stopped_by_owner")
    view = charging(20_000, order=stopping, keeps_time=True, report=OUT_OF_REACH)
    assert decide(view) == Wait(40_000)
    over = replace(view, stretch=stretch(60_000))
    assert decide(over) == End(60_000, "unreported", complete=True, unreported=True)


def test_stop_of_an_order_that_never_began_needs_no_device() -> None:
    stopping = replace(FIRST, state=OrderState.PAID, stop_reason="stopped_by_owner")
    unproven = stretch(1_000, proven=False)
    view = charging(1_000, order=stopping, report=OFF, stretch=unproven)
    assert decide(view) == End(0, "stopped_by_owner", complete=False)


def test_stop_that_comes_at_the_end_takes_nothing_away() -> None:
    stopping = replace(FIRST, stop_reason="customer")
    view = charging(60_000, order=stopping, report=OFF, stretch=stretch(60_000))
    assert decide(view) == End(60_000, "time_up", complete=True)


# A clock that stands before what the ledger knows


def waiting(**changes: Any) -> View:
    """Return the view of a bay where a paid order waits."""
    view = View(
        config=CONFIG,
        report=OFF,
        keeps_time=False,
        waiting=SECOND,
        queue=(SECOND,),
        start_window_ms=300_000,
    )
    return replace(view, **changes)


def test_order_is_neither_started_nor_given_up_while_the_clock_is_behind() -> None:
    assert decide(waiting(clock_behind=True)) == Wait(300_000)
    assert decide(waiting()) == Start(SECOND, 60_000, ClaimedBy.DIRECT)


def test_claimed_order_is_held_as_well_while_the_clock_is_behind() -> None:
    claimed = replace(SECOND, claimed_by=ClaimedBy.SWITCH)
    assert decide(waiting(waiting=claimed, clock_behind=True)) == Wait(300_000)


def test_relay_is_not_on_for_an_order_that_is_held() -> None:
    assert decide(waiting(report=ON, clock_behind=True)) == SwitchOff()


def test_order_that_was_held_for_a_whole_window_is_given_up() -> None:
    view = waiting(clock_behind=True, start_window_ms=0)
    assert decide(view) == GiveUp(SECOND, "start_window")


# Energy


def test_order_that_had_its_energy_ends_as_served() -> None:
    view = charging(20_000, energy_left_mwh=0)
    assert decide(view) == End(20_000, "energy_used", complete=True)
    assert decide(charging(20_000, energy_left_mwh=1)) == Wait(40_000)


def test_time_ends_an_order_whose_energy_ends_at_the_same_moment() -> None:
    view = charging(60_000, energy_left_mwh=0)
    assert decide(view) == End(60_000, "time_up", complete=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"report": OUT_OF_REACH},
        {"report": OFF},
        {"stretch": stretch(20_000, proven=False)},
    ],
    ids=["out_of_reach", "off", "unproven"],
)
def test_energy_ends_only_what_is_seen_to_run(changes: dict[str, Any]) -> None:
    action = decide(charging(20_000, energy_left_mwh=0, **changes))
    assert action != End(20_000, "energy_used", complete=True)


def test_paused_order_that_had_its_energy_is_not_resumed() -> None:
    paused = replace(FIRST, state=OrderState.PAUSED, energy_wh=1, ran_mwh=1_000)
    view = View(config=CONFIG, report=OFF, keeps_time=False, order=paused)
    assert decide(view) == End(0, "energy_used", complete=True)


def test_queue_of_an_order_that_had_its_energy_is_not_handed_over() -> None:
    held = stretch(20_000, granted_ms=120_000)
    view = charging(20_000, JOINED, stretch=held, energy_left_mwh=0)
    assert decide(view) == End(20_000, "energy_used", complete=True)


def test_device_that_hangs_past_its_end_is_ended_after_its_grace() -> None:
    view = charging(0, keeps_time=True, report=device(0))
    late = replace(view, stretch=stretch(60_000 + DEVICE_GRACE_MS))
    assert decide(replace(view, stretch=stretch(60_000))) == Wait(DEVICE_GRACE_MS)
    assert decide(late) == End(60_000, "time_up", complete=True)
