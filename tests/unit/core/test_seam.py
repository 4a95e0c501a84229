"""One order after the other, the relay staying on: nothing lost at the seam."""

import asyncio

import pytest

from custom_components.paybay.domain.bay import BayStatus
from custom_components.paybay.domain.happenings import What
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.domain.relays import DeviceOutcome
from custom_components.paybay.ledger import LedgerError, deliveries, sessions

from .world import World


def on_once(world: World) -> bool:
    """Whether the relay went on once and off once at most."""
    return [on for _, on in world.relay.switchings] in ([True], [True, False])


async def test_relay_stays_on_across_the_seam(world: World) -> None:
    first = await world.paid_order()
    await world.advance(100_000)
    second = await world.paid_order(300_000)
    assert world.bay.face.ends_ms == world.clock.wall_ms + 800_000
    assert world.bay.face.order_ends_ms == world.clock.wall_ms + 500_000
    await world.advance(500_000)
    assert world.bay.face.order_id == second.id
    assert world.bay.face.status is BayStatus.CHARGING
    await world.advance(303_000)
    assert on_once(world)
    assert world.relay.on_ms() == 900_000
    assert await world.stretches(first) == [(600_000, "time_up")]
    assert await world.stretches(second) == [(300_000, "time_up")]
    assert world.heard() == [
        What.SESSION_STARTED,
        What.SESSION_ENDED,
        What.SESSION_STARTED,
        What.SESSION_ENDED,
    ]


async def test_many_orders_are_served_first_in_first_out(world: World) -> None:
    orders = [await world.paid_order(60_000 * n) for n in (2, 1, 3, 1)]
    for order in orders:
        assert world.bay.face.order_id == order.id
        await world.advance(order.owed_ms)
    await world.advance(3_000)
    assert on_once(world)
    assert world.relay.on_ms() == 420_000
    for order in orders:
        assert await world.stretches(order) == [(order.owed_ms, "time_up")]


async def test_two_payments_at_the_same_moment_are_one_session(world: World) -> None:
    orders = [await world.order(60_000) for _ in range(2)]
    notices = [world.captured(order) for order in orders]
    await asyncio.gather(*(world.intake.take(notice) for notice in notices))
    await world.advance(123_000)
    assert on_once(world)
    assert world.relay.on_ms() == 120_000
    for order in orders:
        assert (await world.now(order)).state is OrderState.COMPLETED


async def test_device_holds_the_new_end_before_its_present_one(
    device_world: World,
) -> None:
    world = device_world
    await world.paid_order()
    await world.advance(599_000)
    await world.paid_order()
    assert world.relay.report().remaining_ms == 601_000
    await world.advance(1_000)
    assert world.relay.on


async def test_payment_one_second_before_the_end_goes_on_without_a_gap(
    world: World,
) -> None:
    await world.paid_order()
    await world.advance(599_000)
    second = await world.paid_order()
    await world.advance(603_000)
    assert on_once(world)
    assert world.relay.on_ms() == 1_200_000
    assert (await world.now(second)).state is OrderState.COMPLETED


async def test_refused_extension_starts_the_next_order_anew(
    device_world: World,
) -> None:
    world = device_world
    world.relay.no_extension = "refused"
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(1_210_000)
    assert [on for _, on in world.relay.switchings] == [True, False, True, False]
    assert world.relay.on_ms() == 1_200_000
    for order in (first, second):
        assert await world.stretches(order) == [(600_000, "time_up")]


async def test_extension_that_worked_without_proof_is_not_paid_twice(
    device_world: World,
) -> None:
    world = device_world
    world.relay.no_extension = "unproven"
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(1_210_000)
    assert on_once(world)
    assert world.relay.on_ms() == 1_200_000
    for order in (first, second):
        assert await world.stretches(order) == [(600_000, "time_up")]


async def test_extension_is_tried_again_until_the_device_has_it(
    device_world: World,
) -> None:
    world = device_world
    world.relay.no_extension = "refused"
    await world.paid_order()
    await world.paid_order()
    await world.advance(20_000)
    assert len(world.relay.extensions) == 5
    world.relay.no_extension = None
    await world.advance(5_000)
    assert world.relay.report().remaining_ms == 1_175_000
    await world.advance(60_000)
    assert len(world.relay.extensions) == 6


async def test_orders_beyond_the_devices_maximum_start_anew(
    device_world: World,
) -> None:
    world = device_world
    world.relay.max_ms = 1_300_000
    orders = [await world.paid_order() for _ in range(3)]
    await world.advance(1_810_000)
    assert [on for _, on in world.relay.switchings] == [True, False, True, False]
    assert max(world.relay.extensions) == 1_200_000
    for order in orders:
        assert await world.stretches(order) == [(600_000, "time_up")]


