"""A second customer pays while the first charges: the relay's pin never goes low."""

import pytest

from demo.purchase import TOLERANCE_S, on_seconds, order, pay, see_relay_on, see_webhook
from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAN = PlanSpec(code="eight_sec", name="Eight seconds", rupees=10, seconds=8)
SITE = SiteSpec(plans=(PLAN,), bays=BAYS[:1])


async def test_pin_stays_high_from_the_first_order_to_the_end_of_the_second(
    site: RunningSite,
) -> None:
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    first = await order(site, bay, PLAN)
    await pay(site, first)
    await see_relay_on(site, first)
    second = await order(site, bay, PLAN)
    await pay(site, second)
    await see_webhook(site, second)

    for purchase in (first, second):
        assert (await site.books.wait_end(purchase.order_id))["state"] == "completed"
    await site.recorder.wait_for(
        bay.pin, high=False, since_s=first.began_mono_s, within_s=10
    )
    (stretch,) = site.recorder.stretches(bay.pin, first.began_mono_s)
    assert stretch.end is not None
    assert on_seconds(site, first) == pytest.approx(2 * PLAN.seconds, abs=TOLERANCE_S)
    for purchase in (first, second):
        (delivery,) = site.books.deliveries(purchase.order_id)
        assert delivery["ran_ms"] == PLAN.seconds * 1000
        assert delivery["session_id"] == first.order_id
