"""A plan with a limit of energy ends at its energy, in a real Home Assistant."""

import csv
from datetime import date, datetime, timedelta
import io

from aiohttp import ClientSession
import pytest

from demo.bays import BaySpec
from demo.purchase import order, pay, see_relay_on
from demo.running import RunningSite
from demo.site import PlanSpec, SiteSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")

METER = "sensor.demo_meter"
UNIT = PlanSpec(code="unit", name="Half a unit", rupees=10, seconds=600, energy_wh=500)
BAY = BaySpec(number=1, pin=17, energy_meter=METER)
SITE = SiteSpec(plans=(UNIT,), bays=(BAY,))


async def count(site: RunningSite, kwh: float) -> None:
    """Have the meter say this."""
    attributes = {"unit_of_measurement": "kWh", "device_class": "energy"}
    state = {"state": f"{kwh:.3f}", "attributes": attributes}
    await site.home.post(f"/api/states/{METER}", state)


async def test_session_ends_at_its_energy_and_the_books_tell_it(
    site: RunningSite,
) -> None:
    await count(site, 41.0)
    purchase = await order(site, BAY, UNIT)
    await pay(site, purchase)
    await see_relay_on(site, purchase)
    await count(site, 41.4)
    assert site.books.order(purchase.order_id)["state"] == "charging"
    await count(site, 41.5)
    ended = await site.books.wait_end(purchase.order_id, within_s=10)
    await site.recorder.wait_for(
        BAY.pin, high=False, since_s=purchase.began_mono_s, within_s=10
    )
    assert (ended["state"], ended["reason"]) == ("completed", "energy_used")
    assert ended["ran_mwh"] == 500_000
    assert ended["ran_ms"] < UNIT.seconds * 1000
    assert len(site.recorder.stretches(17, purchase.began_mono_s)) == 1

    found = await site.home.ask(
        "paybay.get_orders", order_id=purchase.order_id, detail="full"
    )
    (shown,) = found["orders"]
    assert (shown["energy_wh"], shown["refund_pending"]["amount"]) == (500.0, 0)
    assert [line["what"] for line in shown["timeline"]][-2:] == [
        "delivered",
        "complete",
    ]
    paid_at = datetime.fromisoformat(shown["paid_at"])
    await see_in_the_accountants_file(site, purchase.order_id, paid_at.date())


async def see_in_the_accountants_file(
    site: RunningSite, order_id: str, day: date
) -> None:
    """Download the day's file by its link alone, and find the order in it."""
    # The site's own day may be one further than UTC's.
    span = {"from": str(day), "to": str(day + timedelta(days=1))}
    exported = await site.home.ask("paybay.export_orders", include_test=True, **span)
    url = f"http://127.0.0.1:{site.ports.home_assistant}{exported['url']}"
    async with ClientSession() as stranger, stranger.get(url) as response:
        text = (await response.read()).decode("utf-8-sig")
    rows = {row["order_id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows[order_id]["energy_wh"] == "500.000"
    assert rows[order_id]["paid"] == "10.00"
