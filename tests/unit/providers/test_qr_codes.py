"""Printed QR codes as Razorpay knows them."""

from typing import Any

from aiohttp import web
import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import QrFact
from custom_components.paybay.domain.qr_codes import QrTag
from custom_components.paybay.providers.base import (
    Capability,
    MalformedEventError,
    ProviderFeatureError,
    ProviderRefusedError,
    ProviderUnavailableError,
    QrRequest,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.providers.razorpay.posters import MAX_BYTES
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Edge, Maker
from .shapes import PERSONAL, event, payment_entity

TAG = QrTag(key="qrk_1", bay_id="bay_1", site_id="site_1")
NOTES = {"qr_key": "qrk_1", "bay_id": "bay_1", "site_id": "site_1"}
PNG = b"\x89PNG\r\n\x1a\n and so on"


def request(**changes: Any) -> QrRequest:
    fields: dict[str, Any] = {
        "tag": TAG,
        "name": "PayBay Bay 1",
        "description": "Bay 1: Ten min",
        "amount": Money(1000, "INR"),
        "notes": {"bay": "Bay 1"},
    }
    return QrRequest(**(fields | changes))


def qr_entity(**changes: Any) -> dict[str, Any]:
    return {
        "id": "qr_PxYz0123456789",
        "entity": "qr_code",
        "created_at": 1_780_000_000,
        "name": "PayBay Bay 1",
        "usage": "multiple_use",
        "type": "upi_qr",
        "image_url": "https://rzp.io/i/x",
        "payment_amount": None,
        "status": "active",
        "description": "Bay 1",
        "fixed_amount": False,
        "payments_amount_received": 0,
        "payments_count_received": 0,
        "notes": NOTES,
        "customer_id": None,
        "close_by": "1780007200",
        "closed_at": None,
    } | changes


async def test_a_code_is_asked_for_with_what_razorpay_takes_and_no_more(
    edge: Edge, make: Maker
) -> None:
    edge.answer(qr_entity(), qr_entity())
    provider = make(edge.url)
    await provider.create_qr(request(description="x" * 300))
    await provider.create_qr(request(amount=None))
    fixed, free = (seen.body for seen in edge.seen)
    assert fixed == {
        "type": "upi_qr",
        "usage": "multiple_use",
        "fixed_amount": True,
        "payment_amount": 1000,
        "name": "PayBay Bay 1",
        "description": "x" * 255,
        "notes": {**NOTES, "bay": "Bay 1"},
    }
    assert free["fixed_amount"] is False
    assert "payment_amount" not in free


async def test_a_code_comes_back_as_facts(provider: RazorpayProvider) -> None:
    fact = await provider.create_qr(request())
    assert (fact.active, fact.amount, fact.tag) == (True, Money(1000, "INR"), TAG)
    assert fact == await provider.fetch_qr(fact.id)
    assert [fact] == await provider.list_qrs()
    assert fact == await provider.find_qr(key="qrk_1")
    assert await provider.find_qr(key="qrk_2") is None


async def test_the_text_of_the_code_is_known_where_the_account_may(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    emulator.quirks.qr_image_content = True
    fact = await provider.create_qr(request())
    assert fact.text
    assert fact.text.startswith("upi://pay?")


async def test_all_codes_of_a_big_account_are_listed(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    for _ in range(3):
        emulator.clock.advance(1)
        await provider.create_qr(request())
    (first, *_), books = await provider.list_qrs(), emulator.books
    template = books.qr_codes[first.id]
    for number in range(210):
        qr_id = f"qr_{number:014}"
        books.qr_codes[qr_id] = type(template)(**vars(template) | {"id": qr_id})
    assert len(await provider.list_qrs()) == 213


async def test_an_account_without_the_feature_is_told_apart_from_a_refusal(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await provider.create_qr(request(amount=Money(50, "INR")))
    assert not isinstance(refused.value, ProviderFeatureError)
    emulator.faults.qr_feature = "not_found"
    with pytest.raises(ProviderFeatureError):
        await provider.create_qr(request())
    with pytest.raises(ProviderFeatureError):
        await provider.list_qrs()
    emulator.faults.qr_feature = "server_error"
    with pytest.raises(ProviderFeatureError) as likely:
        await provider.create_qr(request())
    assert likely.value.status == 500


@pytest.mark.parametrize("kind", ["502", "429", "drop_response"])
async def test_an_answer_that_got_lost_is_looked_for_and_no_missing_feature(
    provider: RazorpayProvider, emulator: RazorpayEmulator, kind: str
) -> None:
    emulator.faults.spoil(kind, method="POST", path="/v1/payments/qr_codes")
    try:
        fact = await provider.create_qr(request())
    except ProviderUnavailableError:
        assert not emulator.books.qr_codes
    else:
        assert [fact.id] == list(emulator.books.qr_codes)


async def test_closing_an_already_closed_code_is_no_error(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    fact = await provider.create_qr(request())
    assert not (await provider.close_qr(fact.id)).active
    assert not (await provider.close_qr(fact.id)).active
    other = await provider.create_qr(request())
    emulator.quirks.multiple_use_closes = False
    with pytest.raises(ProviderRefusedError, match="cannot be closed"):
        await provider.close_qr(other.id)


async def test_a_close_whose_answer_got_lost_is_seen(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    fact = await provider.create_qr(request())
    emulator.faults.spoil("drop_response", method="POST", path="*/close")
    assert not (await provider.close_qr(fact.id)).active


async def test_payments_of_a_code_and_the_code_of_a_payment_are_found(
    provider: RazorpayProvider, emulator: RazorpayEmulator
) -> None:
    fact = await provider.create_qr(request(amount=None))
    payment = emulator.scan(fact.id, 1500)
    stranger = emulator.foreign_payment()
    now = emulator.clock.now()
    (paid,) = await provider.qr_payments(fact.id, now - 60, now + 60)
    assert (paid.id, paid.amount, paid.qr) == (payment.id, Money(1500, "INR"), TAG)
    assert await provider.qr_payments(fact.id, now - 120, now - 60) == []
    found = await provider.find_qr(payment_id=payment.id)
    assert found
    assert found.id == fact.id
    assert await provider.find_qr(payment_id=stranger.id) is None


async def test_a_filter_that_was_ignored_credits_nobody(
    edge: Edge, make: Maker
) -> None:
    edge.answer(
        {"entity": "collection", "count": 1, "items": [qr_entity()]},
        payment_entity(),
        {"entity": "collection", "count": 0, "items": []},
    )
    assert await make(edge.url).find_qr(payment_id="pay_PxYz0123456789") is None


@pytest.mark.parametrize("qr_id", ["", "../payments", "qr_1/close"])
async def test_what_is_no_id_is_not_asked_for(
    edge: Edge, make: Maker, qr_id: str
) -> None:
    with pytest.raises(ProviderRefusedError, match="not an id"):
        await make(edge.url).close_qr(qr_id)
    assert edge.seen == []


def test_credited_is_read_with_the_payment_the_code_and_its_notes(make: Maker) -> None:
    body = event(
        "qr_code.credited",
        payment=payment_entity(notes=NOTES, order_id=None),
        qr_code=qr_entity(),
    )
    notice = make("").parse(body, "evt_1")
    assert notice.payment
    assert notice.payment.qr == TAG
    assert notice.qr == QrFact(
        id="qr_PxYz0123456789",
        active=True,
        amount=None,
        image_url="https://rzp.io/i/x",
        created_s=1_780_000_000,
        tag=TAG,
    )
    assert not any(private in repr(notice) for private in PERSONAL)


def test_closed_is_read_without_a_payment(make: Maker) -> None:
    closed = qr_entity(status="closed", close_reason="on_demand", notes=[])
    notice = make("").parse(event("qr_code.closed", qr_code=closed), "evt_1")
    assert notice.qr
    assert (notice.qr.active, notice.qr.tag, notice.payment) == (False, None, None)


@pytest.mark.parametrize("notes", [[], None, {"qr_key": 5}, {"qr_key": "a b"}])
def test_notes_of_other_shops_name_no_code_of_ours(make: Maker, notes: Any) -> None:
    body = event("payment.captured", payment=payment_entity(notes=notes))
    notice = make("").parse(body, "evt_1")
    assert notice.payment
    assert notice.payment.qr is None


def test_credited_with_a_code_that_makes_no_sense_is_an_error(make: Maker) -> None:
    body = event(
        "qr_code.credited", payment=payment_entity(), qr_code=qr_entity(id="../x")
    )
    with pytest.raises(MalformedEventError):
        make("").parse(body, "evt_1")


def test_razorpay_can_do_everything(make: Maker) -> None:
    assert make("").capabilities == set(Capability)


async def test_a_poster_is_fetched_from_the_account(
    provider: RazorpayProvider,
) -> None:
    fact = await provider.create_qr(request())
    poster = await provider.fetch_poster(fact.image_url)
    assert poster.content_type == "image/png"
    assert poster.image.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "url",
    [
        "http://rzp.io/i/x",
        "https://rzp.io:8443/i/x",
        "https://guest@rzp.io/i/x",
        "https://rzp.io.example/i/x",
        "https://notrazorpay.com/i/x",
        "https://bucket.s3.amazonaws.com/x.png",
        "https://127.0.0.1/i/x",
        "http://127.0.0.1:8123/api/config",
        "file:///etc/hostname",
        "",
    ],
)
async def test_no_other_address_is_asked_for_a_poster(make: Maker, url: str) -> None:
    with pytest.raises(ProviderRefusedError, match="not the provider's"):
        await make(None).fetch_poster(url)
    with pytest.raises(ProviderRefusedError, match="not the provider's"):
        await make("http://127.0.0.1:9").fetch_poster(url)


def _png(content: bytes = PNG, content_type: str = "image/png") -> web.Response:
    return web.Response(body=content, content_type=content_type)


def _to(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location})


async def test_a_short_link_is_followed_within_the_providers_addresses(
    edge: Edge, make: Maker
) -> None:
    edge.answers += [_to("/store/x.png"), _png()]
    poster = await make(edge.url).fetch_poster(f"{edge.url}/q/x")
    assert poster.image == PNG
    edge.answers[:] = [_to("https://169.254.169.254/latest")]
    with pytest.raises(ProviderRefusedError, match="not the provider's"):
        await make(edge.url).fetch_poster(f"{edge.url}/q/x")
    edge.answers[:] = [_to("/round/and/round")]
    with pytest.raises(ProviderRefusedError, match="circles"):
        await make(edge.url).fetch_poster(f"{edge.url}/q/x")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_png(b"<svg onload=alert(1)>", "image/svg+xml"), "is none"),
        (_png(b"<html>", "text/html"), "is none"),
        (_png(b"<html>"), "is none"),
        (_png(PNG + b"x" * MAX_BYTES), "too large"),
    ],
)
async def test_what_is_no_picture_is_not_kept(
    edge: Edge, make: Maker, answer: web.Response, words: str
) -> None:
    edge.answers.append(answer)
    with pytest.raises(ProviderRefusedError, match=words):
        await make(edge.url).fetch_poster(f"{edge.url}/q/x")


async def test_a_poster_that_is_not_there_may_come_later(
    edge: Edge, make: Maker
) -> None:
    edge.answer("gone", status=503)
    with pytest.raises(ProviderUnavailableError):
        await make(edge.url).fetch_poster(f"{edge.url}/q/x")
