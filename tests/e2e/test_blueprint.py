"""The shipped blueprint starts a paid bay, both ways it can be used."""

import pytest

from demo.bays import BaySpec, Starter
from demo.purchase import buy
from demo.running import RunningSite
from demo.site import PLANS, SiteSpec
from demo.verdict import automation_behind

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLAIM_WINDOW_S = 10
SITE = SiteSpec(
    plans=PLANS,
    bays=(
        BaySpec(
            number=1,
            pin=17,
            starter=Starter.BLUEPRINT_BAY,
            claim_window_s=CLAIM_WINDOW_S,
        ),
        BaySpec(
            number=2,
            pin=27,
            starter=Starter.BLUEPRINT_RELAY,
            claim_window_s=CLAIM_WINDOW_S,
        ),
    ),
)


@pytest.mark.parametrize(("number", "claimed_by"), [(1, "switch"), (2, "relay")])
async def test_the_automation_starts_the_order_before_paybay_would(
    site: RunningSite, number: int, claimed_by: str
) -> None:
    bay = site.spec.bay(number)
    await site.home.wait_state(bay.status, "available")
    purchase, closed = await buy(site, bay, site.spec.plan("three_sec"))
    assert automation_behind(site, purchase, bay.target) == bay.automation
    assert closed["claimed_by"] == claimed_by
    waited_s = purchase.moments[f"GPIO {bay.pin} high"] - purchase.moments["paid"]
    assert waited_s < CLAIM_WINDOW_S / 2
