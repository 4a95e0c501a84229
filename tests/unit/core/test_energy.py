"""Plans that end at their energy: what the customer gets, whatever the meter does."""

from collections.abc import Callable

import pytest

from custom_components.paybay.domain.meter import Reading
from custom_components.paybay.domain.order_view import OrderView
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import energy_days, order_views

from .conftest import MakeWorld
from .world import BAY, World

KWH = 1_000_000
WH = 1_000
HOUR_MS = 3_600_000


class FakeMeter:
    """A meter that counts what a load takes while the relay is on."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.watts = 0
        self.base_mwh = 7 * KWH
        self.silent = False
        self._watchers: set[Callable[[], None]] = set()

    def read(self) -> Reading:
        """Count energy by the relay's own on-time."""
        assert self.world
        if self.silent:
            return Reading()
        used_mwh = self.world.relay.on_ms() * self.watts * WH // HOUR_MS
        return Reading(total_mwh=self.base_mwh + used_mwh)

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Remember who wants to know."""
        self._watchers.add(on_change)
        return lambda: self._watchers.discard(on_change)

    def speak(self) -> None:
        """Tell of a new count."""
        for on_change in tuple(self._watchers):
            on_change()


@pytest.fixture
def meter() -> FakeMeter:
    return FakeMeter()


@pytest.fixture(params=[False, True], ids=["plain_switch", "device"])
async def world(
    make_world: MakeWorld, meter: FakeMeter, request: pytest.FixtureRequest
) -> World:
    made: World = await make_world(
        keeps_time=request.param, meter=meter, energy_meter="sensor.meter"
    )
    return made


async def capped(world: World, watts: int, energy_wh: int = 100) -> Order:
    """Sell an hour with a limit of energy to a load of some watts."""
    assert isinstance(world.meter, FakeMeter)
    world.meter.watts = watts
    order = await world.order(owed_ms=HOUR_MS, energy_wh=energy_wh)
    await world.pay(order)
    return order


async def view_of(world: World, order: Order) -> OrderView:
    return await world.ledger.run(lambda c: order_views.one(c, order.id))


async def test_energy_used_up_ends_the_order_and_nothing_goes_back(
    world: World,
) -> None:
    order = await capped(world, watts=1_000)
    await world.advance(HOUR_MS)
    view = await view_of(world, order)
    assert (view.order.state, view.order.reason) == (
        OrderState.COMPLETED,
        "energy_used",
    )
    assert 360_000 <= view.delivered_ms <= 371_000
    assert view.delivered_mwh
    assert 100 * WH <= view.delivered_mwh <= 103 * WH
    assert not world.relay.on
    assert await world.due(order) == []


async def test_meter_that_speaks_up_ends_it_at_once(
    world: World, meter: FakeMeter
) -> None:
    order = await capped(world, watts=1_000)
    await world.advance(361_000)
    meter.speak()
    await world.bay.settle()
    assert (await world.now(order)).reason == "energy_used"


async def test_time_ends_an_order_that_needs_less(world: World) -> None:
    order = await capped(world, watts=50)
    await world.advance(HOUR_MS + 5_000)
    view = await view_of(world, order)
    assert view.order.reason == "time_up"
    assert view.delivered_ms == HOUR_MS
    assert view.delivered_mwh
    assert 49 * WH < view.delivered_mwh <= 50 * WH


async def test_silent_meter_leaves_it_to_the_time_and_the_timeline_says_so(
    world: World, meter: FakeMeter
) -> None:
    order = await capped(world, watts=1_000)
    await world.advance(60_000)
    meter.silent = True
    await world.advance(HOUR_MS)
    view = await view_of(world, order)
    assert (view.order.reason, view.delivered_ms) == ("time_up", HOUR_MS)
    silences = [row for row in view.timeline if row.what.startswith("meter")]
    assert [row.what for row in silences] == ["meter_silent"]
    assert 300 <= silences[0].detail["silent_s"] <= 310


async def test_meter_that_comes_back_counts_what_it_missed(
    world: World, meter: FakeMeter
) -> None:
    order = await capped(world, watts=1_000)
    meter.silent = True
    await world.advance(310_000)
    meter.silent = False
    await world.advance(20_000)
    told = [row.what for row in (await view_of(world, order)).timeline]
    assert told[-2:] == ["meter_silent", "meter_back"]


async def test_restart_goes_on_with_the_energy_that_is_left(
    world: World, meter: FakeMeter
) -> None:
    order = await capped(world, watts=1_000)
    await world.advance(180_000)
    await world.kill(down_ms=60_000)
    await world.advance(HOUR_MS)
    view = await view_of(world, order)
    assert view.order.reason == "energy_used"
    assert view.delivered_mwh
    assert 100 * WH <= view.delivered_mwh <= 103 * WH


async def test_interrupted_order_keeps_the_energy_it_had(
    make_world: MakeWorld, meter: FakeMeter
) -> None:
    world = await make_world(meter=meter, energy_meter="sensor.meter")
    order = await capped(world, watts=1_000)
    await world.advance(180_000)
    world.relay.flip(on=False)
    await world.advance(HOUR_MS)
    view = await view_of(world, order)
    assert len(view.deliveries) >= 2
    assert view.order.reason == "energy_used"
    assert view.delivered_mwh == view.order.ran_mwh
    assert 100 * WH <= view.order.ran_mwh <= 106 * WH


async def test_limit_without_a_meter_is_left_to_the_time(
    switch_world: World,
) -> None:
    order = await switch_world.order(energy_wh=1)
    await switch_world.pay(order)
    await switch_world.advance(600_000)
    assert (await switch_world.now(order)).reason == "time_up"


async def test_energy_without_a_limit_is_metered_and_ends_nothing(
    world: World, meter: FakeMeter
) -> None:
    meter.watts = 1_000
    order = await world.paid_order()
    await world.advance(605_000)
    view = await view_of(world, order)
    assert view.order.reason == "time_up"
    assert view.delivered_mwh
    sums = await world.ledger.run(lambda c: energy_days.sums(c, BAY, 0))
    assert sums.total_mwh == sums.today_mwh == view.delivered_mwh
    yesterday = await world.ledger.run(lambda c: energy_days.sums(c, BAY, 1))
    assert yesterday.today_mwh == 0


async def test_energy_is_told_while_a_session_runs_and_at_its_end(
    world: World, meter: FakeMeter
) -> None:
    told: list[int] = []
    world.bay.energy.listen(lambda sums: told.append(sums.total_mwh))
    await capped(world, watts=1_000)
    await world.advance(HOUR_MS)
    assert told == sorted(told)
    assert len(told) < 20
    assert told[-1] == (await world.bay.energy.sums()).total_mwh
