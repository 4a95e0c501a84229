"""From a paid order to a relay that was on for what was paid."""

from unittest.mock import Mock

import pytest

from custom_components.paybay.domain.bay import BayStatus, ClaimFallback, StartMode
from custom_components.paybay.domain.happenings import What
from custom_components.paybay.domain.orders import ClaimedBy, OrderState
from custom_components.paybay.ledger import LedgerError, sessions

from .conftest import MakeWorld
from .world import World


async def test_paid_order_runs_for_exactly_what_was_paid(world: World) -> None:
    order = await world.paid_order()
    assert world.relay.on
    assert world.bay.face.status is BayStatus.CHARGING
    assert world.bay.face.ends_ms == world.clock.wall_ms + 600_000
    await world.advance(599_999)
    assert world.relay.on
    await world.advance(3_000)
    assert not world.relay.on
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert await world.stretches(order) == [(600_000, "time_up")]
    assert await world.due(order) == []
    assert world.heard() == [What.SESSION_STARTED, What.SESSION_ENDED]
    assert world.bay.face.status is BayStatus.AVAILABLE


async def test_payment_seen_many_times_is_served_once(world: World) -> None:
    order = await world.order()
    notice = world.captured(order)
    for _ in range(5):
        await world.intake.take(notice)
        await world.bay.settle()
    await world.advance(2_000_000)
    assert world.relay.on_ms() == 600_000


async def test_relay_without_proof_is_given_up_and_owed_back(world: World) -> None:
    world.relay.dead = True
    order = await world.paid_order()
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    assert await world.due(order) == [(1000, "no_proof")]
    assert world.bay.face.status is BayStatus.PROBLEM
    assert world.heard() == [What.ORDER_UNDELIVERED]


async def test_order_longer_than_the_device_allows_is_owed_back_and_blocks_nobody(
    device_world: World,
) -> None:
    world = device_world
    world.relay.max_ms = 3_600_000
    order = await world.paid_order(3_600_001)
    assert world.relay.switchings == []
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    assert await world.due(order) == [(1000, "too_long")]
    assert world.bay.face.status is BayStatus.AVAILABLE
    longest = await world.paid_order(3_600_000)
    assert (await world.now(longest)).state is OrderState.CHARGING


