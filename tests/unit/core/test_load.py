"""A start must show a load, where the owner asks for that."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from custom_components.paybay.domain.bay import BayStatus
from custom_components.paybay.domain.happenings import What
from custom_components.paybay.domain.meter import Reading
from custom_components.paybay.domain.orders import Order, OrderState

from .conftest import MakeWorld
from .world import World

WITHIN_MS = 20_000
PAID_MS = 600_000


class PowerMeter:
    """Shows what the load takes while the relay is on; a burnt contact feeds none."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.watts: int | None = 0
        self.from_try = 1
        self._watchers: set[Callable[[], None]] = set()

    def read(self) -> Reading:
        """Return the power, from the given try on."""
        assert self.world
        if self.watts is None:
            return Reading()
        tries = sum(on for _, on in self.world.relay.switchings)
        fed = self.world.relay.on and tries >= self.from_try
        return Reading(power_mw=self.watts * 1_000 if fed else 0)

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Remember who wants to know."""
        self._watchers.add(on_change)
        return lambda: self._watchers.discard(on_change)

    def speak(self) -> None:
        """Tell of a new power."""
        for on_change in tuple(self._watchers):
            on_change()


@pytest.fixture
def meter() -> PowerMeter:
    return PowerMeter()


@pytest.fixture
async def make(make_world: MakeWorld, meter: PowerMeter) -> MakeWorld:
    async def world(*, keeps_time: bool = False, **rules: Any) -> World:
        given = {"power_meter": "sensor.watt", "load_within_s": WITHIN_MS // 1000}
        return await make_world(keeps_time=keeps_time, meter=meter, **(given | rules))

    return world


async def pay(world: World) -> Order:
    """Have an order paid, and return once the relay was told."""
    order = await world.order(PAID_MS)
    await world.intake.take(world.captured(order))
    await until(lambda: world.relay.on)
    return order


async def until(holds: Callable[[], bool]) -> None:
    """Let the bay work until something holds; the ledger works in a thread."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what works is a thread
            await asyncio.sleep(0.001)


async def wait(world: World, for_ms: int) -> None:
    """Let time pass at a bay that waits for a load, and wait until it acted on it."""
    world.clock.move_to(world.clock.mono_ms + for_ms)
    for _ in range(50):
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("keeps_time", [False, True])
async def test_load_that_is_seen_proves_the_start(
    make: MakeWorld, meter: PowerMeter, *, keeps_time: bool
) -> None:
    world = await make(keeps_time=keeps_time)
    order = await pay(world)
    await wait(world, 12_000)
    assert world.bay.face.status is BayStatus.STARTING
    assert (await world.now(order)).state is OrderState.PAID
    meter.watts = 40
    meter.speak()
    await world.bay.settle()
    assert (await world.now(order)).state is OrderState.CHARGING
    assert world.bay.face.status is BayStatus.CHARGING
    await world.advance(PAID_MS)
    assert (await world.now(order)).state is OrderState.COMPLETED
    # The wait was part of what was bought: the relay was on.
    assert world.relay.on_ms() == PAID_MS
    assert await world.due(order) == []


async def test_second_try_that_shows_a_load_is_served_in_full(
    make: MakeWorld, meter: PowerMeter
) -> None:
    world = await make()
    meter.watts, meter.from_try = 40, 2
    order = await pay(world)
    await wait(world, WITHIN_MS)
    await world.bay.settle()
    assert (await world.now(order)).state is OrderState.CHARGING
    assert [on for _, on in world.relay.switchings] == [True, False, True]
    await world.advance(PAID_MS)
    assert await world.stretches(order) == [(PAID_MS, "time_up")]
    assert world.relay.on_ms() == WITHIN_MS + PAID_MS


