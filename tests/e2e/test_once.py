"""However a payment is announced, it is served once."""

import asyncio
from itertools import permutations

import pytest

from demo.purchase import order, see_end, see_relay_on
from demo.receipt import Purchase
from demo.running import RunningSite
from demo.site import BAYS, PLANS, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = SiteSpec(plans=PLANS, bays=BAYS[:2])
EVENTS = ("payment.captured", "order.paid", "payment_link.paid")


async def pay_unannounced(site: RunningSite) -> tuple[Purchase, dict[str, str]]:
    """Buy at bay 1 without a word from the provider; return its unsent events."""
    purchase = await order(site, site.spec.bay(1), site.spec.plan("three_sec"))
    await site.till.control("faults", webhook={"only": []})
    await site.till.open(purchase.url)
    await site.till.press(purchase.url)
    await site.till.control("idle")
    await site.till.control("faults/reset")
    assert await site.till.attempts(purchase.order_id) == []
    return purchase, await site.till.events(purchase.order_id)


async def send(site: RunningSite, *events: str) -> None:
    """Send events at once and wait until each is answered."""
    await asyncio.gather(
        *(site.till.control(f"events/{event}/resend") for event in events)
    )
    await site.till.control("idle")


async def assert_served_once(site: RunningSite, purchase: Purchase) -> None:
    await see_relay_on(site, purchase)
    await see_end(site, purchase)
    assert len(site.recorder.stretches(17, purchase.began_mono_s)) == 1
    assert len(site.books.deliveries(purchase.order_id)) == 1
    query = "SELECT verdict FROM payments WHERE order_id = ?"
    assert site.books.rows(query, purchase.order_id) == [{"verdict": "credited"}]
    tries = await site.till.attempts(purchase.order_id)
    assert all(attempt.accepted for attempt in tries)


async def test_a_webhook_delivered_five_times_in_a_row_is_one_session(
    site: RunningSite,
) -> None:
    purchase, events = await pay_unannounced(site)
    for _ in range(5):
        await send(site, events["payment_link.paid"])
    await assert_served_once(site, purchase)


async def test_a_webhook_delivered_five_times_at_once_is_one_session(
    site: RunningSite,
) -> None:
    purchase, events = await pay_unannounced(site)
    await send(site, *([events["payment_link.paid"]] * 5))
    await assert_served_once(site, purchase)


async def test_all_events_five_times_at_once_are_one_session(
    site: RunningSite,
) -> None:
    purchase, events = await pay_unannounced(site)
    await send(site, *(list(events.values()) * 5))
    await assert_served_once(site, purchase)


@pytest.mark.parametrize("names", permutations(EVENTS), ids=" ".join)
async def test_the_three_events_of_a_payment_are_one_session_in_every_order(
    site: RunningSite, names: tuple[str, ...]
) -> None:
    purchase, events = await pay_unannounced(site)
    for name in names:
        await send(site, events[name])
    await assert_served_once(site, purchase)


async def test_webhooks_of_a_finished_order_start_nothing(site: RunningSite) -> None:
    finished, events = await pay_unannounced(site)
    await send(site, *events.values())
    await assert_served_once(site, finished)
    await send(site, *(list(events.values()) * 2))
    # Had they started something, the next order would find it there.
    following, events = await pay_unannounced(site)
    await send(site, *events.values())
    await assert_served_once(site, following)
    assert len(site.recorder.stretches(17, finished.began_mono_s)) == 2
