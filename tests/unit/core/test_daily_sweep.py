"""The daily sweep against the Razorpay emulator: what nothing else told of is found."""

import asyncio
from typing import Any

import pytest

from custom_components.paybay.domain.notices import PaymentFact, PaymentStatus
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.ledger import marks, orders, payments
from custom_components.paybay.ledger.payments import Verdict
from custom_components.paybay.providers.base import (
    ProviderRefusedError,
    ProviderUnavailableError,
)
from custom_components.paybay.reconciler.daily import DAY_MS, RETRY_MS, SWEPT

from .test_refunds import Till, till
from .world import SITE, TEN_RUPEES

__all__ = ["till"]

HOUR_MS = 3_600_000


async def after(till: Till, for_ms: int) -> None:
    """Let time pass everywhere, and the reconciler do what is due."""
    till.emulator.clock.advance(for_ms / 1000)
    till.world.clock.move_to(till.world.clock.mono_ms + for_ms)
    await till.reconciler.tick()
    await till.world.settle_tasks()
    await till.world.bay.settle()


async def forgotten(till: Till) -> Order:
    """Have an order paid of which the ledger knows nothing but its cancellation.

    No look at its link would find the payment: the ledger never learnt of the link.
    """
    order = await till.buy()
    till.emulator.pay(order.id)
    await till.world.ledger.run(
        lambda c: orders.change(
            c, order.id, state=OrderState.CANCELLED, link_id=None, link_url=None
        )
    )
    return order


async def verdicts(till: Till, order: Order) -> list[str]:
    """Return what became of an order's payments."""
    story = await till.world.ledger.run(lambda c: orders.story(c, order.id))
    return [line["verdict"] for line in story if line["what"] == "payment"]


async def test_payment_nothing_told_of_is_served_within_its_start_window(
    till: Till,
) -> None:
    order = await forgotten(till)
    await till.reconciler.sweep_payments()
    await till.reconciler.sweep_payments()
    await till.world.bay.settle()
    assert (await till.world.now(order)).state is OrderState.CHARGING
    assert await verdicts(till, order) == [Verdict.CREDITED]


async def test_late_capture_of_a_failed_payment_is_owed_back(till: Till) -> None:
    order = await till.buy()
    payment = till.emulator.pay(order.id, "pending")
    await after(till, DAY_MS)
    assert (await till.world.now(order)).state is OrderState.EXPIRED
    await after(till, DAY_MS)
    till.emulator.settle(payment.id)
    await after(till, DAY_MS)
    assert (await till.world.now(order)).state is OrderState.UNDELIVERED
    assert await till.world.due(order) == [(1000, "paid_late")]


