"""Stories that once went wrong, as short as the search could make them."""

import asyncio
from unittest.mock import AsyncMock, Mock

import pytest

from custom_components.paybay.domain.bay import StartMode
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.drivers.base import StartError
from custom_components.paybay.ledger import LedgerError, deliveries

from .conftest import MakeWorld
from .world import World

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


async def test_rest_is_owed_from_the_credited_payment_though_the_clock_went_back(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    world.clock.wall_ms -= HOUR_MS
    await world.pay(order)
    await world.bay.stop("stopped_by_owner")
    assert sorted(await world.due(order)) == [
        (1000, "paid_twice"),
        (1000, "stopped_by_owner"),
    ]


async def test_two_restarts_with_a_wrong_clock_do_not_lengthen_a_session(
    switch_world: World,
) -> None:
    world = switch_world
    await world.paid_order(60_000)
    world.clock.wall_ms -= DAY_MS
    await world.kill()
    await world.kill(down_ms=3_000)
    await world.advance(60_000)
    assert not world.relay.on


async def test_clock_set_forth_before_a_restart_does_not_shorten_a_session(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(20_000)
    world.clock.wall_ms += HOUR_MS
    await world.advance(20_000)
    await world.kill(down_ms=1_000)
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_clock_set_forth_before_a_restart_does_not_end_the_resume_window(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    world.clock.wall_ms += HOUR_MS
    await world.advance(60_000)
    world.relay._watchers.clear()
    world.relay.flip(on=False)
    await world.kill(down_ms=1_000)
    assert world.relay.on
    assert (await world.now(order)).state is OrderState.CHARGING


async def test_clock_set_back_does_not_keep_an_order_waiting(
    make_world: MakeWorld,
) -> None:
    world = await make_world(start_mode=StartMode.AUTOMATION)
    await world.paid_order()
    world.clock.wall_ms -= DAY_MS
    await world.advance(10_000)
    assert world.relay.on


async def test_order_of_before_a_restart_waits_for_a_clock_that_is_right(
    world: World,
) -> None:
    world.relay.lose()
    order = await world.paid_order()
    world.relay.contact = True
    world.clock.wall_ms -= DAY_MS
    await world.kill()
    await world.advance(60_000)
    assert not world.relay.on
    world.clock.wall_ms += DAY_MS
    await world.advance(1_000)
    await world.bay.settle()
    assert world.relay.on
    assert (await world.now(order)).state is OrderState.CHARGING


async def test_relay_is_not_on_for_an_order_that_waits_for_the_clock(
    world: World,
) -> None:
    world.relay.lose()
    await world.paid_order()
    world.relay.contact = True
    world.clock.wall_ms -= DAY_MS
    await world.kill()
    world.relay.flip(on=True)
    await world.bay.settle()
    assert not world.relay.on


async def test_order_of_before_a_restart_is_owed_back_if_no_clock_is_right(
    world: World,
) -> None:
    world.relay.lose()
    order = await world.paid_order()
    world.relay.contact = True
    world.clock.wall_ms -= DAY_MS
    await world.kill(down_ms=2 * HOUR_MS)
    await world.advance(300_001)
    assert world.relay.switchings == []
    assert await world.due(order) == [(1000, "start_window")]


async def test_order_paid_by_a_clock_that_is_behind_is_served(world: World) -> None:
    await world.kill()
    world.clock.wall_ms -= DAY_MS
    order = await world.paid_order()
    assert (await world.now(order)).state is OrderState.CHARGING


async def test_clock_set_forth_during_a_session_does_not_break_its_queue(
    device_world: World,
) -> None:
    world = device_world
    world.relay.no_extension = "refused"
    await world.paid_order()
    second = await world.paid_order()
    world.clock.wall_ms += HOUR_MS
    await world.advance(1_210_000)
    assert (await world.now(second)).state is OrderState.COMPLETED


async def test_clock_set_back_does_not_start_an_offline_bay_late(
    switch_world: World,
) -> None:
    world = switch_world
    world.relay.lose()
    order = await world.paid_order()
    world.clock.wall_ms -= HOUR_MS
    await world.advance(300_001)
    world.relay.find()
    await world.advance(1_000)
    assert world.relay.switchings == []
    assert await world.due(order) == [(1000, "start_window")]


async def test_clock_set_forth_does_not_give_up_an_order_that_waits(
    make_world: MakeWorld,
) -> None:
    world = await make_world(start_mode=StartMode.AUTOMATION)
    await world.paid_order()
    world.clock.wall_ms += HOUR_MS
    await world.advance(10_000)
    assert world.relay.on


async def test_kill_while_resuming_does_not_count_the_interruption_twice(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.crash()
    await world.advance(1_000)
    start, world.relay.start = world.relay.start, _hang  # type: ignore[method-assign]
    world.relay.find()
    for _ in range(200):
        if len(await world.stretches(order)) == 2:
            break
    world.relay.start = start  # type: ignore[method-assign]
    await world.kill()
    await world.advance(600_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert [ran_ms for ran_ms, _ in await world.stretches(order)] == [
        100_000,
        0,
        500_000,
    ]


async def test_each_interruption_has_a_resume_window_of_its_own(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order(1_200_000)
    for _ in range(2):
        world.relay.flip(on=False)
        await world.bay.settle()
    await world.advance(100_000)
    world.relay.flip(on=True)
    await world.advance(550_000)
    world.relay.flip(on=False)
    await world.advance(100_000)
    assert (await world.now(order)).state is OrderState.PAUSED
    world.relay.flip(on=True)
    await world.advance(650_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert world.relay.on_ms() == 1_200_000


async def test_starts_that_fail_do_not_lengthen_the_resume_window(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(60_000)
    world.relay.dead = True
    world.relay.crash()
    world.relay.find()
    await world.advance(500_000)
    await world.kill()
    await world.advance(100_000)
    assert (await world.now(order)).state is OrderState.STOPPED
    assert await world.due(order) == [(900, "not_resumed")]


async def test_time_that_the_relay_is_off_is_not_metered_while_the_ledger_is_gone(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(30_000)
    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "run", _no_disk)
        world.relay.flip(on=False)
        await world.advance(60_000)
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.stretches(order))[0] == (30_000, "relay_off")


async def test_off_and_on_while_the_ledger_is_gone_moves_the_end(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = switch_world
    await world.paid_order()
    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "run", _no_disk)
        world.relay.flip(on=False)
        await world.advance(60_000)
        world.relay.flip(on=True)
        await world.advance(1_000_000)
        assert world.relay.on_ms() == 601_000
    await world.advance(5_000)
    assert not world.relay.on


@pytest.mark.parametrize("error", [LedgerError, ValueError])
async def test_end_that_passed_out_of_reach_is_kept_while_turns_fail(
    switch_world: World, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    world = switch_world
    await world.paid_order(60_000)
    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "run", AsyncMock(side_effect=error))
        world.relay.lose()
        await world.advance(70_000)
        world.relay.find()
        await world.advance(7_000)
        assert not world.relay.on


async def test_relay_that_is_on_after_a_try_to_resume_failed_goes_off_for_a_while(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(60_000)
    with monkeypatch.context() as patch:
        start = AsyncMock(side_effect=StartError("auto_off_failed"))
        patch.setattr(world.relay, "start", start)
        world.relay.flip(on=False)
        await world.advance(1_000)
        assert (await world.now(order)).state is OrderState.PAUSED
        tries = start.await_count
        world.relay.flip(on=True)
        await world.advance(10_000)
        assert not world.relay.on
        assert start.await_count == tries
    await world.advance(15_000)
    world.relay.flip(on=True)
    await world.advance(541_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert world.relay.on_ms() == 600_000


@pytest.mark.parametrize("stopped", [False, True])
async def test_kill_between_off_and_its_commit_gives_nothing_twice(
    switch_world: World, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    world = switch_world
    order = await world.paid_order()
    ran_ms = 297_000 if stopped else 600_000
    await world.advance(ran_ms - 2_000)
    off = asyncio.Event()

    async def stop(_order_id: str | None) -> bool:
        world.relay.flip(on=False)
        off.set()
        return await asyncio.Future()

    with monkeypatch.context() as patch:
        patch.setattr(world.relay, "stop", stop)
        world.clock.move_to(world.clock.mono_ms + 2_000)
        if stopped:
            world._spawn(_stopped(world))
        await off.wait()
        # One more commit: what was begun before it is stored by then.
        await world.now(order)
    await world.kill(down_ms=1_000)
    await world.advance(60_000)
    assert world.relay.on_ms() == ran_ms
    assert (await world.now(order)).ran_ms == ran_ms
    assert await world.due(order) == ([(505, "stopped_by_owner")] if stopped else [])


async def test_checkpoint_that_fails_at_the_end_keeps_no_relay_on(
    switch_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = switch_world
    await world.paid_order()
    await world.advance(599_000)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "mark", Mock(side_effect=LedgerError("no disk")))
        await world.advance(1_000)
    assert not world.relay.on
    assert world.relay.on_ms() == 600_000


async def _stopped(world: World) -> None:
    await world.bay.stop("stopped_by_owner")


async def _no_disk(_work: object) -> None:
    """Fail as a ledger without a disk does."""
    raise LedgerError("no disk")


async def _hang(order_id: str, for_ms: int) -> None:
    """Never come to an answer."""
    await asyncio.Event().wait()
