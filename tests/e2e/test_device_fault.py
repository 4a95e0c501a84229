"""An emergency stop, and too much current, under a charging customer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Any

import pytest

from demo.bays import BaySpec
from demo.purchase import buy, on_seconds, order, pay, see_relay_on
from demo.receipt import Purchase
from demo.running import RunningSite
from demo.site import PLANS, SiteSpec
from demo.verdict import CheckError
from demo.waiting import poll

pytestmark = pytest.mark.asyncio(loop_scope="module")

STOPPED = BaySpec(number=1, pin=17, estop_pin=5)
OVERLOADED = BaySpec(number=2, pin=27, trip_current_a=16, trip_rest_s=5)
SITE = SiteSpec(plans=PLANS, bays=(STOPPED, OVERLOADED))
REPAIRS = "repairs_issue_registry_updated"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What happens to a bay, what undoes it, and how soon its relay must be off."""

    bay: BaySpec
    begin: Sequence[str]
    end: Sequence[str]
    fault: str
    off_within_s: float


TROUBLES = {
    "estop": Trouble(
        bay=STOPPED,
        begin=("press", "5"),
        end=("release", "5"),
        fault="estop",
        off_within_s=1,
    ),
    "over_current": Trouble(
        bay=OVERLOADED,
        begin=("overload", "2"),
        end=("unplug", "2"),
        fault="over_current",
        off_within_s=2,
    ),
}


async def seen(site: RunningSite, bay: BaySpec, action: str, since: int) -> None:
    """Wait until the repair of a bay's fault was created or removed."""
    issue_id = f"device_fault_{bay.id}"
    await site.home.wait_event(
        lambda event: (
            event.kind == REPAIRS
            and (event.data["action"], event.data["issue_id"]) == (action, issue_id)
        ),
        f"the repair {issue_id}: {action}",
        since=since,
    )


async def issues(site: RunningSite) -> list[tuple[str, str]]:
    """Return the translation keys of our repairs, with the bay each is about."""
    found = await site.home.command("repairs/list_issues")
    return [
        (issue["translation_key"], issue["translation_placeholders"]["bay"])
        for issue in found["issues"]
        if issue["domain"] == "paybay"
    ]


async def refunded(site: RunningSite, purchase: Purchase) -> Any:
    """Return an order's only refund once it is processed."""

    async def look() -> Any:
        query = "SELECT * FROM refunds WHERE order_id = ?"
        rows = site.books.rows(query, purchase.order_id)
        return rows[0] if [row["state"] for row in rows] == ["processed"] else None

    return await poll(look, "a refund that is processed", within_s=60)


@pytest.mark.parametrize("name", TROUBLES)
async def test_fault_ends_the_session_for_good_and_the_rest_goes_back(
    site: RunningSite, name: str
) -> None:
    trouble = TROUBLES[name]
    bay, number = trouble.bay, len(site.home.events)
    await site.home.wait_state(bay.status, "available")
    purchase = await order(site, bay, site.spec.plan("minute"))
    await pay(site, purchase)
    await see_relay_on(site, purchase)
    await asyncio.sleep(1)

    began_s = time.monotonic()
    await site.bridge.let(*trouble.begin)
    went_low = await site.recorder.wait_for(bay.pin, high=False, since_s=began_s)
    assert went_low.mono_s - began_s < trouble.off_within_s

    ended = await site.books.wait_end(purchase.order_id)
    assert (ended["state"], ended["reason"]) == ("stopped", "device_fault")
    await seen(site, bay, "create", number)
    assert await issues(site) == [(f"device_fault_{trouble.fault}", bay.name)]

    links = len((await site.till.books())["links"])
    with pytest.raises(CheckError, match=r"has a problem"):
        await order(site, bay, site.spec.plan("three_sec"))
    assert len((await site.till.books())["links"]) == links, "nobody can pay"

    row = await refunded(site, purchase)
    assert row["amount_minor"] == pytest.approx(
        2000 * (60 - on_seconds(site, purchase)) / 60, abs=20
    )
    assert [
        (refund["amount"], refund["status"])
        for refund in (await site.till.books())["refunds"]
        if refund["payment_id"] == row["payment_id"]
    ] == [(row["amount_minor"], "processed")]

    number = len(site.home.events)
    await site.bridge.let(*trouble.end)
    await seen(site, bay, "remove", number)
    await site.home.wait_state(bay.status, "available")
    assert await issues(site) == []
    assert not site.recorder.is_high(bay.pin), "nothing goes on by itself"
    await buy(site, bay, site.spec.plan("three_sec"))
    (stretch,) = site.books.deliveries(purchase.order_id)
    assert stretch["reason"] == "device_fault"
