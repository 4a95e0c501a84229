"""Refunds against the Razorpay emulator: money goes back once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Any, override

import pytest
from sqlalchemy import Connection

from custom_components.paybay.domain.happenings import Happening, What
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import RefundProblem, RefundState as S
from custom_components.paybay.ledger import (
    orders,
    payments,
    refund_choices,
    refund_tries,
    refunds,
)
from custom_components.paybay.ledger.refunds import Refund
from custom_components.paybay.refunds import Refunder
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import MakeWorld
from .test_with_provider import Shop
from .world import SITE, World

TEN = Money(1000, "INR")
DAY_MS = 24 * 3600 * 1000
REFUND = "/v1/payments/*/refund"


class Till(Shop):
    """A shop that gives money back."""

    def __init__(self, world: World, emulator: RazorpayEmulator) -> None:
        """Begin with a budget for ten refunds a day."""
        super().__init__(world, emulator)
        self.told: list[Happening] = []
        self.dispatcher.listen(self.told.append)
        self.day_began_ms = world.clock.wall_ms
        self.budget = Money(10_000, "INR")
        self.restart()

    def restart(self) -> None:
        """Replace the refunder as a restart of PayBay would."""
        self.refunder = Refunder(
            SITE,
            self.world.ledger,
            self.world.clock,
            self.provider,
            budget=self.budget,
            day_began_ms=lambda: self.day_began_ms,
            spawn=self.world._spawn,
            tell=self.dispatcher.tell,
            call_off=self._call_off,
        )

    @override
    async def take_refunds(self, payment_id: str) -> int:
        """Take in a payment's refunds, as a site does."""
        return await self.refunder.take_in(payment_id)

    async def _call_off(self, order: Order, reason: str) -> None:
        await self.world.bay.call_off(order.id, reason)

    async def look(self, *, after_ms: int = 0) -> None:
        """Let time pass, and the refunder do all it can."""
        self.world.clock.move_to(self.world.clock.mono_ms + after_ms)
        self.refunder.open()
        while self.refunder._looking:  # noqa: ASYNC110 - it works in threads
            await asyncio.sleep(0.001)

    async def pay(self) -> Order:
        """Have an order paid, and the bay act on it."""
        order = await self.buy()
        self.emulator.pay(order.id)
        await self.reconciler.reconcile()
        await self.world.bay.settle()
        return await self.world.now(order)

    async def owe(self) -> Order:
        """Take ten rupees for a bay that then does not switch on."""
        self.world.clock.move_to(self.world.clock.mono_ms + 1)
        self.world.relay.dead = True
        order = await self.pay()
        self.world.relay.dead = False
        self.world.bay._moves.problem.clear()
        assert order.state is OrderState.UNDELIVERED
        return order

    async def stopped(self) -> Order:
        """Deliver half of what ten rupees were paid for."""
        order = await self.pay()
        await self.world.advance(300_000)
        await self.world.bay.stop("stopped_by_owner")
        return order

    async def webhooks(self, *kinds: str) -> None:
        """Deliver the events of these kinds, with all that was sent so far."""
        for sent in list(self.emulator.webhooks.events.values()):
            notice = self.provider.parse(sent.body, sent.id)
            if notice.kind in kinds:
                await self.intake.take(notice)

    async def rows(self, order: Order) -> list[Refund]:
        """Return an order's refunds as the ledger has them."""
        return await self.world.ledger.run(lambda c: refunds.of_order(c, order.id))

    async def row(self, order: Order) -> Refund:
        """Return an order's only refund."""
        (row,) = await self.rows(order)
        return row

    async def approve(self, refund: Refund) -> Refund:
        """Let a refund go as the owner does."""
        now_ms = self.world.clock.now_ms()
        return await self.world.ledger.run(
            lambda c: refund_choices.approve(c, refund.key, now_ms)
        )

    def given(self) -> list[tuple[int, str]]:
        """Return what the provider's books say went back: amount and status."""
        return [(r.amount, r.status) for r in self.emulator.books.refunds.values()]

    def payment_id(self) -> str:
        """Return the only payment at the provider."""
        (payment_id,) = self.emulator.books.payments
        return str(payment_id)

    def refunded(self) -> list[str | None]:
        """Return the reasons of the refunds the owner was told of."""
        return [h.reason for h in self.told if h.what is What.PAYMENT_REFUNDED]


