"""The power goes before an automation heard of a payment: it is told again."""

import pytest

from demo.bays import BaySpec, Starter
from demo.purchase import order, pay, see_end, see_webhook
from demo.running import RunningSite
from demo.site import PLANS, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = SiteSpec(
    plans=PLANS,
    bays=(
        BaySpec(number=1, pin=17, starter=Starter.BLUEPRINT_BAY, claim_window_s=120),
    ),
)


async def test_order_no_automation_heard_of_is_started_by_it_after_a_kill(
    site: RunningSite,
) -> None:
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    # Home Assistant stores the device that the automation names when it is stopped.
    await site.home.disconnect()
    await site.home_assistant.stop()
    await site.start_home()
    await site.home.wait_state(bay.status, "available")
    # Nobody hears the first telling, as if the kill had come a moment earlier.
    await site.home.act("automation.turn_off", entity_id=bay.automation)
    await site.home.wait_state(bay.automation, "off")
    purchase = await order(site, bay, site.spec.plan("three_sec"))
    await pay(site, purchase)
    await see_webhook(site, purchase)
    await site.books.wait_order(purchase.order_id, lambda row: row["paid_ms"])
    assert site.recorder.stretches(bay.pin, purchase.began_mono_s) == []
    await site.kill_home()
    since = len(site.home.events)
    await site.start_home()
    told = await site.home.wait_event(
        lambda event: event.kind == "paybay_order_paid",
        "the paid event, once more",
        since=since,
        within_s=60,
    )
    assert told.data["order_id"] == purchase.order_id
    assert told.data["repeated"] is True
    await see_end(site, purchase)
    closed = await site.books.wait_end(purchase.order_id)
    assert (closed["state"], closed["claimed_by"]) == ("completed", "switch")
