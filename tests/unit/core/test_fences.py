"""The edges of what is promised: the last second of a window, the line of a crash."""

import asyncio

from custom_components.paybay.domain.orders import OrderState

from .world import World


async def test_kill_between_relay_and_proof_gives_no_time_twice(world: World) -> None:
    on, start = asyncio.Event(), world.relay.start

    async def never_answers(order_id: str, for_ms: int) -> None:
        await start(order_id, for_ms)
        on.set()
        await asyncio.Event().wait()

    world.relay.start = never_answers  # type: ignore[method-assign]
    order = await world.order()
    await world.intake.take(world.captured(order))
    await on.wait()
    world.relay.start = start  # type: ignore[method-assign]
    await world.kill(down_ms=50_000)
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert await world.stretches(order) == [(600_000, "time_up")]


async def test_window_counts_from_the_payment_to_the_last_second(world: World) -> None:
    world.relay.lose()
    order = await world.order()
    await world.pay(order, created_s=world.clock.wall_ms // 1000 - 100)
    await world.advance(199_000)
    assert (await world.now(order)).state is OrderState.PAID
    await world.advance(2_000)
    world.relay.find()
    await world.advance(10_000)
    assert world.relay.switchings == []
    assert await world.due(order) == [(1000, "start_window")]


async def test_window_is_open_to_its_last_second(world: World) -> None:
    world.relay.lose()
    order = await world.order()
    await world.pay(order, created_s=world.clock.wall_ms // 1000 - 100)
    await world.advance(199_000)
    world.relay.find()
    await world.advance(700_000)
    assert world.relay.on_ms() == 600_000


async def test_end_that_is_shown_stands_still_while_clocks_drift(world: World) -> None:
    await world.paid_order()
    shown = world.bay.face.ends_ms
    for drift_ms in (300, -500, 400, -300):
        world.clock.wall_ms += drift_ms
        await world.advance(15_000)
        assert world.bay.face.ends_ms == shown


async def test_nobody_is_told_of_a_face_that_has_not_changed(world: World) -> None:
    await world.paid_order()
    told: list[int] = []
    world.bay.listen(lambda: told.append(world.clock.mono_ms))
    await world.advance(300_000)
    assert told == []


async def test_clock_that_boots_in_the_past_gives_no_time_back(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.clock.wall_ms -= 3_600_000
    await world.kill(down_ms=5_000)
    await world.advance(700_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
    # What ran after the last checkpoint is unknown: at most that is given again.
    assert 600_000 <= world.relay.on_ms() <= 620_000
