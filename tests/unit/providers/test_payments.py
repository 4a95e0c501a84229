"""Payments and refunds: all of them seen, none of them given back twice."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import PaymentStatus, RefundFact
from custom_components.paybay.providers.base import (
    LinkRequest,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Edge, Maker
from .shapes import payment_entity

type RequestFor = Callable[..., LinkRequest]

KEY = "rfd_0123456789abcdefghjkmnpq"
HALF = Money(500, "INR")


@pytest.fixture
async def payment_id(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> str:
    link = await provider.create_link(request_for())
    return emulator.pay(link.id).id


async def test_all_payments_of_a_span_are_listed_page_by_page(
    emulator: RazorpayEmulator, provider: RazorpayProvider
) -> None:
    made = {emulator.foreign_payment().id for _ in range(230)}
    now_s = emulator.clock.now()
    facts = await provider.payments_between(now_s - 3600, now_s + 3600)
    assert len(facts) == 230
    assert {fact.id for fact in facts} == made


async def test_payments_in_any_state_are_listed(
    emulator: RazorpayEmulator, provider: RazorpayProvider, request_for: RequestFor
) -> None:
    link = await provider.create_link(request_for())
    emulator.pay(link.id, "fail")
    emulator.pay(link.id)
    now_s = emulator.clock.now()
    facts = await provider.payments_between(now_s - 60, now_s + 60)
    assert {fact.status for fact in facts} == {
        PaymentStatus.FAILED,
        PaymentStatus.CAPTURED,
    }


async def test_payments_outside_the_span_are_not_listed(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    now_s = emulator.clock.now()
    assert not await provider.payments_between(now_s - 7200, now_s - 3600)
    (fact,) = await provider.payments_between(0, 10**12)
    assert fact.id == payment_id


async def test_a_full_last_page_is_followed_by_one_more_look(
    edge: Edge, make: Maker
) -> None:
    edge.answer({"items": [payment_entity(id=f"pay_{n}") for n in range(100)]})
    edge.answer({"items": []})
    facts = await make(edge.url).payments_between(1_789_000_000, 1_791_000_000)
    assert len(facts) == 100
    assert [seen.path for seen in edge.seen] == [
        "/v1/payments?from=1789000000&to=1791000000&skip=0&count=100",
        "/v1/payments?from=1789000000&to=1791000000&skip=100&count=100",
    ]


async def test_a_payment_that_slips_to_the_next_page_is_counted_once(
    edge: Edge, make: Maker
) -> None:
    edge.answer({"items": [payment_entity(id=f"pay_{n}") for n in range(100)]})
    edge.answer({"items": [payment_entity(id=f"pay_{n}") for n in range(99, 110)]})
    assert len(await make(edge.url).payments_between(0, 2_000_000_000)) == 110


async def test_pages_that_repeat_themselves_come_to_an_end(
    edge: Edge, make: Maker
) -> None:
    edge.answer({"items": [payment_entity(id=f"pay_{n}") for n in range(100)]})
    assert len(await make(edge.url).payments_between(0, 2_000_000_000)) == 100
    assert len(edge.seen) == 2


async def test_one_unreadable_payment_does_not_hide_the_others(
    edge: Edge, make: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    odd = payment_entity(status="on_the_moon")
    foreign = payment_entity(currency="JPY")
    edge.answer({"items": [odd, foreign, payment_entity(id="pay_good"), "odd"]})
    facts = await make(edge.url).payments_between(0, 2_000_000_000)
    assert [fact.id for fact in facts] == ["pay_good"]
    assert caplog.text.count("cannot read") == 1
    assert "guest" not in caplog.text


async def test_a_refund_gives_back_what_was_asked(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    refund = await provider.refund(payment_id, HALF, KEY)
    assert refund.id in emulator.books.refunds
    assert (refund.payment_id, refund.amount) == (payment_id, HALF)
    assert refund.status == "processed"
    (fact,) = await provider.payments_between(0, 10**12)
    assert (fact.status, fact.refunded_minor) == (PaymentStatus.CAPTURED, 500)


async def test_a_fully_refunded_payment_was_captured_all_the_same(
    provider: RazorpayProvider, payment_id: str
) -> None:
    await provider.refund(payment_id, Money(1000, "INR"), KEY)
    (fact,) = await provider.payments_between(0, 10**12)
    assert (fact.status, fact.refunded_minor) == (PaymentStatus.REFUNDED, 1000)
    assert fact.captured


async def test_the_same_key_never_refunds_twice(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    first = await provider.refund(payment_id, HALF, KEY)
    assert await provider.refund(payment_id, HALF, KEY) == first
    assert len(emulator.books.refunds) == 1


async def test_a_refund_whose_answer_was_lost_is_asked_for_again_with_its_key(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    emulator.faults.spoil("drop_response", method="POST")
    with pytest.raises(ProviderUnavailableError):
        await provider.refund(payment_id, HALF, KEY)
    assert (await provider.refund(payment_id, HALF, KEY)).amount == HALF
    assert len(emulator.books.refunds) == 1


async def test_a_refund_is_never_sent_twice_by_itself(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    emulator.faults.spoil("500", method="POST", times=None)
    with pytest.raises(ProviderUnavailableError):
        await provider.refund(payment_id, HALF, KEY)
    emulator.faults.reset()
    assert not emulator.books.refunds


async def test_a_refund_still_in_progress_is_no_refusal(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    emulator.faults.refund_slow_s = 0.3
    both = [provider.refund(payment_id, HALF, KEY) for _ in range(2)]
    results = await asyncio.gather(*both, return_exceptions=True)
    (early,) = [r for r in results if isinstance(r, ProviderUnavailableError)]
    assert "in progress" in str(early)
    (made,) = [r for r in results if isinstance(r, RefundFact)]
    assert [made.id] == list(emulator.books.refunds)


async def test_a_key_used_for_another_refund_is_refused(
    provider: RazorpayProvider, payment_id: str
) -> None:
    await provider.refund(payment_id, HALF, KEY)
    with pytest.raises(ProviderRefusedError, match="Different request") as refused:
        await provider.refund(payment_id, Money(400, "INR"), KEY)
    assert refused.value.status == 409


@pytest.mark.parametrize(
    ("knob", "words"),
    [
        ("refund_no_balance", "invalid request sent"),
        ("refund_no_balance_old_text", "not have enough balance"),
    ],
)
async def test_a_refund_without_balance_is_refused_in_the_providers_words(
    emulator: RazorpayEmulator,
    provider: RazorpayProvider,
    payment_id: str,
    knob: str,
    words: str,
) -> None:
    setattr(emulator.faults, knob, True)
    with pytest.raises(ProviderRefusedError, match=words):
        await provider.refund(payment_id, HALF, KEY)


async def test_more_than_the_payment_is_refused(
    provider: RazorpayProvider, payment_id: str
) -> None:
    with pytest.raises(ProviderRefusedError, match="greater than amount captured"):
        await provider.refund(payment_id, Money(1001, "INR"), KEY)


async def test_an_unknown_payment_is_refused(provider: RazorpayProvider) -> None:
    with pytest.raises(ProviderRefusedError, match="does not exist"):
        await provider.refund("pay_00000000000000", HALF, KEY)


async def test_a_refund_may_take_its_time(
    emulator: RazorpayEmulator, provider: RazorpayProvider, payment_id: str
) -> None:
    emulator.faults.refund_outcome = "pending"
    assert (await provider.refund(payment_id, HALF, KEY)).status == "pending"


async def test_a_refund_says_the_same_each_time_it_is_sent(
    edge: Edge, make: Maker
) -> None:
    edge.answer("<html></html>", status=502)
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await make(edge.url).refund("pay_1", HALF, KEY)
    first, second = edge.seen
    assert first.path == "/v1/payments/pay_1/refund"
    assert first.headers["X-Refund-Idempotency"] == KEY
    assert first.body == {"amount": 500, "speed": "normal", "notes": {"key": KEY}}
    assert (second.body, second.headers) == (first.body, first.headers)