@pytest.fixture
async def till(make_world: MakeWorld) -> AsyncIterator[Till]:
    world = await make_world()
    async with RazorpayEmulator() as emulator:
        emulator.clock.advance(world.clock.wall_ms / 1000 - time.time())
        made = Till(world, emulator)
        yield made
        made.refunder.close()
        made.reconciler.close()


async def test_order_that_was_not_served_is_paid_back_whole(till: Till) -> None:
    order = await till.owe()
    await till.look()
    row = await till.row(order)
    assert till.given() == [(1000, "processed")]
    assert (row.state, row.attempts) == (S.PROCESSED, 1)
    assert row.provider_id in till.emulator.books.refunds
    assert till.refunded() == ["no_proof"]


async def test_rest_of_a_stopped_session_is_paid_back(till: Till) -> None:
    order = await till.stopped()
    await till.look()
    await till.look(after_ms=DAY_MS)
    assert till.given() == [(500, "processed")]
    assert (await till.row(order)).state is S.PROCESSED


async def test_story_of_an_order_tells_each_step_of_its_refund(till: Till) -> None:
    order = await till.owe()
    await till.look()
    story = await till.world.ledger.run(lambda c: orders.story(c, order.id))
    told = [line["what"] for line in story if line["what"].startswith("refund")]
    assert told == [
        "refund_due",
        "refund_approved",
        "refund_sent",
        "refund_taken_on",
        "refund_processed",
    ]
    row = await till.row(order)
    lines = [line for line in story if line["what"].startswith("refund")]
    assert {line["refund"] for line in lines} == {row.key}
    assert lines[-1]["provider_id"] == row.provider_id


async def test_rest_below_a_rupee_is_not_paid_back(till: Till) -> None:
    order = await till.pay()
    await till.world.advance(599_000 - 50_000)
    await till.world.bay.stop("stopped_by_owner")
    await till.look()
    assert till.given() == []
    assert await till.rows(order) == []


async def test_budget_is_for_one_day_and_the_last_rupee_of_it_counts(
    till: Till,
) -> None:
    till.budget = Money(2000, "INR")
    till.restart()
    late = [await till.owe() for _ in range(3)][2]
    await till.look()
    assert till.given() == [(1000, "processed")] * 2
    waiting = await till.row(late)
    assert (waiting.state, waiting.approved_by) == (S.DUE, None)
    await till.look(after_ms=3_600_000)
    assert len(till.given()) == 2
    till.day_began_ms = till.world.clock.wall_ms
    await till.look()
    assert len(till.given()) == 3


async def test_budget_one_paisa_short_asks_the_owner(till: Till) -> None:
    till.budget = Money(999, "INR")
    till.restart()
    order = await till.owe()
    await till.look()
    assert till.given() == []
    await till.approve(await till.row(order))
    await till.look()
    assert till.given() == [(1000, "processed")]


async def test_refund_the_owner_settled_is_never_sent(till: Till) -> None:
    till.budget = Money(0, "INR")
    till.restart()
    order = await till.owe()
    key = (await till.row(order)).key
    await till.world.ledger.run(lambda c: refunds.settle(c, key, 1))
    await till.approve(await till.row(order))
    await till.look()
    assert till.given() == []
    assert (await till.row(order)).state is S.WAIVED


async def test_pending_refund_is_asked_after_until_it_is_processed(
    till: Till,
) -> None:
    till.emulator.faults.refund_outcome = "pending"
    order = await till.owe()
    await till.look()
    row = await till.row(order)
    assert (row.state, till.refunded()) == (S.SENT, [])
    assert row.provider_id is not None
    till.emulator.settle_refund(row.provider_id)
    await till.look(after_ms=9_999)
    assert (await till.row(order)).state is S.SENT
    await till.look(after_ms=1)
    assert (await till.row(order)).state is S.PROCESSED
    assert (till.given(), till.refunded()) == ([(1000, "processed")], ["no_proof"])


