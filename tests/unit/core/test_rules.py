"""A bay's rules: refused before anybody pays, and given back where money came."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from custom_components.paybay.bay import NothingToStopError, StopRefusedError
from custom_components.paybay.domain.bay import (
    BayConfig,
    BayStatus,
    BusyPolicy,
    RestPolicy,
)
from custom_components.paybay.domain.happenings import What
from custom_components.paybay.domain.hours import OpeningHours, day_began_ms
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.domain.relays import DeviceOutcome
from custom_components.paybay.domain.rest import comes_back
from custom_components.paybay.domain.rules import Load, refusal

from .conftest import MakeWorld
from .world import World

KOLKATA = ZoneInfo("Asia/Kolkata")
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2027, 1, 15, 12, 0, tzinfo=KOLKATA)
MINUTE_MS = 60_000
BY_DAY = OpeningHours(opens_min=480, closes_min=1320)
BY_NIGHT = OpeningHours(opens_min=1080, closes_min=120)
FRIDAY_NIGHT = OpeningHours(opens_min=1080, closes_min=120, weekdays=frozenset({4}))
FRIDAYS = OpeningHours(weekdays=frozenset({4}))


def set_clock(world: World, hour: int, minute: int) -> None:
    """Make it this time of today."""
    day_ms = day_began_ms(world.clock.wall_ms, world.clock.home)
    world.clock.wall_ms = day_ms + (hour * 60 + minute) * MINUTE_MS


async def test_second_payment_is_given_back_where_nobody_may_queue(
    make_world: MakeWorld,
) -> None:
    world = await make_world(busy=BusyPolicy.REFUND)
    first, second = await world.paid_order(), await world.paid_order()
    assert await world.due(second) == [(1000, "busy")]
    await world.advance(600_000)
    assert (await world.now(first)).state is OrderState.COMPLETED
    third = await world.paid_order()
    assert (await world.now(third)).state is OrderState.CHARGING


async def test_queue_takes_no_more_than_its_limit(make_world: MakeWorld) -> None:
    world = await make_world(max_queue_s=1200)
    orders = [await world.paid_order() for _ in range(4)]
    assert [await world.due(order) for order in orders] == [
        [],
        [],
        [],
        [(1000, "queue_full")],
    ]
    await world.advance(1_800_000)
    assert world.relay.on_ms() == 1_800_000


async def test_bay_out_of_service_gives_back_what_comes_and_remembers_it(
    world: World,
) -> None:
    await world.bay.put_in_service(on=False)
    assert world.bay.face.status is BayStatus.OUT_OF_SERVICE
    await world.kill()
    assert world.bay.face.status is BayStatus.OUT_OF_SERVICE
    order = await world.paid_order()
    assert await world.due(order) == [(1000, "out_of_service")]
    assert world.relay.switchings == []
    await world.bay.put_in_service(on=True)
    assert world.bay.face.status is BayStatus.AVAILABLE
    assert (await world.now(await world.paid_order())).state is OrderState.CHARGING


async def test_session_that_runs_goes_on_out_of_service(world: World) -> None:
    order = await world.paid_order()
    await world.bay.put_in_service(on=False)
    assert world.bay.face.status is BayStatus.CHARGING
    await world.advance(603_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
    assert world.bay.face.status is BayStatus.OUT_OF_SERVICE


async def test_order_that_would_start_when_closed_is_given_back(
    make_world: MakeWorld,
) -> None:
    world = await make_world(hours=BY_DAY)
    set_clock(world, 21, 55)
    first, second = await world.paid_order(), await world.paid_order()
    assert await world.due(second) == [(1000, "closed")]
    await world.advance(600_000)
    assert (await world.now(first)).state is OrderState.COMPLETED


async def test_who_paid_before_closing_is_served_though_the_news_came_later(
    make_world: MakeWorld,
) -> None:
    world = await make_world(hours=BY_DAY)
    set_clock(world, 22, 1)
    late, order = await world.paid_order(), await world.order()
    await world.pay(order, created_s=world.clock.wall_ms // 1000 - 90)
    assert await world.due(late) == [(1000, "closed")]
    assert (await world.now(order)).state is OrderState.CHARGING


async def test_daily_limit_counts_what_was_served_and_what_is_promised(
    make_world: MakeWorld,
) -> None:
    world = await make_world(daily_cap_min=25)
    await world.paid_order()
    await world.advance(600_000)
    await world.paid_order()
    third = await world.paid_order()
    assert await world.due(third) == [(1000, "daily_cap")]
    await world.advance(86_400_000)
    assert (await world.now(await world.paid_order())).state is OrderState.CHARGING


@pytest.mark.parametrize(
    ("load", "config", "reason"),
    [
        (Load(in_service=False), {"busy": BusyPolicy.REFUND}, "out_of_service"),
        (Load(busy=True), {"busy": BusyPolicy.REFUND}, "busy"),
        (Load(busy=True, queued_ms=1), {"max_queue_s": 600}, "queue_full"),
        (Load(busy=True, queued_ms=0), {"max_queue_s": 600}, None),
        (Load(queued_ms=0), {"max_queue_s": 60}, None),
        (Load(served_ms=1), {"daily_cap_min": 10}, "daily_cap"),
        (Load(served_ms=0), {"daily_cap_min": 10}, None),
        (Load(), {"hours": OpeningHours(opens_min=780, closes_min=900)}, "closed"),
        (Load(), {}, None),
    ],
)
def test_rules_say_why_not(
    load: Load, config: dict[str, object], reason: str | None
) -> None:
    rules = BayConfig(id="b", name="B", relay="r", plan_codes=(), **config)  # type: ignore[arg-type]
    assert refusal(rules, load, owed_ms=600_000, starts=NOON) == reason


@pytest.mark.parametrize(
    ("hours", "day", "hour", "minute", "is_open"),
    [
        (BY_DAY, 15, 7, 59, False),
        (BY_DAY, 15, 8, 0, True),
        (BY_DAY, 15, 22, 0, False),
        (BY_NIGHT, 15, 1, 59, True),
        (BY_NIGHT, 15, 2, 0, False),
        (BY_NIGHT, 15, 18, 0, True),
        # The 15th is a Friday: its night is open, Thursday's is not.
        (FRIDAY_NIGHT, 16, 1, 0, True),
        (FRIDAY_NIGHT, 15, 1, 0, False),
        (FRIDAYS, 15, 0, 0, True),
        (FRIDAYS, 16, 0, 0, False),
    ],
)
def test_hours_go_past_midnight_and_know_the_weekday(
    hours: OpeningHours, day: int, hour: int, minute: int, *, is_open: bool
) -> None:
    local = datetime(2027, 1, day, hour, minute, tzinfo=KOLKATA)
    assert hours.are_open(local) is is_open


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 28, 23), (10, 31, 25)])
def test_local_day_is_as_long_as_it_is(month: int, day: int, hours: int) -> None:
    late_ms = datetime(2027, month, day, 23, 59, 59, tzinfo=BERLIN).timestamp() * 1000
    began_ms = day_began_ms(int(late_ms), BERLIN)
    assert round((late_ms - began_ms) / 3_600_000) == hours


async def test_customer_stops_and_gets_what_was_said_beforehand(world: World) -> None:
    order = await world.paid_order()
    await world.advance(150_000)
    promised = await world.bay.comes_back(order.id)
    stopped = await world.bay.stop("customer", order.id)
    assert stopped.state is OrderState.STOPPED
    assert promised == Money(750, "INR")
    assert await world.due(order) == [(750, "customer")]


async def test_customer_cannot_stop_where_the_owner_does_not_allow_it(
    make_world: MakeWorld,
) -> None:
    world = await make_world(customer_stop=False)
    order = await world.paid_order()
    with pytest.raises(StopRefusedError):
        await world.bay.stop("customer", order.id)
    assert world.relay.on
    assert (await world.bay.stop("stopped_by_owner")).state is OrderState.STOPPED


async def test_customer_cannot_stop_somebody_elses_session(world: World) -> None:
    await world.paid_order()
    second = await world.paid_order()
    with pytest.raises(NothingToStopError):
        await world.bay.stop("customer", second.id)
    assert world.relay.on


@pytest.mark.parametrize("reason", ["customer", "stopped_by_owner"])
async def test_rest_of_a_stopped_session_is_kept_where_the_owner_says_so(
    make_world: MakeWorld, reason: str
) -> None:
    world = await make_world(rest=RestPolicy.KEEP)
    order = await world.paid_order()
    await world.advance(150_000)
    assert await world.bay.comes_back(order.id, reason) == Money(0, "INR")
    await world.bay.stop(reason)
    assert await world.due(order) == []
    assert (await world.now(order)).state is OrderState.STOPPED


async def test_who_got_nothing_gets_everything_back_though_the_rest_is_kept(
    make_world: MakeWorld,
) -> None:
    world = await make_world(rest=RestPolicy.KEEP)
    order = await world.paid_order()
    promised = await world.bay.comes_back(order.id)
    await world.bay.stop("customer", order.id)
    assert promised == order.price
    assert await world.due(order) == [(1000, "customer")]


async def test_rest_is_never_kept_where_the_device_failed(
    make_world: MakeWorld,
) -> None:
    world = await make_world(rest=RestPolicy.KEEP, keeps_time=True)
    order = await world.paid_order()
    await world.advance(150_000)
    promised = comes_back(
        await world.now(order), world.config, running_ms=150_000, reason="device_fault"
    )
    world.relay.close_account(DeviceOutcome.FAULT)
    world.relay.flip(on=False)
    await world.bay.settle()
    assert promised == Money(750, "INR")
    assert await world.due(order) == [(750, "device_fault")]


async def test_stop_of_a_device_that_is_away_waits_for_its_account(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    waiting = await world.bay.stop("stopped_by_owner")
    assert waiting.state is OrderState.CHARGING
    assert world.heard()[-1] is What.STOP_AWAITED
    await world.advance(100_000)
    await world.kill()
    world.relay.find()
    await world.advance(1_000)
    assert not world.relay.on
    assert await world.stretches(order) == [(200_000, "stopped_by_owner")]
    assert await world.due(order) == [(667, "stopped_by_owner")]


async def test_stop_of_a_device_that_ended_while_away_counts_what_it_says(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    await world.bay.stop("stopped_by_owner")
    world.relay.crash()
    await world.advance(200_000)
    world.relay.find()
    await world.advance(1_000)
    assert await world.stretches(order) == [(100_000, "stopped_by_owner")]


async def test_stop_of_a_device_that_had_ended_unheard_owes_what_it_did_not_give(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    await world.advance(50_000)
    world.relay.crash()
    await world.advance(150_000)
    assert (await world.bay.stop("stopped_by_owner")).state is OrderState.CHARGING
    assert await world.due(order) == []
    await world.advance(100_000)
    world.relay.find()
    await world.advance(1_000)
    assert world.relay.on_ms() == 150_000
    assert await world.stretches(order) == [(150_000, "stopped_by_owner")]
    assert await world.due(order) == [(750, "stopped_by_owner")]


async def test_stop_of_a_device_that_had_ended_unheard_is_split_over_its_orders(
    device_world: World,
) -> None:
    world = device_world
    first, second = await world.paid_order(), await world.paid_order()
    await world.advance(650_000)
    world.relay.lose()
    await world.advance(100_000)
    world.relay.crash()
    await world.advance(150_000)
    await world.bay.stop("stopped_by_owner")
    world.relay.find()
    await world.advance(1_000)
    assert await world.due(first) == []
    assert await world.stretches(second) == [(150_000, "stopped_by_owner")]
    assert await world.due(second) == [(750, "stopped_by_owner")]


async def test_stop_of_a_device_that_never_reports_ends_when_it_would_have(
    device_world: World,
) -> None:
    world = device_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.lose()
    await world.bay.stop("stopped_by_owner")
    await world.advance(499_000)
    assert (await world.now(order)).state is OrderState.CHARGING
    await world.advance(1_000)
    ended = await world.now(order)
    assert (ended.state, ended.reason) == (OrderState.COMPLETED, "unreported")
