"""The disk is full in the middle of a session: it ends on time and is booked later."""

import resource

import pytest

from demo.bays import AnyBay, PlainBay
from demo.purchase import TOLERANCE_S, on_seconds, order, pay, see_relay_on
from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec
from demo.waiting import poll

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = PlanSpec(code="short", name="Short", rupees=5, seconds=3)
PLAIN = PlainBay(number=4, pin=44)
SITE = SiteSpec(plans=(SHORT,), bays=BAYS[:1], plain_bays=(PLAIN,))


@pytest.mark.parametrize("bay", [BAYS[0], PLAIN], ids=["bridge", "plain_switch"])
async def test_session_on_a_full_disk_ends_on_time_and_is_booked_later(
    site: RunningSite, bay: AnyBay
) -> None:
    await site.home.wait_state(bay.status, "available")
    purchase = await order(site, bay, SHORT)
    await pay(site, purchase)
    await see_relay_on(site, purchase)
    home = site.home_assistant.pid
    unlimited = resource.prlimit(home, resource.RLIMIT_FSIZE)
    # No file of Home Assistant's can be written any more, whoever it runs as.
    resource.prlimit(home, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        await poll(lambda: told(site), "a notice for the owner", within_s=30)
        await site.recorder.wait_for(
            bay.pin, high=False, since_s=purchase.began_mono_s, within_s=30
        )
    finally:
        resource.prlimit(home, resource.RLIMIT_FSIZE, unlimited)
    # The guard of a plain switch comes a second after the end.
    assert abs(on_seconds(site, purchase) - SHORT.seconds) <= TOLERANCE_S + 1
    row = await site.books.wait_end(purchase.order_id, within_s=60)
    assert row["state"] == "completed"
    await poll(lambda: healed(site), "the notice gone", within_s=60)


async def told(site: RunningSite) -> bool | None:
    issues = await site.home.render("{{ issues() | map('last') | list }}")
    return "ledger_failing" in issues or None


async def healed(site: RunningSite) -> bool | None:
    return await told(site) is None or None
