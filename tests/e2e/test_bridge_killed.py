"""The bridge dies under a charging customer."""

import time

import pytest

from demo.purchase import (
    TOLERANCE_S,
    on_seconds,
    order,
    pay,
    see_end,
    see_relay_on,
)
from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAN = PlanSpec(code="ten_sec", name="Ten seconds", rupees=10, seconds=10)
SITE = SiteSpec(plans=(PLAN,), bays=BAYS[:1])


async def test_killed_while_charging_the_rest_is_given_when_it_is_back(
    site: RunningSite,
) -> None:
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    purchase = await order(site, bay, PLAN)
    await pay(site, purchase)
    await see_relay_on(site, purchase)

    site.bridge.off_allowed.clear()
    await site.bridge.kill()
    await site.home.wait_state(bay.status, "offline")
    assert site.recorder.is_high(bay.pin), "a Pi's outputs outlive the process"

    released_s = time.monotonic()
    site.bridge.off_allowed.set()
    await see_end(site, purchase)
    first, _rest = site.recorder.stretches(bay.pin, purchase.began_mono_s)
    assert first.end is not None
    assert first.end.mono_s > released_s, "only `off` ends what the dead bridge left on"
    assert on_seconds(site, purchase) == pytest.approx(PLAN.seconds, abs=TOLERANCE_S)
    stretches = site.books.deliveries(purchase.order_id)
    assert sum(each["ran_ms"] for each in stretches) == PLAN.seconds * 1000