async def test_pending_refund_is_settled_by_its_webhook_once(till: Till) -> None:
    till.emulator.faults.refund_outcome = "pending"
    order = await till.owe()
    await till.look()
    till.emulator.settle_refund((await till.row(order)).provider_id or "")
    await till.webhooks("refund.processed")
    await till.webhooks("refund.processed", "refund.created")
    await till.look(after_ms=DAY_MS)
    assert (await till.row(order)).state is S.PROCESSED
    assert till.refunded() == ["no_proof"]


async def test_gaps_between_questions_grow_to_an_hour(till: Till) -> None:
    till.emulator.faults.refund_outcome = "pending"
    order = await till.owe()
    gaps = []
    for _ in range(6):
        await till.look()
        gap_ms = (await till.row(order)).next_ms - till.world.clock.now_ms()
        gaps.append(gap_ms)
        till.world.clock.move_to(till.world.clock.mono_ms + gap_ms)
    assert gaps == [10_000, 60_000, 600_000, 3_600_000, 3_600_000, 3_600_000]


async def test_refund_the_bank_could_not_make_waits_for_the_owner(
    till: Till,
) -> None:
    till.emulator.faults.refund_outcome = "failed"
    order = await till.owe()
    await till.look()
    await till.webhooks("refund.created", "refund.failed")
    await till.look(after_ms=DAY_MS)
    row = await till.row(order)
    assert (row.state, row.problem) == (S.FAILED, RefundProblem.BANK)
    assert till.given() == [(1000, "failed")]
    till.emulator.faults.refund_outcome = "processed"
    await till.approve(row)
    await till.look()
    assert till.given() == [(1000, "failed"), (1000, "processed")]
    states = [row.state for row in await till.rows(order)]
    assert states == [S.REPLACED, S.PROCESSED]


@pytest.mark.parametrize("kind", ["429", "500", "502", "drop_response"])
async def test_no_usable_answer_is_asked_for_again_with_the_same_key(
    till: Till, kind: str
) -> None:
    till.emulator.faults.spoil(kind, method="POST", path=REFUND, times=2)
    order = await till.owe()
    await till.look()
    row = await till.row(order)
    assert (row.state, row.problem) == (S.SENT, RefundProblem.UNREACHABLE)
    await till.look(after_ms=9_999)
    assert (await till.row(order)).attempts == 1
    await till.look(after_ms=1)
    await till.look(after_ms=60_000)
    done = await till.row(order)
    assert (done.key, done.state, done.attempts) == (row.key, S.PROCESSED, 3)
    assert done.problem is None
    assert till.given() == [(1000, "processed")]


async def test_key_still_in_progress_is_not_an_end(till: Till) -> None:
    till.emulator.faults.refund_slow_s = 0.3
    order = await till.owe()
    row = await till.row(order)
    first = asyncio.create_task(till.provider.refund(row.payment_id, TEN, row.key))
    await asyncio.sleep(0.1)
    await till.look()
    assert (await till.row(order)).problem is RefundProblem.UNREACHABLE
    await first
    await till.look(after_ms=10_000)
    assert (await till.row(order)).state is S.PROCESSED
    assert till.given() == [(1000, "processed")]


async def test_killed_after_the_commit_and_before_the_call(till: Till) -> None:
    order = await till.owe()
    key = (await till.approve(await till.row(order))).key
    now_ms = till.world.clock.now_ms()
    await till.world.ledger.run(lambda c: refund_tries.begin(c, key, now_ms))
    till.restart()
    await till.look()
    assert till.given() == []
    await till.look(after_ms=10_000)
    assert till.given() == [(1000, "processed")]
    assert (await till.row(order)).state is S.PROCESSED