async def test_killed_between_the_extension_and_its_commit(
    device_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = device_world
    first = await world.paid_order()
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "grant", _no_disk)
        second = await world.paid_order()
    assert world.relay.report().remaining_ms == 1_200_000
    await world.kill(down_ms=2_000_000)
    assert world.relay.on_ms() == 1_200_000
    for order in (first, second):
        assert await world.stretches(order) == [(600_000, "time_up")]


async def test_killed_before_the_device_heard_of_the_extension(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.paid_order()
    with monkeypatch.context() as patch:
        patch.setattr(sessions, "joined", _no_disk)
        second = await world.paid_order()
        assert world.relay.extensions == []
    await world.kill(down_ms=1_000)
    await world.advance(1_300_000)
    assert on_once(world)
    assert (await world.now(second)).state is OrderState.COMPLETED


@pytest.mark.parametrize("down_ms", [0, 1_000, 200_000, 700_000])
async def test_killed_in_the_middle_of_the_second_order(
    world: World, down_ms: int
) -> None:
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(800_000)
    await world.kill(down_ms=down_ms)
    await world.advance(600_000)
    assert on_once(world)
    for order in (first, second):
        assert await world.stretches(order) == [(600_000, "time_up")]
    assert world.relay.on_ms() == max(
        1_200_000, 800_000 + down_ms * (not world.relay.keeps_time)
    )


async def test_killed_before_the_seam_and_back_in_the_second_order(
    world: World,
) -> None:
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(500_000)
    await world.kill(down_ms=300_000)
    assert world.bay.face.order_id == second.id
    await world.advance(403_000)
    assert on_once(world)
    assert world.relay.on_ms() == 1_200_000
    for order in (first, second):
        assert await world.stretches(order) == [(600_000, "time_up")]


async def test_ledger_that_fails_at_the_seam_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(590_000)
    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "run", _no_disk_later)
        await world.advance(60_000)
    await world.advance(563_000)
    assert on_once(world)
    assert world.relay.on_ms() == 1_200_000
    for order in (first, second):
        assert await world.stretches(order) == [(600_000, "time_up")]


@pytest.mark.parametrize("ran_ms", [300_000, 800_000])
async def test_device_that_crashed_in_a_long_session_is_split_over_its_orders(
    device_world: World, ran_ms: int
) -> None:
    world = device_world
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(ran_ms - 100_000)
    world.relay.lose()
    await world.advance(100_000)
    world.relay.crash()
    await world.advance(30_000)
    world.relay.find()
    await world.advance(1_300_000)
    for order in (first, second):
        assert (await world.now(order)).state is OrderState.COMPLETED
        assert (await world.now(order)).ran_ms == 600_000
    assert world.relay.on_ms() == 1_200_000


async def test_device_that_crashed_in_the_second_order_goes_on_with_its_rest(
    device_world: World,
) -> None:
    world = device_world
    await world.paid_order()
    second, third = await world.paid_order(), await world.paid_order()
    await world.advance(800_000)
    world.relay.crash()
    await world.advance(30_000)
    world.relay.find()
    await world.advance(1_010_000)
    assert [ran_ms for ran_ms, _ in await world.stretches(second)] == [
        200_000,
        400_000,
    ]
    assert (await world.now(third)).state is OrderState.COMPLETED
    assert world.relay.on_ms() == 1_800_000
    assert len(world.relay.switchings) == 4


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(DeviceOutcome.STOPPED, "switched_off"), (DeviceOutcome.FAULT, "device_fault")],
)
async def test_session_cut_short_in_its_second_order_owes_only_that_ones_rest(
    device_world: World, outcome: DeviceOutcome, reason: str
) -> None:
    world = device_world
    first, second = await world.paid_order(), await world.paid_order()
    third = await world.paid_order()
    await world.advance(500_000)
    world.relay.lose()
    await world.advance(250_000)
    world.relay.close_account(outcome)
    world.relay.flip(on=False)
    world.relay.find()
    await world.advance(1_000)
    assert await world.stretches(first) == [(600_000, "time_up")]
    assert await world.stretches(second) == [(150_000, reason)]
    assert await world.due(first) == []
    assert await world.due(second) == [(750, reason)]
    assert await world.due(third) == [(1000, "queue_broken")]