@pytest.mark.parametrize(("watts", "reason"), [(4, "no_load"), (None, "load_unknown")])
async def test_start_without_a_load_is_tried_twice_and_owed_back_in_full(
    make: MakeWorld, meter: PowerMeter, watts: int | None, reason: str
) -> None:
    world = await make()
    meter.watts = watts
    order = await pay(world)
    await wait(world, WITHIN_MS)
    assert world.relay.on
    await wait(world, WITHIN_MS)
    await world.bay.settle()
    assert not world.relay.on
    assert [on for _, on in world.relay.switchings] == [True, False, True, False]
    ended = await world.now(order)
    assert (ended.state, ended.reason) == (OrderState.UNDELIVERED, reason)
    assert await world.stretches(order) == [(0, reason)]
    assert await world.due(order) == [(1000, reason)]
    assert world.bay.face.status is BayStatus.PROBLEM
    assert What.SESSION_STARTED not in world.heard()


async def test_device_that_keeps_account_is_not_asked_again(
    make: MakeWorld, meter: PowerMeter
) -> None:
    world = await make(keeps_time=True)
    order = await pay(world)
    await wait(world, WITHIN_MS)
    await world.bay.settle()
    assert [on for _, on in world.relay.switchings] == [True, False]
    assert await world.stretches(order) == [(0, "no_load")]
    assert await world.due(order) == [(1000, "no_load")]


async def test_bay_that_does_not_ask_needs_no_load(
    make: MakeWorld, meter: PowerMeter
) -> None:
    world = await make(load_within_s=None)
    order = await pay(world)
    await world.bay.settle()
    assert (await world.now(order)).state is OrderState.CHARGING


@pytest.mark.parametrize("call_off", [False, True])
async def test_stop_does_not_wait_for_a_load(
    make: MakeWorld, *, call_off: bool
) -> None:
    world = await make()
    order = await pay(world)
    await wait(world, 3_000)
    async with asyncio.timeout(5):
        if call_off:
            await world.bay.call_off(order.id, "stopped_by_owner")
        else:
            await world.bay.stop("stopped_by_owner")
    assert not world.relay.on
    ended = await world.now(order)
    assert (ended.state, ended.reason) == (OrderState.STOPPED, "stopped_by_owner")
    assert await world.due(order) == [(995, "stopped_by_owner")]


async def test_hurry_of_one_stop_does_not_spare_the_next_start_its_load(
    make: MakeWorld, meter: PowerMeter
) -> None:
    world = await make()
    await pay(world)
    await world.bay.stop("stopped_by_owner")
    order = await pay(world)
    for _ in range(2):
        await wait(world, WITHIN_MS)
    assert await world.due(order) == [(1000, "no_load")]


@pytest.mark.parametrize("killed", [True, False])
async def test_start_cut_short_by_a_restart_still_needs_its_load(
    make: MakeWorld, meter: PowerMeter, *, killed: bool
) -> None:
    world = await make()
    order = await pay(world)
    await wait(world, 3_000)
    assert (await world.now(order)).state is OrderState.PAID
    reopened = asyncio.create_task(restart(world, killed=killed))
    await until(lambda: world.bay._moves is not None and world.relay.on)
    for _ in range(3):
        await wait(world, WITHIN_MS)
    async with asyncio.timeout(5):
        await reopened
    assert not world.relay.on
    assert await world.due(order) == [(1000, "no_load")]
    assert (await world.now(order)).state is OrderState.UNDELIVERED


async def restart(world: World, *, killed: bool) -> None:
    if killed:
        await world.kill()
        return
    await world.close()
    await world.open()


async def test_relay_that_drops_out_meanwhile_is_an_interruption(
    make: MakeWorld, meter: PowerMeter
) -> None:
    world = await make()
    order = await pay(world)
    await wait(world, 3_000)
    world.relay.flip(on=False)
    await world.bay.settle()
    # One quick retry, as of any relay that was seen off; it has shown no load yet.
    assert world.relay.on
    assert (await world.now(order)).state is OrderState.CHARGING
    assert (await world.stretches(order))[0] == (3_000, "relay_off")
