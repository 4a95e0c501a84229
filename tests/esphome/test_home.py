"""Real Home Assistant sells time at the bays of a real node; then things break."""

import asyncio
from collections.abc import AsyncIterator
import json
import time
from typing import Any

import pytest
import pytest_asyncio

from demo.bays import EsphomeBay
from demo.purchase import (
    TOLERANCE_S,
    buy,
    on_seconds,
    order,
    pay,
    see_end,
    see_relay_on,
)
from demo.receipt import Purchase
from demo.running import RunningSite, running
from demo.site import PlanSpec, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = PlanSpec(code="short", name="Short", rupees=5, seconds=3)
LONG = PlanSpec(code="long", name="Long", rupees=20, seconds=12)
# As tests/esphome/node.yaml has them: the first gives up two seconds after contact is
# lost, the second runs to its paid end.
LEASHED = EsphomeBay(number=1, pin=17)
FREE = EsphomeBay(number=2, pin=27)
SITE = SiteSpec(
    plans=(SHORT, LONG), bays=(), esphome_bays=(LEASHED, FREE), bridge_runs=False
)
CHECKPOINT_S = 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[RunningSite]:
    async with running(SITE) as site:
        yield site


async def charging(
    site: RunningSite, plan: PlanSpec, bay: EsphomeBay = LEASHED
) -> Purchase:
    """Buy time and see the relay on."""
    await site.home.wait_state(bay.status, "available")
    purchase = await order(site, bay, plan)
    await pay(site, purchase)
    await see_relay_on(site, purchase)
    return purchase


def report(site: RunningSite, bay: EsphomeBay) -> dict[str, Any]:
    """Return what the node says of a bay, as Home Assistant shows it."""
    values: dict[str, Any] = json.loads(site.home.states[bay.report].value)
    return values


def booked_ms(site: RunningSite, purchase: Purchase) -> list[int]:
    return [each["ran_ms"] for each in site.books.deliveries(purchase.order_id)]


async def refunds(site: RunningSite, purchase: Purchase) -> list[int]:
    query = "SELECT amount_minor FROM refunds WHERE order_id = ?"
    return [row["amount_minor"] for row in site.books.rows(query, purchase.order_id)]


async def test_a_customer_gets_exactly_what_was_paid(site: RunningSite) -> None:
    await site.home.wait_state(LEASHED.status, "available")
    purchase, closed = await buy(site, LEASHED, SHORT)
    assert closed["ran_ms"] == SHORT.seconds * 1000
    assert report(site, LEASHED)["l"] == [purchase.order_id, "completed", 3]


async def test_whoever_pays_behind_a_session_gets_all_of_it_too(
    site: RunningSite,
) -> None:
    first = await order(site, LEASHED, SHORT)
    second = await order(site, LEASHED, SHORT)
    await pay(site, first)
    await see_relay_on(site, first)
    await pay(site, second)
    for purchase in (first, second):
        closed = await site.books.wait_end(purchase.order_id)
        assert (closed["state"], closed["ran_ms"]) == ("completed", 3000)
    await site.home.wait_state(LEASHED.relay, "off")
    [both] = site.recorder.stretches(LEASHED.pin, first.began_mono_s)
    assert both.seconds == pytest.approx(2 * SHORT.seconds, abs=TOLERANCE_S)
    assert report(site, LEASHED)["l"] == [first.order_id, "completed", 6]


async def test_what_is_stopped_early_is_counted_and_the_rest_owed_back(
    site: RunningSite,
) -> None:
    purchase = await charging(site, LONG)
    await asyncio.sleep(1)
    await site.home.act("paybay.stop_session", bay=LEASHED.switch)
    closed = await site.books.wait_end(purchase.order_id)
    assert closed["state"] == "stopped"
    assert not site.recorder.is_high(LEASHED.pin)
    assert closed["ran_ms"] / 1000 == pytest.approx(
        on_seconds(site, purchase), abs=TOLERANCE_S
    )
    [refund] = await refunds(site, purchase)
    assert 1000 < refund < 2000


async def test_switching_the_node_s_own_relay_off_ends_the_session(
    site: RunningSite,
) -> None:
    purchase = await charging(site, LONG)
    await site.home.act("switch.turn_off", entity_id=LEASHED.relay)
    closed = await site.books.wait_end(purchase.order_id)
    assert (closed["state"], closed["reason"]) == ("stopped", "switched_off")
    assert await refunds(site, purchase)


async def test_the_emergency_stop_ends_the_session_and_closes_the_bay(
    site: RunningSite,
) -> None:
    purchase = await charging(site, LONG)
    button = "switch.parking_press_emergency_stop"
    await site.home.act("switch.turn_on", entity_id=button)
    closed = await site.books.wait_end(purchase.order_id)
    assert (closed["state"], closed["reason"]) == ("stopped", "device_fault")
    assert not site.recorder.is_high(LEASHED.pin)
    await site.home.wait_state(LEASHED.status, "problem")
    await site.home.act("switch.turn_off", entity_id=button)
    await site.home.wait_state(LEASHED.status, "available")


async def test_a_node_that_loses_its_power_gives_the_rest_when_it_is_back(
    site: RunningSite,
) -> None:
    purchase = await charging(site, LONG)
    await asyncio.sleep(3)
    await site.esphome.kill()
    await site.home.wait_state(LEASHED.status, "offline")
    assert not site.recorder.is_high(LEASHED.pin)
    await site.esphome.start()
    closed = await site.books.wait_end(purchase.order_id, within_s=60)
    assert closed["state"] == "completed"
    first, rest = site.recorder.stretches(LEASHED.pin, purchase.began_mono_s)
    assert (
        0
        <= first.seconds - booked_ms(site, purchase)[0] / 1000
        < (CHECKPOINT_S + TOLERANCE_S)
    ), "counted up to the node's last checkpoint, never more than ran"
    assert sum(booked_ms(site, purchase)) == LONG.seconds * 1000
    assert rest.seconds == pytest.approx(
        booked_ms(site, purchase)[1] / 1000, abs=TOLERANCE_S
    )


async def test_home_assistant_gone_both_customers_still_get_what_was_paid(
    site: RunningSite,
) -> None:
    leashed = await charging(site, LONG, LEASHED)
    free = await charging(site, SHORT, FREE)
    await site.kill_home()
    killed_s = time.monotonic()
    for bay in (LEASHED, FREE):
        await site.recorder.wait_for(bay.pin, high=False, since_s=killed_s)
    await site.start_home()
    back_s = time.monotonic()

    [alone] = site.recorder.stretches(FREE.pin, free.began_mono_s)
    assert alone.seconds == pytest.approx(SHORT.seconds, abs=TOLERANCE_S)
    assert alone.end is not None
    assert alone.end.mono_s < back_s, "the node ended it by itself"
    closed = await site.books.wait_end(free.order_id)
    assert (closed["state"], closed["ran_ms"]) == ("completed", SHORT.seconds * 1000)
    assert await refunds(site, free) == []

    await see_end(site, leashed)
    first, _rest = site.recorder.stretches(LEASHED.pin, leashed.began_mono_s)
    assert first.end is not None
    assert first.end.mono_s - killed_s == pytest.approx(2, abs=1), "contact was lost"
    assert sum(booked_ms(site, leashed)) == LONG.seconds * 1000
    assert booked_ms(site, leashed)[0] / 1000 == pytest.approx(
        first.seconds, abs=TOLERANCE_S
    )
    assert await refunds(site, leashed) == []