async def test_sweep_is_made_once_a_day(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = count_sweeps(till, monkeypatch)
    for _ in range(50):
        await after(till, HOUR_MS)
    assert len(spans) == 3


async def test_sweep_reaches_back_three_days_before_the_last_complete_one(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    await till.reconciler.sweep_payments()
    swept_ms = till.world.clock.wall_ms
    spans = count_sweeps(till, monkeypatch)
    await after(till, 10 * DAY_MS)
    ((from_s, to_s),) = spans
    assert from_s * 1000 < swept_ms - 3 * DAY_MS
    assert to_s * 1000 > till.world.clock.wall_ms


async def test_sweep_that_was_cut_short_is_repeated(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await forgotten(till)
    till.emulator.foreign_payment(500)
    with monkeypatch.context() as patched:
        patched.setattr(till.provider, "find_link", fail)
        patched.setattr(till.intake, "take", fail)
        await till.reconciler.sweep_payments()
    assert await till.world.ledger.run(lambda c: marks.get(c, SITE, SWEPT)) is None
    spans = count_sweeps(till, monkeypatch)
    await after(till, 1_000)
    assert spans == []
    await after(till, RETRY_MS)
    await after(till, RETRY_MS)
    assert len(spans) == 1
    assert await verdicts(till, order) == [Verdict.CREDITED]


async def test_sweep_by_a_clock_that_was_ahead_does_not_count(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead_ms = till.world.clock.wall_ms + 400 * DAY_MS
    await till.world.ledger.run(lambda c: marks.put(c, SITE, SWEPT, ahead_ms))
    spans = count_sweeps(till, monkeypatch)
    await after(till, 1_000)
    assert len(spans) == 1


async def test_payment_of_another_shop_is_asked_for_once_a_day_and_by_the_owner(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.emulator.foreign_payment(1000)
    asked: list[Any] = []
    find_link = till.provider.find_link

    async def count(**what: Any) -> Any:
        asked.append(what)
        return await find_link(**what)

    monkeypatch.setattr(till.provider, "find_link", count)
    for _ in range(3):
        await after(till, DAY_MS)
    assert len(asked) == 3
    await till.reconciler.sweep_payments()
    assert len(asked) == 3
    await till.reconciler.reconcile(thorough=True)
    assert len(asked) == 4
    (fact,) = await till.provider.payments_between(0, 2**40)
    assert await till.world.ledger.run(lambda c: payments.find(c, fact.id)) is None


async def test_long_list_of_payments_is_read_to_its_end(till: Till) -> None:
    order = await forgotten(till)
    till.world.clock.move_to(till.world.clock.mono_ms + 1_000)
    till.emulator.clock.advance(1)
    for _ in range(101):
        till.emulator.foreign_payment(100)
    tally = await till.reconciler.reconcile(thorough=True)
    assert (tally.payments, tally.credited, tally.unanswered) == (102, 1, 0)
    assert await verdicts(till, order) == [Verdict.CREDITED]


async def test_session_ends_when_its_money_went_back_though_nobody_told(
    till: Till,
) -> None:
    order = await till.pay()
    await after(till, 60_000)
    till.emulator.refund(till.payment_id())
    await after(till, 300_000)
    await till.look()
    ended = await till.world.now(order)
    assert (ended.state, ended.reason) == (OrderState.STOPPED, "refunded_already")
    assert not till.world.relay.on


async def test_refund_in_the_dashboard_settles_what_waits_though_nobody_told(
    till: Till,
) -> None:
    till.budget = till.budget.__class__(0, "INR")
    till.restart()
    order = await till.owe()
    await till.look()
    await till.reconciler.sweep_payments()
    till.emulator.refund(till.payment_id())
    tally = await till.reconciler.reconcile(thorough=True)
    assert tally.refunded == 1
    states = {row.state for row in await till.rows(order)}
    assert states == {RefundState.WAIVED, RefundState.PROCESSED}


async def test_refund_the_bank_gave_back_is_the_owners_though_nobody_told(
    till: Till,
) -> None:
    order = await till.owe()
    await till.look()
    assert (await till.row(order)).state is RefundState.PROCESSED
    (refund,) = till.emulator.books.refunds.values()
    refund.status = "failed"
    till.emulator.books.payments[refund.payment_id].amount_refunded = 0
    tally = await till.reconciler.reconcile(thorough=True)
    assert tally.refunded == 1
    assert (await till.row(order)).state is RefundState.FAILED


def count_sweeps(till: Till, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return a list that each sweep's span is added to."""
    spans: list[tuple[int, int]] = []
    between = till.provider.payments_between

    async def count(from_s: int, to_s: int) -> Any:
        spans.append((from_s, to_s))
        return await between(from_s, to_s)

    monkeypatch.setattr(till.provider, "payments_between", count)
    return spans


async def fail(*_: Any, **__: Any) -> Any:
    """Be of no use."""
    raise ValueError


STRANGERS = 500


async def test_links_are_polled_while_another_shops_payments_are_swept(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question takes the provider 300 ms; a customer pays among them."""
    clock = till.world.clock
    await after(till, 1_000)
    shops = asyncio.Event()

    async def slow(**_: Any) -> None:
        clock.wall_ms += 300
        clock.mono_ms += 300
        await shops.wait()

    async def between(*_: int) -> list[PaymentFact]:
        return [stranger(number) for number in range(STRANGERS)]

    monkeypatch.setattr(till.provider, "payments_between", between)
    monkeypatch.setattr(till.provider, "find_link", slow)
    monkeypatch.setattr(till.provider, "find_qr", slow)
    clock.move_to(clock.mono_ms + DAY_MS)
    till.emulator.clock.advance(DAY_MS / 1000)
    order = await till.buy()
    await till.reconciler.tick()
    till.emulator.pay(order.id)
    clock.move_to(clock.mono_ms + 10_000)
    await till.reconciler.tick()
    await till.world.bay.settle()
    assert (await till.world.now(order)).state is OrderState.CHARGING
    shops.set()
    await till.world.settle_tasks()


async def test_sweeps_asked_for_at_once_are_one_and_one_that_waits(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    first, go_on = asyncio.Event(), asyncio.Event()

    async def between(*_: int) -> list[PaymentFact]:
        begun.append(1)
        first.set()
        await go_on.wait()
        return []

    monkeypatch.setattr(till.provider, "payments_between", between)
    for _ in range(20):
        till.reconciler.sweep_soon()
    await first.wait()
    for _ in range(20):
        till.reconciler.sweep_soon()
    go_on.set()
    await till.world.settle_tasks()
    assert len(begun) == 2


async def test_payment_the_provider_refuses_to_tell_of_lets_a_sweep_end(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def between(*_: int) -> list[PaymentFact]:
        return [stranger(1)]

    async def refuse(**_: Any) -> None:
        raise ProviderRefusedError("The id provided does not exist", 400, None)

    monkeypatch.setattr(till.provider, "payments_between", between)
    monkeypatch.setattr(till.provider, "find_link", refuse)
    spans = count_sweeps(till, monkeypatch)
    for _ in range(100):
        await after(till, HOUR_MS)
    assert len(spans) == 5
    assert {(to_s - from_s) * 1000 // DAY_MS for from_s, to_s in spans} <= {4, 5}


async def test_answer_that_may_still_come_lets_no_sweep_end(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def between(*_: int) -> list[PaymentFact]:
        return [stranger(1)]

    async def away(**_: Any) -> None:
        raise ProviderUnavailableError

    monkeypatch.setattr(till.provider, "payments_between", between)
    monkeypatch.setattr(till.provider, "find_link", away)
    await till.reconciler.sweep_payments()
    assert await till.world.ledger.run(lambda c: marks.get(c, SITE, SWEPT)) is None


def stranger(number: int) -> PaymentFact:
    """Return a payment that another shop took."""
    return PaymentFact(
        id=f"pay_X{number:013}",
        status=PaymentStatus.CAPTURED,
        amount=TEN_RUPEES,
        created_s=1,
    )