async def test_offline_bay_starts_when_it_is_back_in_time(world: World) -> None:
    world.relay.lose()
    order = await world.paid_order()
    assert (await world.now(order)).state is OrderState.PAID
    await world.advance(200_000)
    world.relay.find()
    await world.advance(700_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert world.relay.on_ms() == 600_000


async def test_offline_bay_never_starts_late(world: World) -> None:
    world.relay.lose()
    order = await world.paid_order()
    await world.advance(300_001)
    world.relay.find()
    await world.advance(10_000)
    assert world.relay.switchings == []
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    assert await world.due(order) == [(1000, "start_window")]


async def test_kill_before_the_relay_is_on_loses_nothing(world: World) -> None:
    order = await world.order()
    await world.intake.take(world.captured(order))
    await world.kill(down_ms=20_000)
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_kill_while_charging_gives_exactly_what_is_left(world: World) -> None:
    order = await world.paid_order()
    await world.advance(100_000)
    await world.kill(down_ms=50_000)
    assert world.relay.on
    await world.advance(449_999)
    assert world.relay.on
    await world.advance(3_000)
    assert not world.relay.on
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_relay_is_known_to_be_rightly_on_once_the_ledger_was_read(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, confirm = switch_world, Mock()
    monkeypatch.setattr(world.relay, "confirm", confirm, raising=False)
    await world.paid_order()
    confirm.reset_mock()
    with monkeypatch.context() as patch:
        patch.setattr(sessions, "desk", Mock(side_effect=LedgerError("locked")))
        await world.kill(down_ms=1_000)
        await world.advance(20_000)
        confirm.assert_not_called()
    await world.advance(5_000)
    confirm.assert_called()
    await world.advance(600_000)
    confirm.reset_mock()
    world.relay.flip(on=True)
    await world.advance(10_000)
    confirm.assert_not_called()


async def test_plain_switch_past_its_end_is_off_as_soon_as_we_are_back(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.kill(down_ms=800_000)
    assert not world.relay.on
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_device_ends_on_time_while_we_are_away(device_world: World) -> None:
    world = device_world
    order = await world.paid_order()
    await world.kill(down_ms=800_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_relay_found_off_after_a_restart_counts_to_the_checkpoint(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay._watchers.clear()
    world.relay.flip(on=False)
    await world.kill(down_ms=30_000)
    assert await world.stretches(order) == [(90_000, "relay_off"), (0, None)]
    await world.advance(600_000)
    assert await world.stretches(order) == [
        (90_000, "relay_off"),
        (510_000, "time_up"),
    ]


async def test_relay_found_off_hours_later_stays_off(switch_world: World) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(60_000)
    world.relay._watchers.clear()
    world.relay.flip(on=False)
    await world.kill(down_ms=5 * 3_600_000)
    assert not world.relay.on
    assert (await world.now(order)).state is OrderState.STOPPED
    assert await world.due(order) == [(900, "not_resumed")]


async def test_device_that_crashed_is_resumed_with_the_rest(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.crash()
    await world.advance(60_000)
    assert world.bay.face.status is BayStatus.OFFLINE
    assert (await world.now(order)).state is OrderState.CHARGING
    world.relay.find()
    await world.advance(600_000)
    assert world.relay.on_ms() == 600_000
    assert await world.stretches(order) == [
        (100_000, "interrupted"),
        (500_000, "time_up"),
    ]


async def test_device_lost_for_good_counts_as_delivered_and_is_reported(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    world.relay.lose()
    await world.advance(1_200_001)
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert world.told[-1].reason == "unreported"


async def test_human_who_switches_off_is_retried_once_then_left_alone(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.flip(on=False)
    await world.bay.settle()
    assert world.relay.on
    world.relay.flip(on=False)
    await world.bay.settle()
    assert not world.relay.on
    assert world.bay.face.status is BayStatus.PAUSED
    await world.advance(100_000)
    world.relay.flip(on=True)
    await world.advance(500_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_interrupted_session_nobody_resumes_owes_the_rest(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(150_000)
    for _ in range(2):
        world.relay.flip(on=False)
        await world.bay.settle()
    await world.advance(600_000)
    assert (await world.now(order)).state is OrderState.STOPPED
    assert await world.due(order) == [(750, "not_resumed")]


async def test_relay_on_for_nobody_is_switched_off_and_reported(world: World) -> None:
    world.relay.flip(on=True)
    await world.bay.settle()
    assert not world.relay.on
    assert world.heard() == [What.RELAY_STRAY]


async def test_relay_that_will_not_go_off_is_reported_and_tried_again(
    switch_world: World,
) -> None:
    world = switch_world
    await world.paid_order()
    world.relay.welded = True
    await world.advance(600_000)
    assert world.bay.face.status is BayStatus.PROBLEM
    assert world.heard()[-1] is What.RELAY_STUCK
    world.relay.welded = False
    await world.advance(5_000)
    assert not world.relay.on
    assert world.bay.face.status is BayStatus.AVAILABLE


async def test_second_payer_is_served_after_the_first(world: World) -> None:
    first = await world.paid_order()
    await world.advance(100_000)
    second = await world.paid_order()
    await world.advance(1_200_000)
    assert world.relay.on_ms() == 1_200_000
    for order in (first, second):
        assert (await world.now(order)).state is OrderState.COMPLETED


async def test_queue_in_automation_mode_goes_on_after_the_first(
    make_world: MakeWorld,
) -> None:
    world = await make_world(
        start_mode=StartMode.AUTOMATION, claim_fallback=ClaimFallback.REFUND
    )
    await world.paid_order()
    await world.bay.start(None, ClaimedBy.SWITCH)
    second = await world.paid_order()
    await world.advance(1_300_000)
    assert (await world.now(second)).state is OrderState.COMPLETED
    assert (await world.now(second)).claimed_by is ClaimedBy.QUEUE


async def test_bay_that_would_not_start_is_given_another_chance(
    switch_world: World,
) -> None:
    world = switch_world
    world.relay.dead = True
    await world.paid_order()
    assert world.bay.face.status is BayStatus.PROBLEM
    await world.advance(599_999)
    assert world.bay.face.status is BayStatus.PROBLEM
    await world.advance(1)
    assert world.bay.face.status is BayStatus.AVAILABLE


async def test_bay_that_was_away_is_no_longer_a_problem(switch_world: World) -> None:
    world = switch_world
    world.relay.dead = True
    await world.paid_order()
    world.relay.lose()
    await world.bay.settle()
    world.relay.find()
    await world.bay.settle()
    assert world.bay.face.status is BayStatus.AVAILABLE


async def test_driver_with_a_bug_is_a_problem_of_its_bay_alone(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = switch_world

    async def fail(*_: object) -> bool:
        raise ValueError

    monkeypatch.setattr(world.relay, "start", fail)
    order = await world.paid_order()
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    assert await world.due(order) == [(1000, "driver_error")]
    monkeypatch.undo()
    await world.advance(600_000)
    second = await world.paid_order()
    monkeypatch.setattr(world.relay, "stop", fail)
    await world.advance(600_000)
    assert (await world.now(second)).state is OrderState.COMPLETED
    assert world.heard()[-1] is What.RELAY_STUCK
    monkeypatch.undo()
    await world.advance(5_000)
    assert not world.relay.on


async def test_device_that_still_runs_an_ended_order_is_stopped_for_the_next(
    device_world: World,
) -> None:
    world = device_world
    await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    world.relay._ends_ms += 3_600_000
    await world.advance(1_200_000)
    second = await world.paid_order()
    world.relay.find()
    await world.advance(1_000)
    assert world.relay.report().order_id == second.id
    assert (await world.now(second)).state is OrderState.CHARGING


async def test_device_that_hangs_at_its_end_is_ended(device_world: World) -> None:
    world = device_world
    order = await world.paid_order()
    world.relay._ends_ms += 3_600_000
    world.relay.hung = True
    await world.advance(610_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert not world.relay.on


async def test_queue_is_given_back_when_the_session_is_stopped(world: World) -> None:
    first = await world.paid_order()
    second = await world.paid_order()
    await world.advance(300_000)
    await world.bay.stop("stopped_by_owner")
    assert not world.relay.on
    assert await world.due(first) == [(500, "stopped_by_owner")]
    assert await world.due(second) == [(1000, "queue_broken")]


async def test_queue_behind_a_session_long_over_does_not_start_late(
    world: World,
) -> None:
    await world.paid_order()
    world.relay.lose()
    second = await world.paid_order()
    world.relay.contact = True
    await world.kill(down_ms=5 * 3_600_000)
    assert (await world.now(second)).state is OrderState.UNDELIVERED
    assert not world.relay.on


async def test_automation_claims_by_the_bays_switch(make_world: MakeWorld) -> None:
    world = await make_world(start_mode=StartMode.AUTOMATION)
    order = await world.paid_order()
    assert not world.relay.on
    started = await world.bay.start(None, ClaimedBy.SWITCH)
    assert started.id == order.id
    assert started.claimed_by is ClaimedBy.SWITCH
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000


async def test_order_that_was_named_goes_before_the_first(
    make_world: MakeWorld,
) -> None:
    world = await make_world(start_mode=StartMode.AUTOMATION)
    await world.paid_order()
    second = await world.paid_order()
    started = await world.bay.start(second.id, ClaimedBy.ACTION)
    assert started.id == second.id
    assert started.state is OrderState.CHARGING


async def test_automation_claims_by_the_relay_itself(make_world: MakeWorld) -> None:
    world = await make_world(start_mode=StartMode.AUTOMATION)
    order = await world.paid_order()
    await world.advance(2_000)
    world.relay.flip(on=True)
    await world.bay.settle()
    assert (await world.now(order)).claimed_by is ClaimedBy.RELAY
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000


async def test_order_nobody_claims_is_started_by_paybay(make_world: MakeWorld) -> None:
    world = await make_world(start_mode=StartMode.AUTOMATION)
    order = await world.paid_order()
    await world.advance(9_999)
    assert not world.relay.on
    await world.advance(1)
    assert world.relay.on
    assert (await world.now(order)).claimed_by is ClaimedBy.FALLBACK


async def test_order_nobody_claims_is_owed_back_if_the_owner_says_so(
    make_world: MakeWorld,
) -> None:
    world = await make_world(
        start_mode=StartMode.AUTOMATION, claim_fallback=ClaimFallback.REFUND
    )
    order = await world.paid_order()
    await world.advance(10_000)
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    assert await world.due(order) == [(1000, "unclaimed")]
    world.relay.flip(on=True)
    await world.advance(1_000)
    assert not world.relay.on


async def test_wall_clock_set_back_does_not_lengthen_a_session(world: World) -> None:
    await world.paid_order()
    await world.advance(100_000)
    world.clock.wall_ms -= 3_600_000
    await world.advance(503_000)
    assert world.relay.on_ms() == 600_000
