"""Home Assistant loses its power: every customer still gets exactly what was paid."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
import time

import pytest
import pytest_asyncio

from demo.bays import PlainBay
from demo.purchase import (
    TOLERANCE_S,
    on_seconds,
    order,
    pay,
    see_end,
    see_relay_on,
    see_webhook,
)
from demo.receipt import Purchase
from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = PlanSpec(code="short", name="Short", rupees=5, seconds=3)
LONG = PlanSpec(code="long", name="Long", rupees=20, seconds=25)
PLAIN_SHORT, PLAIN_LONG = PlainBay(number=4, pin=44), PlainBay(number=5, pin=45)
SITE = SiteSpec(
    plans=(SHORT, LONG), bays=BAYS[:2], plain_bays=(PLAIN_SHORT, PLAIN_LONG)
)


@asynccontextmanager
async def no_broker(site: RunningSite) -> AsyncIterator[None]:
    await site.broker.kill()
    try:
        yield
    finally:
        await site.broker.start()


@asynccontextmanager
async def frozen_bridge(site: RunningSite) -> AsyncIterator[None]:
    site.bridge.part.freeze()
    try:
        yield
    finally:
        site.bridge.part.thaw()


@pytest.mark.parametrize("unreachable", [no_broker, frozen_bridge])
async def test_killed_between_commit_and_relay_the_customer_gets_what_was_paid(
    site: RunningSite,
    unreachable: Callable[[RunningSite], AbstractAsyncContextManager[None]],
) -> None:
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    purchase = await order(site, bay, SHORT)
    async with unreachable(site):
        await pay(site, purchase)
        await see_webhook(site, purchase)
        await site.books.wait_order(purchase.order_id, lambda row: row["paid_ms"])
        assert site.recorder.stretches(bay.pin, purchase.began_mono_s) == []
        await site.kill_home()
    await site.start_home()
    await see_end(site, purchase)
    assert len(site.recorder.stretches(bay.pin, purchase.began_mono_s)) == 1


@dataclass(frozen=True, kw_only=True)
class Blackout:
    """Purchases at four bays, the power cut while they charged and came back."""

    short: Purchase
    long: Purchase
    plain_short: Purchase
    plain_long: Purchase
    killed_mono_s: float
    back_mono_s: float


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def blackout(site: RunningSite) -> Blackout:
    wanted = [
        (site.spec.bay(2), LONG),
        (PLAIN_LONG, LONG),
        (site.spec.bay(1), SHORT),
        (PLAIN_SHORT, SHORT),
    ]
    for bay, _ in wanted:
        await site.home.wait_state(bay.status, "available")
    bought = [await order(site, bay, plan) for bay, plan in wanted]
    for purchase in bought:
        await pay(site, purchase)
    for purchase in bought:
        await see_relay_on(site, purchase)
    await site.kill_home()
    killed_mono_s = time.monotonic()
    short = site.spec.bay(1)
    await site.recorder.wait_for(short.pin, high=False, since_s=killed_mono_s)
    await site.start_home()
    long, plain_long, short_, plain_short = bought
    return Blackout(
        short=short_,
        long=long,
        plain_short=plain_short,
        plain_long=plain_long,
        killed_mono_s=killed_mono_s,
        back_mono_s=time.monotonic(),
    )


async def test_a_bridge_bay_ends_on_time_while_home_assistant_is_down(
    site: RunningSite, blackout: Blackout
) -> None:
    [stretch] = site.recorder.stretches(17, blackout.short.began_mono_s)
    assert stretch.end is not None
    assert blackout.killed_mono_s < stretch.end.mono_s < blackout.back_mono_s
    assert stretch.seconds == pytest.approx(SHORT.seconds, abs=TOLERANCE_S)


async def test_what_ended_meanwhile_is_booked_as_delivered(
    site: RunningSite, blackout: Blackout
) -> None:
    closed = await site.books.wait_end(blackout.short.order_id)
    assert (closed["state"], closed["ran_ms"]) == ("completed", SHORT.seconds * 1000)


async def test_a_plain_switch_past_its_end_is_off_as_soon_as_home_assistant_is_back(
    site: RunningSite, blackout: Blackout
) -> None:
    off = await site.recorder.wait_for(
        PLAIN_SHORT.pin, high=False, since_s=blackout.plain_short.began_mono_s
    )
    assert off.mono_s < blackout.back_mono_s + 3
    closed = await site.books.wait_end(blackout.plain_short.order_id)
    assert (closed["state"], closed["ran_ms"]) == ("completed", SHORT.seconds * 1000)


async def test_a_plain_switch_still_charging_gets_exactly_what_is_left(
    site: RunningSite, blackout: Blackout
) -> None:
    await see_end(site, blackout.plain_long)
    assert len(site.recorder.stretches(45, blackout.plain_long.began_mono_s)) == 1


async def test_a_bridge_bay_still_charging_gets_exactly_what_is_left(
    site: RunningSite, blackout: Blackout
) -> None:
    closed = await site.books.wait_end(blackout.long.order_id)
    assert closed["state"] == "completed"
    assert len(site.recorder.stretches(27, blackout.long.began_mono_s)) == 1
    assert on_seconds(site, blackout.long) == pytest.approx(
        LONG.seconds, abs=TOLERANCE_S
    )