async def test_device_that_never_reports_counts_to_the_end_it_was_given(
    device_world: World,
) -> None:
    world = device_world
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    await world.advance(1_699_000)
    assert (await world.now(first)).state is OrderState.CHARGING
    await world.advance(2_000)
    for order in (first, second):
        assert (await world.now(order)).reason == "unreported"
        assert (await world.now(order)).state is OrderState.COMPLETED


@pytest.mark.parametrize("killed", [False, True])
async def test_extension_whose_answer_got_lost_with_the_device_is_not_refunded(
    device_world: World, killed: bool
) -> None:
    world = device_world
    first = await world.paid_order()
    await world.advance(100_000)
    world.relay.no_extension = "unproven"
    second = await world.paid_order(300_000)
    world.relay.lose()
    if killed:
        await world.kill()
    await world.advance(1_800_000)
    world.relay.find()
    await world.advance(5_000)
    assert world.relay.on_ms() == 900_000
    for order in (first, second):
        assert (await world.now(order)).reason == "unreported"
        assert await world.due(order) == []


async def test_extension_that_the_device_refused_is_refunded_if_it_is_lost(
    device_world: World,
) -> None:
    world = device_world
    await world.paid_order()
    world.relay.no_extension = "refused"
    second = await world.paid_order(300_000)
    world.relay.lose()
    await world.advance(1_800_000)
    assert world.relay.on_ms() == 600_000
    assert await world.due(second) == [(1000, "start_window")]


async def test_order_paid_while_the_device_is_away_has_no_part_in_its_account(
    device_world: World,
) -> None:
    world = device_world
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    await world.bay.call_off(second.id, "refunded_already")
    third = await world.paid_order()
    await world.advance(1_150_000)
    world.relay.find()
    await world.advance(1_000)
    assert await world.stretches(first) == [(600_000, "time_up")]
    assert await world.stretches(second) == []
    assert await world.stretches(third) == []


async def test_order_called_off_in_the_queue_shortens_the_session(
    world: World,
) -> None:
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(100_000)
    await world.bay.call_off(second.id, "refunded_already")
    await world.advance(503_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(first)).state is OrderState.COMPLETED
    assert (await world.now(second)).state is OrderState.UNDELIVERED


async def test_human_who_switches_off_in_the_second_order_pauses_that_one(
    switch_world: World,
) -> None:
    world = switch_world
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(700_000)
    world.relay.flip(on=False)
    await world.advance(1_000)
    world.relay.flip(on=False)
    await world.advance(99_000)
    assert (await world.now(first)).state is OrderState.COMPLETED
    assert (await world.now(second)).state is OrderState.PAUSED
    world.relay.flip(on=True)
    await world.advance(600_000)
    assert (await world.now(second)).state is OrderState.COMPLETED
    assert world.relay.on_ms() == 1_200_000


async def test_stop_in_the_second_order_owes_that_ones_rest(world: World) -> None:
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(750_000)
    stopped = await world.bay.stop("stopped_by_owner")
    assert stopped.id == second.id
    assert await world.due(first) == []
    assert await world.due(second) == [(750, "stopped_by_owner")]
    assert world.relay.on_ms() == 750_000


async def test_stop_at_the_very_seam_stops_who_came_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(599_990)
    stop = world.bay._moves.stop

    async def late(order_id: str, reason: str) -> bool:
        if order_id == first.id:
            world.clock.move_to(world.clock.mono_ms + 10)
            await world.bay.settle()
        return await stop(order_id, reason)

    monkeypatch.setattr(world.bay._moves, "stop", late)
    stopped = await world.bay.stop("stopped_by_owner")
    assert (stopped.id, stopped.state) == (second.id, OrderState.STOPPED)
    assert not world.relay.on
    assert await world.due(first) == []
    assert await world.due(second) == [(1000, "stopped_by_owner")]


async def test_wall_clock_that_jumps_in_the_second_order_changes_nothing(
    world: World,
) -> None:
    await world.paid_order()
    await world.paid_order()
    await world.advance(700_000)
    world.clock.wall_ms -= 86_400_000
    await world.advance(100_000)
    world.clock.wall_ms += 2 * 86_400_000
    await world.advance(403_000)
    assert world.relay.on_ms() == 1_200_000


async def test_guard_ends_a_session_of_two_when_the_ledger_is_gone(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = switch_world
    await world.paid_order()
    await world.paid_order()
    await world.advance(590_000)
    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "run", _no_disk_later)
        await world.advance(1_000_000)
        assert world.relay.on_ms() == 1_201_000


def _no_disk(*_: object) -> None:
    """Fail as a ledger without a disk does."""
    raise LedgerError("no disk")


async def _no_disk_later(_work: object) -> None:
    _no_disk()
