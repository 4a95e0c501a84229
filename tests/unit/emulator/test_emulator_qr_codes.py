"""Printed QR codes: made, scanned and closed as at Razorpay."""

from http import HTTPStatus
import io
from typing import Any

from aiohttp import ClientSession
from PIL import Image
import pytest
from razorpay.errors import BadRequestError, ServerError
import zxingcpp

from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Json, Receiver, Sdk, basic

OPEN = {"type": "upi_qr", "usage": "multiple_use"}
FIXED = OPEN | {"fixed_amount": True, "payment_amount": 1000}
ONCE = FIXED | {"usage": "single_use"}


async def create(sdk: Sdk, **fields: Any) -> Json:
    made: Json = await sdk(sdk.client.qrcode.create, OPEN | fields)
    return made


async def test_a_new_code_is_active_and_shows_what_was_asked(sdk: Sdk) -> None:
    made = await create(sdk, **FIXED, description="Bay 1", notes={"bay": "1"})
    assert made["id"].startswith("qr_")
    assert made["entity"] == "qr_code"
    assert (made["status"], made["payment_amount"]) == ("active", 1000)
    assert made["description"] == "Bay 1"
    assert made["notes"] == {"bay": "1"}
    assert made["close_by"] is None
    assert not {"closed_at", "close_reason", "image_content"} & made.keys()
    assert await sdk(sdk.client.qrcode.fetch, made["id"]) == made


async def test_empty_notes_are_a_list(sdk: Sdk) -> None:
    assert (await create(sdk))["notes"] == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"type": "bharat_qr"}, "selected type"),
        ({"usage": None}, "usage field is required"),
        ({"usage": "single_use"}, "fixed amount should be true"),
        ({"fixed_amount": True}, "payment amount field is required"),
        ({"payment_amount": 1000}, "payment_amount is/are not required"),
        (FIXED | {"payment_amount": 0}, "must be at least 1"),
        (FIXED | {"payment_amount": 99}, "at least INR 1.00"),
        (FIXED | {"payment_amount": 10.5}, "must be an integer"),
        ({"close_by": 1}, "close_by is/are not required"),
        (ONCE | {"close_by": 1}, "2 minutes"),
        ({"colour": "red"}, "colour is/are not required and should not be sent"),
        ({"notes": {str(n): "x" for n in range(16)}}, "more than 15"),
    ],
)
async def test_what_razorpay_refuses_is_refused(
    sdk: Sdk, fields: Json, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words):
        await create(sdk, **fields)


