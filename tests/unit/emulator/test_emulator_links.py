"""Payment links through Razorpay's own SDK."""

from typing import Any

import pytest
import razorpay
from razorpay.errors import BadRequestError

from demo.razorpay_emulator import Quirks, RazorpayEmulator
from demo.razorpay_emulator.links import expire_due

from .conftest import Sdk, make_sdk

QUARTER_HOUR = 15 * 60


async def test_a_new_link_has_the_shapes_a_client_must_survive(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link(reference_id="order-1", description="10 minutes")

    assert link["id"].startswith("plink_")
    assert len(link["id"]) == len("plink_") + 14
    assert link["short_url"].startswith(f"{emulator.base_url}/i/")
    assert (link["status"], link["amount_paid"]) == ("created", 0)
    assert (link["customer"], link["notes"], link["payments"]) == ([], None, None)
    assert (link["expired_at"], link["cancelled_at"]) == (0, 0)
    assert "entity" not in link
    assert "order_id" not in link
    assert "callback_url" not in link


async def test_what_was_sent_is_shown_again(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    sent: dict[str, Any] = {
        "notes": {"bay": "2"},
        "customer": {"name": "Bay two"},
        "callback_url": "http://127.0.0.1:9/return",
        "callback_method": "get",
        "expire_by": emulator.clock.now() + QUARTER_HOUR + 60,
        "notify": {"sms": False, "email": False},
        "options": {"checkout": {"name": "Bay two", "method": {"upi": True}}},
    }
    link = await sdk.link(**sent)

    shown = {name: link[name] for name in sent if name not in ("notify", "options")}
    assert shown == {k: v for k, v in sent.items() if k not in ("notify", "options")}


UPI_IN_TEST_MODE = (
    "UPI Payment Links is not supported in Test Mode. "
    "Please experience the product in Live Mode."
)
REFUSALS = {
    "amount of less than a rupee": (
        {"amount": 99},
        "The amount must be at least INR 1.00",
    ),
    "amount as text": ({"amount": "1000"}, "The amount must be an integer."),
    "amount too large": (
        {"amount": 50_000_001},
        "amount exceeds maximum amount allowed.",
    ),
    "no amount": ({"amount": None}, "The amount field is required."),
    "unknown field": ({"amout": 1000}, "wrong input fields sent."),
    "unknown customer field": (
        {"customer": {"phone": "1"}},
        "wrong input fields sent.",
    ),
    "reference of 41": (
        {"reference_id": "r" * 41},
        "The reference_id may not be greater than 40 characters.",
    ),
    "long description": (
        {"description": "d" * 2049},
        "The description may not be greater than 2048 characters.",
    ),
    "long note": (
        {"notes": {"a": "x" * 256}},
        "value: the length must not be greater than 255.",
    ),
    "sixteen notes": (
        {"notes": {str(n): "x" for n in range(16)}},
        "The notes may not have more than 15 items.",
    ),
    "number in notes": ({"notes": {"bay": 2}}, "The notes must be a string."),
    "other currency": ({"currency": "EUR"}, "Currency is not supported"),
    "UPI link with a test key": (
        {"upi_link": True},
        UPI_IN_TEST_MODE,
    ),
    "callback without a method": (
        {"callback_url": "https://bay.example/return"},
        "The callback_method field is required.",
    ),
    "callback by POST": (
        {"callback_url": "https://bay.example/return", "callback_method": "post"},
        "callback_method must be get",
    ),
    "callback that is no URL": (
        {"callback_url": "bay", "callback_method": "get"},
        "The callback url format is invalid.",
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSALS.values(), ids=list(REFUSALS))
async def test_a_bad_link_is_refused_in_razorpays_words(
    sdk: Sdk, emulator: RazorpayEmulator, fields: dict[str, Any], text: str
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        await sdk.link(**fields)

    assert str(refusal.value) == text
    assert not emulator.books.links


async def test_expiry_is_at_least_15_minutes_and_at_most_6_months_away(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    emulator.clock.advance(90 * 24 * 3600)
    now = emulator.clock.now()

    with pytest.raises(BadRequestError, match="atleast 15 minutes in future"):
        await sdk.link(expire_by=now + QUARTER_HOUR - 5)
    with pytest.raises(BadRequestError, match="6 months"):
        await sdk.link(expire_by=now + 190 * 24 * 3600)
    await sdk.link(expire_by=now + QUARTER_HOUR + 5)


async def test_a_live_key_may_make_upi_links_without_parts() -> None:
    async with RazorpayEmulator(key_id="rzp_live_emulator") as emulator:
        sdk = make_sdk(emulator)
        assert (await sdk.link(upi_link=True))["upi_link"]
        with pytest.raises(BadRequestError, match="partial payment not supported"):
            await sdk.link(upi_link=True, accept_partial=True)
        with pytest.raises(BadRequestError, match="only in indian currency"):
            await sdk.link(upi_link=True, currency="USD")


async def test_a_reference_id_is_taken_for_ever(sdk: Sdk) -> None:
    link = await sdk.link(reference_id="order-1")
    await sdk(sdk.client.payment_link.cancel, link["id"])

    with pytest.raises(BadRequestError) as refusal:
        await sdk.link(reference_id="order-1")

    text = "payment link creation with reference ID already attempted"
    assert str(refusal.value) == text


async def test_links_are_listed_in_their_own_envelope_without_payments(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    mine = await sdk.link(reference_id="mine")
    await sdk.link(reference_id="other")
    payment = emulator.pay("mine")

    by_reference = await sdk(sdk.client.payment_link.all, {"reference_id": "mine"})
    by_payment = await sdk(sdk.client.payment_link.all, {"payment_id": payment.id})
    fetched = await sdk(sdk.client.payment_link.fetch, mine["id"])

    assert list(by_reference) == ["payment_links"]
    assert [link["id"] for link in by_reference["payment_links"]] == [mine["id"]]
    assert by_payment == by_reference
    assert by_reference["payment_links"][0]["payments"] == []
    assert fetched["payments"][0]["payment_id"] == payment.id
    assert fetched["order_id"] == payment.order_id


async def test_a_link_is_cancelled_once(sdk: Sdk) -> None:
    link = await sdk.link()

    cancelled = await sdk(sdk.client.payment_link.cancel, link["id"])

    assert cancelled["status"] == "cancelled"
    assert cancelled["cancelled_at"] > 0
    with pytest.raises(BadRequestError, match="cancel or expire an expired link"):
        await sdk(sdk.client.payment_link.cancel, link["id"])


async def test_a_paid_link_is_neither_cancelled_nor_edited(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    emulator.pay(link["id"])

    with pytest.raises(BadRequestError, match="already paid/partially paid link"):
        await sdk(sdk.client.payment_link.cancel, link["id"])
    with pytest.raises(BadRequestError, match="created or partially paid state"):
        await sdk(sdk.client.payment_link.edit, link["id"], {"notes": {"a": "b"}})


async def test_a_link_can_be_paid_just_before_it_is_cancelled(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    emulator.faults.pay_before_cancel = True

    with pytest.raises(BadRequestError, match="already paid/partially paid link"):
        await sdk(sdk.client.payment_link.cancel, link["id"])

    fetched = await sdk(sdk.client.payment_link.fetch, link["id"])
    assert fetched["status"] == "paid"
    assert len(fetched["payments"]) == 1


async def test_an_open_link_can_be_edited(sdk: Sdk, emulator: RazorpayEmulator) -> None:
    link = await sdk.link(reference_id="order-1")
    later = emulator.clock.now() + 3600
    changes = {"reference_id": "order-2", "expire_by": later, "notes": {"bay": "3"}}

    edited = await sdk(sdk.client.payment_link.edit, link["id"], changes)

    assert {name: edited[name] for name in changes} == changes
    with pytest.raises(BadRequestError, match="wrong input fields sent"):
        await sdk(sdk.client.payment_link.edit, link["id"], {"amount": 1})


async def test_a_link_expires_some_seconds_late(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link(expire_by=emulator.clock.now() + QUARTER_HOUR + 60)

    emulator.clock.advance(QUARTER_HOUR + 65)
    at_first = await sdk(sdk.client.payment_link.fetch, link["id"])
    emulator.clock.advance(20)
    then = await sdk(sdk.client.payment_link.fetch, link["id"])

    assert (at_first["status"], then["status"]) == ("created", "expired")
    assert then["expired_at"] >= link["expire_by"] + 11
    with pytest.raises(ValueError, match="takes no payment"):
        emulator.pay(link["id"])


async def test_expiries_are_noticed_11_to_24_seconds_late_each_at_its_own_time(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    by = emulator.clock.now() + QUARTER_HOUR + 60
    for _ in range(5):
        await sdk.link(expire_by=by)
    emulator.clock.advance(QUARTER_HOUR + 60 + 10)
    while emulator.clock.now() < by + 26:
        expire_due(emulator.books)
        emulator.clock.advance(1)

    lags = {link.expired_at - by for link in emulator.books.links.values()}
    assert len(lags) > 1
    assert min(lags) >= 11
    assert max(lags) <= 25


async def test_lists_may_lag_behind(sdk: Sdk, emulator: RazorpayEmulator) -> None:
    emulator.quirks.list_lag_s = 60
    link = await sdk.link(reference_id="order-1")
    emulator.pay("order-1")

    async def seen() -> tuple[int, int]:
        query = {"reference_id": "order-1"}
        links = await sdk(sdk.client.payment_link.all, query)
        payments = await sdk(sdk.client.payment.all, {"count": 10})
        return len(links["payment_links"]), payments["count"]

    assert await seen() == (0, 0)
    assert (await sdk(sdk.client.payment_link.fetch, link["id"]))["status"] == "paid"
    emulator.clock.advance(61)
    assert await seen() == (1, 1)


async def test_parts_can_be_paid_where_the_link_allows(
    sdk: Sdk, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link(accept_partial=True, first_min_partial_amount=300)

    emulator.pay(link["id"], amount=400)
    partly = await sdk(sdk.client.payment_link.fetch, link["id"])
    emulator.pay(link["id"])
    fully = await sdk(sdk.client.payment_link.fetch, link["id"])

    assert (partly["status"], partly["amount_paid"]) == ("partially_paid", 400)
    assert (fully["status"], fully["amount_paid"]) == ("paid", 1000)
    assert [part["amount"] for part in fully["payments"]] == [400, 600]


@pytest.mark.parametrize(
    ("link_id", "text"),
    [
        ("plink_00000000000000", "The id provided does not exist"),
        ("plink_short", "invalid input [strippedId] = [short]"),
    ],
)
async def test_an_unknown_link_is_a_bad_request(
    sdk: Sdk, link_id: str, text: str
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        await sdk(sdk.client.payment_link.fetch, link_id)
    assert str(refusal.value) == text


async def test_a_link_can_be_sent_by_sms_or_email_only(sdk: Sdk) -> None:
    link = await sdk.link()

    sent = await sdk(sdk.client.payment_link.notifyBy, link["id"], "sms")

    assert sent == {"success": True}
    with pytest.raises(BadRequestError, match="not a valid notification medium"):
        await sdk(sdk.client.payment_link.notifyBy, link["id"], "pigeon")


async def test_a_wrong_key_is_refused(emulator: RazorpayEmulator) -> None:
    for auth in [("rzp_test_other", emulator.auth[1]), (emulator.auth[0], "wrong")]:
        stranger = Sdk(razorpay.Client(auth=auth, base_url=emulator.base_url))
        with pytest.raises(BadRequestError, match="Authentication failed"):
            await stranger.link()


async def test_link_notes_reach_the_payment_only_when_the_quirk_says_so() -> None:
    async with RazorpayEmulator(quirks=Quirks(copy_link_notes=True)) as emulator:
        await make_sdk(emulator).link(reference_id="a", notes={"bay": "2"})
        assert emulator.pay("a").notes == {"bay": "2"}
        emulator.quirks.copy_link_notes = False
        await make_sdk(emulator).link(reference_id="b", notes={"bay": "2"})
        assert emulator.pay("b").notes == {}
