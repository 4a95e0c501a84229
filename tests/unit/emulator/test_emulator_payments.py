"""Payments and orders through Razorpay's own SDK."""

import pytest
from razorpay.errors import BadRequestError

from demo.razorpay_emulator import PERSONAL_DATA, RazorpayEmulator

from .conftest import Sdk


async def test_a_captured_payment_looks_like_a_real_one(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link(notes={"bay": "2"})
    made = emulator.pay(link["id"])

    payment = await sdk(sdk.client.payment.fetch, made.id)

    assert (payment["status"], payment["captured"]) == ("captured", True)
    assert (payment["fee"], payment["tax"]) == (24, 4)
    assert payment["description"] == f"#{link['id'].removeprefix('plink_')}"
    assert payment["notes"] == []
    assert len(payment["acquirer_data"]["rrn"]) == 12
    assert {payment["vpa"], payment["contact"], payment["email"]} < set(PERSONAL_DATA)


async def test_the_order_behind_a_link_knows_its_attempts(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link(reference_id="order-1")
    failed = emulator.pay(link["id"], "fail")
    paid = emulator.pay(link["id"])

    order = await sdk(sdk.client.order.fetch, paid.order_id)
    attempts = await sdk(sdk.client.order.payments, paid.order_id)

    assert (order["status"], order["attempts"]) == ("paid", 2)
    assert (order["amount_due"], order["receipt"]) == (0, "order-1")
    assert [(p["id"], p["status"]) for p in attempts["items"]] == [
        (failed.id, "failed"),
        (paid.id, "captured"),
    ]


async def test_payments_are_listed_newest_first_by_pages(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    made = [emulator.foreign_payment(100 * n).id for n in range(1, 13)]

    first = await sdk(sdk.client.payment.all, {})
    second = await sdk(sdk.client.payment.all, {"count": 5, "skip": 10})

    assert (first["entity"], first["count"]) == ("collection", 10)
    assert [payment["id"] for payment in first["items"]] == made[:1:-1]
    assert [payment["id"] for payment in second["items"]] == made[1::-1]


async def test_a_late_payment_is_listed_by_its_own_time(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    late = emulator.pay(link["id"], hours_late=48)
    day_ago = emulator.clock.now() - 24 * 3600

    recent = await sdk(sdk.client.payment.all, {"from": day_ago})
    older = await sdk(sdk.client.payment.all, {"to": day_ago})

    assert recent["items"] == []
    assert [payment["id"] for payment in older["items"]] == [late.id]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"count": 101}, "The count may not be greater than 100."),
        ({"count": "many"}, "The count must be an integer."),
        ({"from": 1}, "from must be between 946684800 and 4765046400"),
        ({"colour": "red"}, "colour is/are not required and should not be sent"),
    ],
)
async def test_a_bad_list_query_is_refused(
    sdk: Sdk, query: dict[str, object], text: str
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        await sdk(sdk.client.payment.all, query)
    assert str(refusal.value) == text


async def test_an_authorised_payment_is_captured_once_for_its_amount(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    made = emulator.pay(link["id"], "authorize")
    capture = sdk.client.payment.capture

    with pytest.raises(BadRequestError, match="equal to the amount authorized"):
        await sdk(capture, made.id, 900, {"currency": "INR"})
    captured = await sdk(capture, made.id, 1000, {"currency": "INR"})
    with pytest.raises(BadRequestError, match="already been captured"):
        await sdk(capture, made.id, 1000, {"currency": "INR"})

    assert captured["status"] == "captured"
    assert emulator.link(link["id"]).status == "paid"


async def test_a_failed_payment_can_be_captured_after_all(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    made = emulator.pay(link["id"], "fail")
    failed = await sdk(sdk.client.payment.fetch, made.id)

    emulator.settle(made.id)
    captured = await sdk(sdk.client.payment.fetch, made.id)

    assert (failed["status"], failed["error_reason"]) == ("failed", "payment_failed")
    assert (captured["status"], captured["error_reason"]) == ("captured", None)


async def test_a_second_payment_of_a_paid_order_is_given_back_at_once(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    slow = emulator.pay(link["id"], "pending")
    emulator.pay(link["id"])

    emulator.settle(slow.id)
    slower = emulator.pay(link["id"], in_flight=True)

    for each in (slow, slower):
        payment = await sdk(sdk.client.payment.fetch, each.id)
        assert (payment["status"], payment["captured"]) == ("refunded", False)
        assert payment["amount_refunded"] == 1000
    assert len(emulator.link(link["id"]).payment_ids) == 1


@pytest.mark.parametrize(
    ("fate", "status"),
    [("capture", "captured"), ("refund", "refunded"), ("fail", "failed")],
)
async def test_a_payment_that_outlives_its_link_follows_the_quirk(
    sdk: Sdk, emulator: RazorpayEmulator, fate: str, status: str
) -> None:
    emulator.quirks.closed_link_payment = fate  # type: ignore[assignment]
    link = await sdk.link()
    await sdk(sdk.client.payment_link.cancel, link["id"])

    made = emulator.pay(link["id"], in_flight=True)

    assert made.status == status
    assert emulator.link(link["id"]).status == "cancelled"


@pytest.mark.parametrize(
    ("payment_id", "text"),
    [
        ("pay_00000000000000", "The id provided does not exist"),
        ("order_00000000000000", "order_00000000000000 is not a valid id"),
    ],
)
async def test_an_unknown_payment_is_a_bad_request(
    sdk: Sdk, payment_id: str, text: str
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        await sdk(sdk.client.payment.fetch, payment_id)
    assert str(refusal.value) == text


async def test_only_notes_of_a_payment_can_be_edited(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    made = emulator.foreign_payment()
    edit = sdk.client.payment.edit

    edited = await sdk(edit, made.id, {"notes": {"seen": "yes"}})

    assert edited["notes"] == {"seen": "yes"}
    with pytest.raises(BadRequestError, match="amount is/are not required"):
        await sdk(edit, made.id, {"amount": 1})
