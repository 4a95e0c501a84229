"""What was not delivered goes back once, whatever happens on the way."""

import asyncio
from typing import Any

import pytest

from demo.purchase import order, pay, see_relay_on
from demo.receipt import Purchase
from demo.running import RunningSite
from demo.site import BAYS, PLANS, SiteSpec
from demo.waiting import poll

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = SiteSpec(plans=PLANS, bays=BAYS[:1])


async def stopped(site: RunningSite) -> Purchase:
    """Pay for a minute and stop it after two seconds."""
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    purchase = await order(site, bay, site.spec.plan("minute"))
    await pay(site, purchase)
    await see_relay_on(site, purchase)
    await asyncio.sleep(2)
    await site.home.act("paybay.stop_session", bay=bay.switch)
    return purchase


async def refund_of(site: RunningSite, purchase: Purchase, state: str) -> Any:
    """Return an order's only refund as the ledger has it, once it is in this state."""

    async def look() -> Any:
        query = "SELECT * FROM refunds WHERE order_id = ?"
        rows = site.books.rows(query, purchase.order_id)
        return rows[0] if [row["state"] for row in rows] == [state] else None

    return await poll(look, f"a refund that is {state}", within_s=60)


async def given(site: RunningSite, row: Any) -> list[tuple[int, str]]:
    """Return what went back of a payment by the provider's books."""
    books = await site.till.books()
    return [
        (refund["amount"], refund["status"])
        for refund in books["refunds"]
        if refund["payment_id"] == row["payment_id"]
    ]


async def test_rest_of_a_stopped_session_goes_back(site: RunningSite) -> None:
    row = await refund_of(site, await stopped(site), "processed")
    assert 1600 < row["amount_minor"] < 2000
    assert await given(site, row) == [(row["amount_minor"], "processed")]


async def test_home_killed_while_the_answer_is_on_its_way_refunds_once(
    site: RunningSite,
) -> None:
    await site.till.control("faults", refund_slow_s=1)
    purchase = await stopped(site)
    await refund_of(site, purchase, "sent")
    await site.kill_home()
    await site.till.control("faults/reset")
    await site.start_home()
    row = await refund_of(site, purchase, "processed")
    assert await given(site, row) == [(row["amount_minor"], "processed")]
