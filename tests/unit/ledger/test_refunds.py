"""Refunds in the ledger: what is stored, and what is never stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, NoResultFound

from custom_components.paybay.domain.ids import new_watch_code
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    PaymentFact,
    PaymentStatus,
    RefundFact,
)
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import Approval, RefundProblem, RefundState
from custom_components.paybay.ledger import (
    orders,
    payments,
    refund_choices,
    refund_news,
    refund_tries,
    refunds,
)
from custom_components.paybay.ledger.engine import open_engine
from custom_components.paybay.ledger.migrations import migrate
from custom_components.paybay.ledger.payments import Payment, Verdict
from custom_components.paybay.ledger.refunds import Refund

SITE = "site"
PAID = Money(1000, "INR")
NOW = 1_800_000_000_000


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(tmp_path / "ledger.db")
    with engine.begin() as opened:
        migrate(opened)
        yield opened
    engine.dispose()


@pytest.fixture
def payment(connection: Connection) -> Payment:
    return paid(connection, "1")


def paid(connection: Connection, number: str, amount: Money = PAID) -> Payment:
    order = Order(
        id=f"ord_{number}",
        site_id=SITE,
        bay_id="bay",
        plan_code="ten_min",
        plan_name="Ten minutes",
        price=amount,
        owed_ms=600_000,
        state=OrderState.CREATED,
        watch_code=new_watch_code(),
        created_ms=NOW,
        offer_ends_ms=NOW + 960_000,
    )
    orders.add(connection, order)
    fact = PaymentFact(
        id=f"pay_{number}",
        status=PaymentStatus.CAPTURED,
        amount=amount,
        created_s=NOW // 1000,
    )
    payments.add(
        connection,
        fact,
        order.id,
        channel=Channel.POLL,
        verdict=Verdict.CREDITED,
        at_ms=NOW,
    )
    found = payments.find(connection, fact.id)
    assert found is not None
    return found


def owe(connection: Connection, payment: Payment, minor: int, reason: str) -> Refund:
    refund = refunds.owe(connection, payment, Money(minor, "INR"), reason, NOW)
    assert refund is not None
    return refund


def sent(connection: Connection, payment: Payment, minor: int, reason: str) -> Refund:
    key = owe(connection, payment, minor, reason).key
    refund_choices.approve(connection, key, NOW)
    begun = refund_tries.begin(connection, key, NOW)
    assert begun is not None
    return begun


def said(refund: Refund, status: str, number: int = 1) -> RefundFact:
    return RefundFact(
        id=f"rfnd_{number}",
        payment_id=refund.payment_id,
        amount=refund.amount,
        status=status,
        key=refund.key,
    )


def test_nothing_below_one_rupee_is_owed(
    connection: Connection, payment: Payment
) -> None:
    assert refunds.owe(connection, payment, Money(99, "INR"), "a", NOW) is None
    owe(connection, payment, 901, "b")
    assert refunds.owe(connection, payment, PAID, "c", NOW) is None


def test_promises_never_exceed_what_was_paid(
    connection: Connection, payment: Payment
) -> None:
    owe(connection, payment, 600, "a")
    assert owe(connection, payment, 600, "b").amount.minor == 400
    assert refunds.owe(connection, payment, PAID, "c", NOW) is None


def test_one_reason_is_owed_once_at_a_time(
    connection: Connection, payment: Payment
) -> None:
    owe(connection, payment, 300, "a")
    with pytest.raises(IntegrityError):
        owe(connection, payment, 300, "a")


def test_what_nobody_approved_is_never_sent(
    connection: Connection, payment: Payment
) -> None:
    key = owe(connection, payment, 500, "a").key
    assert refund_tries.begin(connection, key, NOW) is None
    refund_choices.approve(connection, key, NOW)
    assert refund_tries.begin(connection, key, NOW) is not None


def test_a_send_that_would_give_back_too_much_is_refused(
    connection: Connection, payment: Payment
) -> None:
    refund = owe(connection, payment, 800, "a")
    refund_choices.approve(connection, refund.key, NOW)
    other = RefundFact(
        id="rfnd_x", payment_id=payment.id, amount=Money(300, "INR"), status="pending"
    )
    refund_news.take(connection, other, NOW)
    lowered = refunds.due(connection, SITE)
    assert [(r.amount.minor, r.approved_by) for r in lowered] == [(700, Approval.OWNER)]
    assert refund_tries.begin(connection, refund.key, NOW) is None
    assert refund_tries.begin(connection, lowered[0].key, NOW) is not None


def test_budget_counts_what_it_approved_today(connection: Connection) -> None:
    found = [owe(connection, paid(connection, n), 1000, "a") for n in "123"]
    budget = Money(2500, "INR")

    def approve(day_ms: int, at_ms: int) -> list[str]:
        done = refund_choices.approve_within(connection, SITE, budget, day_ms, at_ms)
        return [refund.payment_id for refund in done]

    first = approve(NOW, NOW)
    assert len(first) == 2
    assert approve(NOW, NOW + 1) == []
    (last,) = approve(NOW + 2, NOW + 2)
    assert {*first, last} == {refund.payment_id for refund in found}


def test_smaller_refund_passes_one_that_does_not_fit(connection: Connection) -> None:
    owe(connection, paid(connection, "1", Money(9000, "INR")), 9000, "a")
    owe(connection, paid(connection, "2"), 500, "a")
    done = refund_choices.approve_within(connection, SITE, Money(500, "INR"), NOW, NOW)
    assert [refund.amount.minor for refund in done] == [500]


def test_budget_in_another_currency_approves_nothing(
    connection: Connection, payment: Payment
) -> None:
    owe(connection, payment, 500, "a")
    budget = Money(100_000, "EUR")
    assert refund_choices.approve_within(connection, SITE, budget, NOW, NOW) == []


def test_other_sites_refunds_are_left_alone(
    connection: Connection, payment: Payment
) -> None:
    owe(connection, payment, 500, "a")
    budget = Money(100_000, "INR")
    assert refund_choices.approve_within(connection, "other", budget, NOW, NOW) == []
    assert refunds.unsettled(connection, "other") == []


def test_news_said_twice_moves_a_refund_once(
    connection: Connection, payment: Payment
) -> None:
    refund = sent(connection, payment, 500, "a")
    assert refund_news.take(connection, said(refund, "pending"), NOW) is None
    done = refund_news.take(connection, said(refund, "processed"), NOW)
    assert done is not None
    assert done.state is RefundState.PROCESSED
    assert refund_news.take(connection, said(refund, "processed"), NOW) is None
    assert refund_news.take(connection, said(refund, "pending"), NOW) is None
    assert refunds.get(connection, refund.key).state is RefundState.PROCESSED


def test_a_refund_the_bank_gave_back_is_the_owners_again(
    connection: Connection, payment: Payment
) -> None:
    refund = sent(connection, payment, 500, "a")
    refund_news.take(connection, said(refund, "processed"), NOW)
    back = refund_news.take(connection, said(refund, "failed"), NOW)
    assert back is not None
    assert (back.state, back.problem) == (RefundState.FAILED, RefundProblem.BANK)
    assert refund_news.take(connection, said(refund, "failed"), NOW) is None
    known = payments.find(connection, payment.id)
    assert known is not None
    assert known.refunded_minor == 0


def test_failed_refund_frees_its_amount_for_another_try(
    connection: Connection, payment: Payment
) -> None:
    refund = sent(connection, payment, 1000, "a")
    refund_news.take(connection, said(refund, "pending"), NOW)
    refund_news.take(connection, said(refund, "failed"), NOW)
    again = refund_choices.approve(connection, refund.key, NOW)
    assert again.key != refund.key
    assert again.amount == refund.amount
    assert refund_tries.begin(connection, again.key, NOW) is not None
    assert refunds.get(connection, refund.key).state is RefundState.REPLACED


def test_news_of_an_unknown_payment_is_not_ours(connection: Connection) -> None:
    fact = RefundFact(id="rfnd_1", payment_id="pay_x", amount=PAID, status="processed")
    assert refund_news.take(connection, fact, NOW) is None


def test_refund_made_although_we_gave_it_up_counts_as_one_more(
    connection: Connection, payment: Payment
) -> None:
    refund = sent(connection, payment, 600, "a")
    refund_tries.refused(connection, refund.key, "no", NOW)
    refund_news.take(connection, said(refund, "processed"), NOW)
    (row,) = refunds.of_payment(connection, payment.id, [RefundState.PROCESSED])
    assert row.reason == "elsewhere"
    assert refunds.total(connection, payment.id, [RefundState.PROCESSED]) == 600


def test_failed_refund_is_dropped_once_all_went_back_elsewhere(
    connection: Connection, payment: Payment
) -> None:
    refund = sent(connection, payment, 1000, "a")
    refund_tries.refused(connection, refund.key, "no", NOW)
    elsewhere = RefundFact(
        id="rfnd_9", payment_id=payment.id, amount=PAID, status="processed"
    )
    refund_news.take(connection, elsewhere, NOW)
    dropped = refunds.get(connection, refund.key)
    assert dropped.state is RefundState.WAIVED
    assert dropped.problem is RefundProblem.ELSEWHERE


def test_owner_settles_what_is_due_or_failed_and_nothing_else(
    connection: Connection, payment: Payment
) -> None:
    due = owe(connection, payment, 300, "a")
    refunds.settle(connection, due.key, NOW)
    on_its_way = sent(connection, payment, 300, "b")
    refunds.settle(connection, on_its_way.key, NOW)
    assert refunds.get(connection, due.key).state is RefundState.WAIVED
    assert refunds.get(connection, on_its_way.key).state is RefundState.SENT
    refund_tries.refused(connection, on_its_way.key, "no", NOW)
    refunds.settle(connection, on_its_way.key, NOW)
    assert refunds.get(connection, on_its_way.key).state is RefundState.WAIVED
    with pytest.raises(NoResultFound):
        refunds.settle(connection, "rfd_unknown", NOW)