async def test_killed_after_the_call_and_before_the_commit(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await till.owe()
    refund = till.provider.refund

    async def refund_and_die(*args: Any) -> None:
        await refund(*args)
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(till.provider, "refund", refund_and_die)
        await till.look()
    assert (await till.row(order)).state is S.SENT
    till.restart()
    await till.look(after_ms=10_000)
    assert (await till.row(order)).state is S.PROCESSED
    assert till.given() == [(1000, "processed")]


@pytest.mark.parametrize("knob", ["refund_no_balance", "refund_no_balance_old_text"])
async def test_no_balance_keeps_the_refund_queued_and_says_so(
    till: Till, knob: str
) -> None:
    setattr(till.emulator.faults, knob, True)
    order = await till.owe()
    await till.look()
    row = await till.row(order)
    assert (row.state, row.problem) == (S.DUE, RefundProblem.NO_BALANCE)
    await till.look(after_ms=9_999)
    assert (await till.row(order)).attempts == 1
    setattr(till.emulator.faults, knob, False)
    await till.look(after_ms=1)
    assert (await till.row(order)).state is S.PROCESSED
    assert (await till.row(order)).problem is None
    assert till.given() == [(1000, "processed")]


async def test_refusal_that_uses_the_key_up_does_not_stop_the_next_try(
    till: Till,
) -> None:
    till.emulator.quirks.remember_failed_refunds = True
    till.emulator.faults.refund_no_balance = True
    order = await till.owe()
    await till.look()
    await till.look(after_ms=10_000)
    till.emulator.faults.refund_no_balance = False
    await till.look(after_ms=60_000)
    assert (await till.row(order)).state is S.PROCESSED
    assert till.given() == [(1000, "processed")]


async def test_money_that_came_in_meanwhile_is_not_spent_twice(till: Till) -> None:
    till.emulator.faults.refund_no_balance = True
    order = await till.owe()
    await till.look()
    till.emulator.faults.refund_no_balance = False
    till.emulator.refund(till.payment_id())
    await till.look(after_ms=10_000)
    assert {row.state for row in await till.rows(order)} == {S.PROCESSED, S.WAIVED}
    assert till.given() == [(1000, "processed")]


async def test_clock_that_was_set_back_delays_nothing(till: Till) -> None:
    till.emulator.faults.spoil("502", method="POST", path=REFUND)
    order = await till.owe()
    await till.look()
    till.world.clock.wall_ms -= DAY_MS
    await till.look()
    assert (await till.row(order)).state is S.PROCESSED
    assert till.given() == [(1000, "processed")]


async def test_other_refusals_are_for_the_owner_to_decide(till: Till) -> None:
    order = await till.owe()
    payment = till.emulator.books.payments[till.payment_id()]
    payment.created_at -= 200 * 24 * 3600
    await till.look()
    row = await till.row(order)
    assert (row.state, row.problem) == (S.FAILED, RefundProblem.REFUSED)
    assert "six months" in (row.answer or "")
    await till.look(after_ms=DAY_MS)
    assert till.given() == []


async def test_refund_made_in_the_dashboard_is_not_made_again(till: Till) -> None:
    order = await till.owe()
    till.emulator.refund(till.payment_id())
    await till.look()
    elsewhere, ours = sorted(await till.rows(order), key=lambda row: row.reason)
    assert (elsewhere.state, elsewhere.amount) == (S.PROCESSED, TEN)
    assert (ours.state, ours.problem) == (S.WAIVED, RefundProblem.ELSEWHERE)
    assert till.given() == [(1000, "processed")]
    assert till.refunded() == ["elsewhere"]


async def test_part_made_in_the_dashboard_lowers_the_rest(till: Till) -> None:
    order = await till.owe()
    till.emulator.refund(till.payment_id(), 300)
    await till.look()
    await till.look(after_ms=10_000)
    assert till.given() == [(300, "processed"), (700, "processed")]
    states = {(row.amount.minor, row.state) for row in await till.rows(order)}
    assert states == {(1000, S.REPLACED), (300, S.PROCESSED), (700, S.PROCESSED)}


async def test_dashboard_refund_known_by_webhook_settles_what_waits(
    till: Till,
) -> None:
    till.budget = Money(0, "INR")
    till.restart()
    order = await till.owe()
    till.emulator.refund(till.payment_id())
    await till.webhooks("refund.created", "refund.processed")
    assert (await till.rows(order))[0].state is S.WAIVED
    assert till.refunded() == ["elsewhere"]


async def test_payment_snapshot_alone_makes_us_look_before_paying(
    till: Till,
) -> None:
    order = await till.owe()
    till.emulator.refund(till.payment_id(), 950)
    fact = await till.provider.fetch_payment(till.payment_id())
    await till.world.ledger.run(lambda c: payments.refresh(c, fact, 0))
    await till.look()
    assert till.given() == [(950, "processed")]
    assert {row.state for row in await till.rows(order)} == {S.PROCESSED, S.WAIVED}


async def test_running_order_whose_money_went_back_ends(till: Till) -> None:
    order = await till.pay()
    await till.world.advance(60_000)
    till.emulator.refund(till.payment_id())
    await till.webhooks("refund.created", "refund.processed")
    await till.look()
    ended = await till.world.now(order)
    assert (ended.state, ended.reason) == (OrderState.STOPPED, "refunded_already")
    assert not till.world.relay.on
    await till.look(after_ms=DAY_MS)
    assert till.given() == [(1000, "processed")]


async def test_waiting_order_whose_money_went_back_never_starts(
    till: Till,
) -> None:
    order = await till.buy()
    till.world.relay.lose()
    till.emulator.pay(order.id)
    await till.reconciler.reconcile()
    await till.world.bay.settle()
    assert (await till.world.now(order)).state is OrderState.PAID
    till.emulator.refund(till.payment_id())
    await till.webhooks("refund.created", "refund.processed")
    await till.look()
    till.world.relay.find()
    await till.world.advance(600_000)
    ended = await till.world.now(order)
    assert (ended.state, ended.reason) == (OrderState.UNDELIVERED, "refunded_already")
    assert till.world.relay.on_ms() == 0
    assert till.given() == [(1000, "processed")]


async def test_running_order_partly_refunded_elsewhere_gives_back_no_more_than_paid(
    till: Till,
) -> None:
    await till.pay()
    await till.world.advance(60_000)
    till.emulator.refund(till.payment_id(), 600)
    await till.webhooks("refund.created", "refund.processed")
    await till.look()
    await till.world.bay.stop("stopped_by_owner")
    await till.look()
    assert till.given() == [(600, "processed"), (400, "processed")]


async def test_two_refunds_of_one_payment_never_exceed_it(till: Till) -> None:
    order = await till.stopped()

    def owe_more(connection: Connection) -> Refund | None:
        (payment,) = payments.of_order(connection, order.id)
        return refunds.owe(connection, payment, TEN, "owner", 1)

    more = await till.world.ledger.run(owe_more)
    assert more is not None
    assert more.amount == Money(500, "INR")
    assert await till.world.ledger.run(owe_more) is None
    await till.look()
    assert till.given() == [(500, "processed")] * 2


async def test_webhook_before_the_answer_settles_it_once(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await till.owe()
    refund = till.provider.refund

    async def refund_and_hear(*args: Any) -> Any:
        fact = await refund(*args)
        await till.webhooks("refund.created", "refund.processed")
        return fact

    monkeypatch.setattr(till.provider, "refund", refund_and_hear)
    await till.look()
    assert (await till.row(order)).state is S.PROCESSED
    assert till.refunded() == ["no_proof"]


async def test_webhook_settles_a_refund_whose_answer_got_lost(till: Till) -> None:
    till.emulator.faults.spoil("drop_response", method="POST", path=REFUND)
    order = await till.owe()
    await till.look()
    assert (await till.row(order)).provider_id is None
    await till.webhooks("refund.processed")
    assert (await till.row(order)).state is S.PROCESSED
    await till.look(after_ms=DAY_MS)
    assert till.given() == [(1000, "processed")]


async def test_dashboard_refund_of_another_shop_is_none_of_ours(till: Till) -> None:
    foreign = till.emulator.foreign_payment(1000)
    till.emulator.refund(foreign.id)
    await till.webhooks("refund.created", "refund.processed")
    await till.look()
    assert till.refunded() == []


async def test_provider_that_is_away_delays_and_loses_nothing(till: Till) -> None:
    order = await till.owe()
    till.emulator.faults.spoil("502", times=None)
    for _ in range(5):
        await till.look(after_ms=3_600_000)
    assert (await till.row(order)).state is S.SENT
    till.emulator.faults.reset()
    await till.look(after_ms=3_600_000)
    assert (await till.row(order)).state is S.PROCESSED
    assert till.given() == [(1000, "processed")]


async def test_listeners_hear_when_what_is_owed_changes(till: Till) -> None:
    heard: list[bool] = []
    stop = till.refunder.listen(lambda: heard.append(True))
    await till.owe()
    await till.look()
    assert len(heard) == 2
    await till.look()
    assert len(heard) == 2
    stop()
    await till.owe()
    await till.look()
    assert len(heard) == 2