async def test_a_single_use_code_lives_two_hours_at_most_and_closes_unheard(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    now = emulator.clock.now()
    made = await create(sdk, **ONCE, close_by=now + 9 * 3600)
    assert abs(made["close_by"] - now - 7200) <= 1
    emulator.clock.advance(7202)
    closed = await sdk(sdk.client.qrcode.fetch, made["id"])
    assert (closed["status"], closed["close_reason"]) == ("closed", None)
    await emulator.idle()
    assert receiver.events == ["qr_code.created"]


async def test_a_scan_is_told_three_times_and_carries_the_codes_notes(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    made = await create(sdk, notes={"bay": "1"})
    payment = emulator.scan(made["id"], 1500)
    await emulator.idle()
    assert receiver.events[1:] == [
        "payment.authorized",
        "payment.captured",
        "qr_code.credited",
    ]
    payload = receiver.posts[-1].body["payload"]
    told = payload["payment"]["entity"]
    assert (told["id"], told["order_id"]) == (payment.id, None)
    assert told["notes"] == {"bay": "1"}
    assert told["description"] == "QRv2 Payment"
    assert payload["qr_code"]["entity"]["payments_count_received"] == 0
    now = await sdk(sdk.client.qrcode.fetch, made["id"])
    assert now["payments_count_received"] == 1
    assert now["payments_amount_received"] == 1500


async def test_a_fixed_code_takes_its_own_amount_only(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    made = await create(sdk, **FIXED)
    assert emulator.scan(made["id"]).amount == 1000
    with pytest.raises(ValueError, match="the payer pays 1000"):
        emulator.scan(made["id"], 500)


async def test_payments_of_a_code_and_the_code_of_a_payment_are_found(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    made, other = await create(sdk), await create(sdk, customer_id="cust_1")
    payment = emulator.scan(made["id"], 1500)
    emulator.foreign_payment()
    paid = await sdk(sdk.client.qrcode.fetch_all_payments, made["id"], {"count": 100})
    assert [each["id"] for each in paid["items"]] == [payment.id]
    found = await sdk(sdk.client.qrcode.all, {"payment_id": payment.id})
    assert [each["id"] for each in found["items"]] == [made["id"]]
    of_customer = await sdk(sdk.client.qrcode.all, {"customer_id": "cust_1"})
    assert [each["id"] for each in of_customer["items"]] == [other["id"]]
    unknown = await sdk(sdk.client.qrcode.all, {"payment_id": "pay_00000000000000"})
    assert unknown["items"] == []


async def test_closing_ends_a_code_and_is_told(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    made = await create(sdk)
    closed = await sdk(sdk.client.qrcode.close, made["id"])
    assert (closed["status"], closed["close_reason"]) == ("closed", "on_demand")
    with pytest.raises(BadRequestError, match="closed already"):
        await sdk(sdk.client.qrcode.close, made["id"])
    with pytest.raises(ValueError, match="closed"):
        emulator.scan(made["id"], 1000)
    await emulator.idle()
    assert receiver.events == ["qr_code.created", "qr_code.closed"]


async def test_an_account_may_refuse_to_close_a_code_for_many_payments(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    made = await create(sdk)
    emulator.quirks.multiple_use_closes = False
    with pytest.raises(BadRequestError, match="cannot be closed"):
        await sdk(sdk.client.qrcode.close, made["id"])


async def test_a_payment_in_flight_on_a_closed_code_goes_back(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    made = await create(sdk, **ONCE)
    assert emulator.scan(made["id"]).captured
    payment = emulator.scan(made["id"], in_flight=True)
    assert (payment.status, payment.captured) == ("refunded", False)


async def test_airtel_payers_get_their_money_back_unasked(
    sdk: Sdk, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    made = await create(sdk)
    payment = emulator.scan(made["id"], 1000, airtel=True)
    assert payment.amount_refunded == 1000
    await emulator.idle()
    assert receiver.events[-3:] == [
        "qr_code.credited",
        "refund.created",
        "refund.processed",
    ]


async def test_notes_can_be_changed_and_nothing_else(
    sdk: Sdk, emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    made = await create(sdk)
    url = f"{emulator.base_url}/v1/payments/qr_codes/{made['id']}"
    for body, status in (
        ({"notes": {"bay": "2"}}, HTTPStatus.OK),
        ({"name": "x"}, HTTPStatus.BAD_REQUEST),
    ):
        async with browser.patch(url, json=body, headers=basic(emulator)) as answer:
            assert answer.status == status
    assert (await sdk(sdk.client.qrcode.fetch, made["id"]))["notes"] == {"bay": "2"}


async def test_an_account_without_the_feature_is_told_so_in_two_ways(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    emulator.faults.qr_feature = "not_found"
    with pytest.raises(BadRequestError, match="requested URL was not found"):
        await create(sdk)
    with pytest.raises(BadRequestError, match="requested URL was not found"):
        await sdk(sdk.client.qrcode.all, {})
    emulator.faults.qr_feature = "server_error"
    with pytest.raises(ServerError):
        await create(sdk)
    assert (await sdk(sdk.client.qrcode.all, {}))["items"] == []


async def test_a_phone_reads_the_payment_from_the_poster(
    sdk: Sdk, emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    emulator.quirks.qr_image_content = True
    made = await create(sdk, **FIXED, description="Bay 1")
    async with browser.get(made["image_url"]) as answer:
        assert answer.content_type == "image/png"
        poster = Image.open(io.BytesIO(await answer.read()))
    (code,) = zxingcpp.read_barcodes(poster)
    assert code.text == made["image_content"]
    assert code.text.startswith("upi://pay?pa=")
    assert "am=10.00" in code.text
    assert "tn=Bay%201" in code.text
    assert poster.height > 2 * poster.width


async def test_a_person_scans_types_an_amount_and_has_paid(
    sdk: Sdk, emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    made = await create(sdk)
    page = f"{made['image_url']}/scan"
    async with browser.get(page) as answer:
        assert 'name="rupees"' in await answer.text()
    async with browser.post(page, data={"rupees": "15.50", "pay": "1"}) as answer:
        assert "Paid ₹15.50" in await answer.text()
    (payment,) = emulator.books.payments.values()
    assert (payment.amount, payment.captured) == (1550, True)
    for rubbish in ("", "0.5", "ten"):
        async with browser.post(page, data={"rupees": rubbish}) as answer:
            assert answer.status == HTTPStatus.BAD_REQUEST


async def test_the_page_of_a_closed_code_takes_no_money(
    sdk: Sdk, emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    made = await create(sdk, **FIXED)
    emulator.close_qr_code(made["id"])
    async with browser.post(f"{made['image_url']}/scan", data={}) as answer:
        assert answer.status == HTTPStatus.CONFLICT
        assert "closed" in await answer.text()
    assert emulator.books.payments == {}


async def test_another_process_scans_and_closes_by_the_control_api(
    sdk: Sdk, emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    made = await create(sdk)
    control = f"{emulator.base_url}/_emulator"
    body = {"qr_code": made["id"], "amount": 1000}
    async with browser.post(f"{control}/scan", json=body) as answer:
        assert (await answer.json())["status"] == "captured"
    async with browser.post(f"{control}/qr_codes/{made['id']}/close", json={}) as done:
        assert (await done.json())["status"] == "closed"
    async with browser.post(f"{control}/scan", json=body) as answer:
        assert "closed" in (await answer.json())["error"]
    async with browser.get(control) as page:
        assert made["id"] in await page.text()
