"""A sticker on the wall: scanned, paid and served on real processes, or given back."""

from http import HTTPStatus
from io import BytesIO
import time
from typing import Any

from aiohttp import ClientSession
from PIL import Image
import pytest
import zxingcpp

from demo.home import RefusedError
from demo.purchase import see_end, see_relay_on
from demo.receipt import Purchase
from demo.running import RunningSite
from demo.site import BAYS, PLANS, SiteSpec
from demo.waiting import poll

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = SiteSpec(plans=PLANS, bays=BAYS[:1])
PLAN = "three_sec"


async def hang(site: RunningSite, plan: str | None, **how: Any) -> dict[str, Any]:
    """Have the bay's code made; return what the action says of it."""
    data = {"plan": plan} if plan else {}
    answer = await site.home.ask(
        "paybay.provision_qr", bay=[site.spec.bay(1).switch], **data, **how
    )
    (result,) = answer["results"]
    assert result["state"] == "active"
    return {**result, "sheet": answer["print_sheet"]}


async def read_poster(picture: bytes) -> str:
    """Return what a phone reads from a poster."""
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    return str(code.text)


async def fetch(url: str) -> bytes:
    """Return what is behind an address that needs no login."""
    async with ClientSession() as phone, phone.get(url) as answer:
        assert answer.status == HTTPStatus.OK
        return await answer.read()


async def scan(
    site: RunningSite, code: dict[str, Any], **how: Any
) -> tuple[Purchase, str]:
    """Scan the poster with a phone and pay; return the purchase and the payment."""
    bay = site.spec.bay(1)
    await site.home.wait_state(bay.status, "available")
    number, began_mono_s = len(site.home.events), time.monotonic()
    text = await read_poster(await fetch(code["image_url"]))
    payment = await site.till.control("scan", qr_code=text, **how)

    async def credited() -> str | None:
        query = "SELECT order_id FROM payments WHERE id = ?"
        rows = site.books.rows(query, payment["id"])
        return rows[0]["order_id"] if rows else None

    order_id = await poll(credited, "the order of a scan", within_s=30)
    purchase = Purchase(
        bay=bay,
        plan=site.spec.plan(PLAN),
        order_id=order_id,
        url=code["image_url"],
        event_number=number,
        began_mono_s=began_mono_s,
    )
    return purchase, payment["id"]


async def refunded(site: RunningSite, payment_id: str) -> list[tuple[str, int]]:
    """Return what went back by the provider's books, once something has."""

    async def look() -> list[tuple[str, int]] | None:
        found = [
            (refund["status"], refund["amount"])
            for refund in (await site.till.books())["refunds"]
            if refund["payment_id"] == payment_id
        ]
        return found or None

    return await poll(look, "the refund of a scan", within_s=60)


async def test_scan_of_the_printed_code_switches_the_real_bay_on(
    site: RunningSite,
) -> None:
    code = await hang(site, PLAN)
    purchase, payment_id = await scan(site, code)
    await see_relay_on(site, purchase)
    await see_end(site, purchase)
    assert len(site.books.deliveries(purchase.order_id)) == 1
    query = "SELECT verdict FROM payments WHERE id = ?"
    assert site.books.rows(query, payment_id) == [{"verdict": "credited"}]


async def test_the_sheet_of_a_real_home_shows_a_code_that_phones_read(
    site: RunningSite,
) -> None:
    code = await hang(site, PLAN)
    page = (await fetch(site.home.url + code["sheet"])).decode()
    assert site.spec.bay(1).name in page
    assert 'src="data:image/png;base64,' in page
    assert await hang(site, PLAN) | {"sheet": ""} == code | {
        "sheet": "",
        "created": False,
    }


async def test_scan_while_home_assistant_is_dead_is_served_when_it_is_back(
    site: RunningSite,
) -> None:
    code = await hang(site, PLAN)
    text = await read_poster(await fetch(code["image_url"]))
    number, began_mono_s = len(site.home.events), time.monotonic()
    await site.kill_home()
    payment = await site.till.control("scan", qr_code=text)
    await site.start_home()

    async def credited() -> str | None:
        query = "SELECT order_id FROM payments WHERE id = ?"
        rows = site.books.rows(query, payment["id"])
        return rows[0]["order_id"] if rows else None

    order_id = await poll(credited, "the order of a scan", within_s=60)
    purchase = Purchase(
        bay=site.spec.bay(1),
        plan=site.spec.plan(PLAN),
        order_id=order_id,
        url=code["image_url"],
        event_number=number,
        began_mono_s=began_mono_s,
    )
    await see_end(site, purchase)
    assert len(site.recorder.stretches(17, began_mono_s)) == 1


async def test_money_on_a_retired_code_goes_back_and_starts_nothing(
    site: RunningSite,
) -> None:
    code = await hang(site, None)
    await site.till.control("quirks", multiple_use_closes=False)
    bay = site.spec.bay(1)
    with pytest.raises(RefusedError):
        await site.home.act("paybay.retire_qr", bay=bay.switch, confirm="no")
    answer = await site.home.ask(
        "paybay.retire_qr", bay=bay.switch, confirm=bay.name, qr_id=code["qr_id"]
    )
    assert [each["state"] for each in answer["results"]] == ["retiring"]
    purchase, payment_id = await scan(site, code, amount=3000)
    assert await refunded(site, payment_id) == [("processed", 3000)]
    order = site.books.order(purchase.order_id)
    assert (order["state"], order["reason"]) == ("undelivered", "qr_retired")
    assert site.recorder.stretches(17, purchase.began_mono_s) == []
