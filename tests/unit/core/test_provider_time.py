"""A clock that is wrong judges no payment: the provider's own time does."""

import pytest

from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.intake import Intake
from custom_components.paybay.provider_time import KEEP_MS, ProviderTime

from .world import BAY, SITE, FakeClock, World

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


class Office:
    """A world whose clock is `off_ms` from the provider's."""

    def __init__(self, world: World, off_ms: int) -> None:
        self.world = world
        self.off_ms = off_ms
        self.time = ProviderTime(world.clock)
        world.clock.wall_ms += off_ms
        bays = {BAY: world.config}
        world.intake = Intake(
            SITE,
            world.ledger,
            world.clock,
            bays,
            world._taken,
            provider_time=self.time,
        )

    def hear(self) -> None:
        """Hear what time it is at the provider."""
        self.time.heard(self.world.clock.wall_ms - self.off_ms)

    async def pay(self, *, ago_ms: int = 0) -> tuple[OrderState, list[tuple[int, str]]]:
        """Have an order paid so long ago; return what became of it."""
        made_ms = self.world.clock.wall_ms - self.off_ms - ago_ms
        order = await self.world.order()
        await self.world.pay(order, created_s=made_ms // 1000)
        return (await self.world.now(order)).state, await self.world.due(order)


@pytest.mark.parametrize("off_ms", [HOUR_MS, 24 * HOUR_MS, -HOUR_MS])
async def test_honest_payment_is_served_though_the_clock_is_wrong(
    world: World, off_ms: int
) -> None:
    office = Office(world, off_ms)
    office.hear()
    await world.advance(10 * MINUTE_MS)
    assert await office.pay(ago_ms=20_000) == (OrderState.CHARGING, [])


@pytest.mark.parametrize("off_ms", [HOUR_MS, -HOUR_MS])
async def test_late_payment_is_given_back_though_the_clock_is_wrong(
    world: World, off_ms: int
) -> None:
    office = Office(world, off_ms)
    office.hear()
    paid = await office.pay(ago_ms=301_000)
    assert paid == (OrderState.UNDELIVERED, [(1000, "paid_late")])


async def test_start_window_counts_from_the_payment_by_a_clock_that_is_ahead(
    world: World,
) -> None:
    office = Office(world, HOUR_MS)
    office.hear()
    world.relay.lose()
    assert await office.pay(ago_ms=200_000) == (OrderState.PAID, [])
    world.clock.wall_ms -= HOUR_MS
    await world.advance(99_000)
    world.relay.find()
    await world.bay.settle()
    assert world.relay.on


async def test_start_window_ends_in_time_by_a_clock_that_is_ahead(world: World) -> None:
    office = Office(world, HOUR_MS)
    office.hear()
    world.relay.lose()
    await office.pay(ago_ms=200_000)
    await world.advance(101_000)
    world.relay.find()
    await world.bay.settle()
    assert world.relay.switchings == []


async def test_word_of_the_provider_does_not_count_for_ever(world: World) -> None:
    office = Office(world, HOUR_MS)
    office.hear()
    await world.advance(KEEP_MS + 1)
    assert await office.pay() == (OrderState.UNDELIVERED, [(1000, "paid_late")])


def test_clocks_that_agree_leave_times_as_they_are() -> None:
    clock = FakeClock()
    time = ProviderTime(clock)
    assert time.by_our_clock(1_000, clock.wall_ms) == 1_000
    time.heard(clock.wall_ms - 29_000)
    assert time.by_our_clock(1_000, clock.wall_ms) == 1_000
    time.heard(clock.wall_ms - 31_000)
    assert time.by_our_clock(1_000, clock.wall_ms) == 32_000


def test_word_that_a_payment_contradicts_is_not_believed() -> None:
    clock = FakeClock()
    time = ProviderTime(clock)
    time.heard(clock.wall_ms - HOUR_MS)
    made_ms = clock.wall_ms - MINUTE_MS
    assert time.by_our_clock(made_ms, clock.wall_ms) == made_ms
