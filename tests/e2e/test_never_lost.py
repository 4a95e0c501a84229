"""A webhook that comes at a bad moment is never acknowledged and then lost.

The provider's lists are out of order here, so nothing but the webhook and its retries
can tell PayBay of a payment.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import resource

import pytest
import pytest_asyncio

from demo.entries import PAYBAY_ENTRY_ID
from demo.purchase import order, pay, see_end, see_relay_on
from demo.receipt import Purchase
from demo.running import RunningSite
from demo.site import BAYS, PLANS, SiteSpec
from demo.till import Attempt
from demo.waiting import poll

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINK_PAID = "payment_link.paid"
# A first retry after 0.1 s instead of a minute.
SITE = SiteSpec(plans=PLANS, bays=BAYS[:1], retry_scale=600)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _blind(site: RunningSite) -> AsyncIterator[None]:
    fault = {"kind": "500", "method": "GET", "path": "*", "times": None}
    await site.till.control("faults/api", **fault)
    yield
    await site.till.control("faults/reset")


async def offer(site: RunningSite) -> Purchase:
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    return await order(site, bay, site.spec.plan("three_sec"))


async def first_accepted(site: RunningSite, purchase: Purchase) -> list[Attempt]:
    """Return all tries once the link's event was accepted."""

    async def look() -> list[Attempt] | None:
        tries = await site.till.attempts(purchase.order_id)
        assert_committed(site, tries)
        told = any(each.accepted and each.event == LINK_PAID for each in tries)
        return tries if told else None

    return await poll(look, "an accepted webhook", within_s=60, every_s=0.01)


def assert_committed(site: RunningSite, tries: list[Attempt]) -> None:
    """See that PayBay has stored every event that it took responsibility for."""
    stored = {row["id"] for row in site.books.rows("SELECT id FROM payment_events")}
    assert {each.event_id for each in tries if each.accepted} <= stored


async def send_again_and_again(site: RunningSite, purchase: Purchase) -> None:
    event = (await site.till.events(purchase.order_id))[LINK_PAID]
    while True:
        await site.till.control(f"events/{event}/resend")
        await site.till.control("idle")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def under_fire(site: RunningSite, purchase: Purchase) -> AsyncIterator[None]:
    """Send the payment's event all the time while inside."""
    firing = asyncio.create_task(send_again_and_again(site, purchase))
    try:
        yield
    finally:
        firing.cancel()
        with suppress(asyncio.CancelledError):
            await firing


async def assert_served_once(site: RunningSite, purchase: Purchase) -> None:
    await see_relay_on(site, purchase)
    await see_end(site, purchase)
    assert len(site.recorder.stretches(17, purchase.began_mono_s)) == 1


async def test_webhooks_during_start_up_are_served_once(site: RunningSite) -> None:
    purchase = await offer(site)
    await site.kill_home()
    await pay(site, purchase)
    async with under_fire(site, purchase):
        await site.start_home()
        tries = await first_accepted(site, purchase)
    assert None in {each.status for each in tries}
    await assert_served_once(site, purchase)


async def test_webhooks_during_reloads_are_served_once(site: RunningSite) -> None:
    purchase = await offer(site)
    await site.till.control("faults", webhook={"only": []})
    await pay(site, purchase)
    async with under_fire(site, purchase):
        for _ in range(5):
            await site.home.act(
                "homeassistant.reload_config_entry", entry_id=PAYBAY_ENTRY_ID
            )
        tries = await first_accepted(site, purchase)
    assert 503 in {each.status for each in tries}
    await assert_served_once(site, purchase)


async def test_a_webhook_that_cannot_be_stored_is_served_by_a_retry(
    site: RunningSite,
) -> None:
    purchase = await offer(site)
    home = site.home_assistant.pid
    unlimited = resource.prlimit(home, resource.RLIMIT_FSIZE)
    # No file of Home Assistant's can be written any more, whoever it runs as.
    resource.prlimit(home, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        await pay(site, purchase)
        await poll(
            lambda: refused_to_store(site, purchase), "a webhook refused with 503"
        )
        tries = await site.till.attempts(purchase.order_id)
        assert not [each for each in tries if each.accepted]
        assert site.books.order(purchase.order_id)["state"] == "created"
    finally:
        resource.prlimit(home, resource.RLIMIT_FSIZE, unlimited)
    await first_accepted(site, purchase)
    await assert_served_once(site, purchase)


async def refused_to_store(site: RunningSite, purchase: Purchase) -> bool | None:
    tries = await site.till.attempts(purchase.order_id)
    return len([each for each in tries if each.status == 503]) >= 3 or None
