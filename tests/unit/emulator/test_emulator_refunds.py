"""Refunds through Razorpay's own SDK, idempotency included."""

import asyncio
from typing import Any

from aiohttp import ClientSession
import pytest
from razorpay.errors import BadRequestError

from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Json, Sdk, basic

KEY = "refund-key-0001"


async def refund(sdk: Sdk, payment_id: str, body: Json, key: str | None = None) -> Json:
    headers = {"X-Refund-Idempotency": key} if key else {}
    made: Json = await sdk(sdk.client.payment.refund, payment_id, body, headers=headers)
    return made


@pytest.fixture
async def paid(emulator: RazorpayEmulator) -> str:
    return emulator.foreign_payment(1000).id


async def test_parts_add_up_to_a_full_refund(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    part = await refund(sdk, paid, {"amount": 400, "notes": {"why": "rest"}})
    halfway = await sdk(sdk.client.payment.fetch, paid)
    rest = await refund(sdk, paid, {})
    done = await sdk(sdk.client.payment.fetch, paid)

    assert (part["entity"], part["status"], part["amount"]) == (
        "refund",
        "processed",
        400,
    )
    assert (halfway["status"], halfway["refund_status"]) == ("captured", "partial")
    assert rest["amount"] == 600
    assert (done["status"], done["refund_status"]) == ("refunded", "full")
    with pytest.raises(BadRequestError, match="fully refunded already"):
        await refund(sdk, paid, {})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"amount": 1001},
            "The refund amount provided is greater than amount captured.",
        ),
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"speed": "warp"}, "The selected speed is invalid."),
        ({"reason": "x"}, "reason is/are not required and should not be sent"),
    ],
)
async def test_a_bad_refund_is_refused(
    sdk: Sdk, paid: str, body: dict[str, Any], text: str
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        await refund(sdk, paid, body)
    assert str(refusal.value) == text


async def test_only_captured_money_goes_back(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    failed = emulator.pay(link["id"], "fail")
    with pytest.raises(BadRequestError, match="status should be captured"):
        await refund(sdk, failed.id, {})


async def test_the_same_key_refunds_once(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    first = await refund(sdk, paid, {"amount": 300}, KEY)
    again = await refund(sdk, paid, {"amount": 300}, KEY)

    assert again == first
    assert len(emulator.books.refunds) == 1


async def test_the_same_key_with_another_body_is_a_conflict(
    sdk: Sdk, paid: str, emulator: RazorpayEmulator, browser: ClientSession
) -> None:
    await refund(sdk, paid, {"amount": 300}, KEY)
    async with browser.post(
        f"{emulator.base_url}/v1/payments/{paid}/refund",
        json={"amount": 301},
        headers=basic(emulator) | {"X-Refund-Idempotency": KEY},
    ) as response:
        body = await response.json()

    assert response.status == 409
    assert body["error"]["description"] == (
        "Different request with the same idempotency key has already been processed."
    )


async def test_a_key_is_busy_while_its_first_request_runs(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    emulator.faults.refund_slow_s = 0.2

    answers = await asyncio.gather(
        refund(sdk, paid, {}, KEY), refund(sdk, paid, {}, KEY), return_exceptions=True
    )

    (made,) = [each for each in answers if isinstance(each, dict)]
    (refusal,) = [each for each in answers if isinstance(each, BadRequestError)]
    assert "still in progress" in str(refusal)
    assert await refund(sdk, paid, {}, KEY) == made


@pytest.mark.parametrize("key", ["short", "with spaces in it", "slash/slash/slash"])
async def test_a_malformed_key_is_refused(sdk: Sdk, paid: str, key: str) -> None:
    with pytest.raises(BadRequestError, match="idempotency key is invalid"):
        await refund(sdk, paid, {}, key)


async def test_without_balance_a_refund_is_refused_and_its_key_stays_free(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    emulator.faults.refund_no_balance = True
    with pytest.raises(BadRequestError, match=r"^invalid request sent$"):
        await refund(sdk, paid, {}, KEY)

    emulator.faults.refund_no_balance = False
    assert (await refund(sdk, paid, {}, KEY))["status"] == "processed"


async def test_a_refused_refund_can_be_made_to_use_up_its_key(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    emulator.quirks.remember_failed_refunds = True
    emulator.faults.refund_no_balance_old_text = True
    with pytest.raises(BadRequestError, match="does not have enough balance"):
        await refund(sdk, paid, {}, KEY)

    emulator.faults.reset()
    with pytest.raises(BadRequestError, match="does not have enough balance"):
        await refund(sdk, paid, {}, KEY)


async def test_a_pending_refund_fails_and_frees_its_amount(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    emulator.faults.refund_outcome = "pending"
    made = await refund(sdk, paid, {})
    held = await sdk(sdk.client.payment.fetch, paid)

    emulator.settle_refund(made["id"], "failed")
    freed = await sdk(sdk.client.payment.fetch, paid)

    assert (made["status"], held["status"]) == ("pending", "refunded")
    assert (freed["status"], freed["amount_refunded"]) == ("captured", 0)
    fetched = await sdk(sdk.client.refund.fetch, made["id"])
    assert fetched["status"] == "failed"


async def test_a_refund_can_be_answered_as_pending_and_fail_later(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    emulator.faults.refund_outcome = "failed"

    made = await refund(sdk, paid, {})

    assert made["status"] == "pending"
    assert emulator.books.refund(made["id"]).status == "failed"


async def test_refunds_are_listed_for_a_payment_and_for_all(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    other = emulator.refund(emulator.foreign_payment(500).id)
    mine = await refund(sdk, paid, {"amount": 200, "receipt": "r-1"})

    of_payment = await sdk(sdk.client.payment.fetch_multiple_refund, paid, {})
    one = await sdk(sdk.client.payment.fetch_refund_id, paid, mine["id"])
    everything = await sdk(sdk.client.refund.all, {})

    assert [each["id"] for each in of_payment["items"]] == [mine["id"]]
    assert (one["id"], one["receipt"]) == (mine["id"], "r-1")
    assert [each["id"] for each in everything["items"]] == [mine["id"], other.id]


async def test_a_payment_of_half_a_year_ago_is_not_refunded(
    sdk: Sdk, emulator: RazorpayEmulator, paid: str
) -> None:
    emulator.clock.advance(190 * 24 * 3600)
    with pytest.raises(BadRequestError, match="six months"):
        await refund(sdk, paid, {})
