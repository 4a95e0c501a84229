"""What a provider says of refunds: ours move, and others' are written down too."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select, update

from ..domain.money import Money
from ..domain.notices import PaymentFact, RefundFact
from ..domain.orders import RUNNING, Order, OrderState
from ..domain.refunds import (
    ELSEWHERE,
    GIVEN,
    MIN_REFUND_MINOR,
    UNSETTLED,
    Approval,
    RefundProblem,
    RefundState,
    RefundStep,
    gap_ms,
)
from ..domain.timeline import Entry
from . import orders, payments, refunds
from .refund_choices import replace
from .refunds import Refund
from .schema import orders as orders_table, payments as payments_table, refunds as table

_STEPS = {"processed": RefundStep.PROCESS, "failed": RefundStep.FAIL}


def take(connection: Connection, fact: RefundFact, at_ms: int) -> Refund | None:
    """Store what the provider says of one refund; saying it twice changes nothing.

    Return the refund if it was processed or failed just now.
    """
    payment = payments.find(connection, fact.payment_id)
    if payment is None:
        return None
    known = _known(connection, fact)
    if known is None and fact.status == "failed":
        return None
    refund = known or _add_elsewhere(connection, payment.order_id, fact, at_ms)
    moved = _move(connection, refund, fact, at_ms)
    _recount(connection, moved)
    make_fit(connection, fact.payment_id, at_ms)
    return moved if moved.state is not refund.state and _is_final(moved) else None


def take_all(
    connection: Connection,
    payment: PaymentFact,
    facts: Iterable[RefundFact],
    at_ms: int,
) -> list[Refund]:
    """Store all refunds of a payment; return those processed or failed just now.

    `payment` was asked for just now, so its sum counts, even if it is lower than ours.
    """
    taken = [take(connection, fact, at_ms) for fact in facts]
    payments.refresh(connection, payment, at_ms)
    _set_refunded(connection, payment.id, payment.refunded_minor)
    make_fit(connection, payment.id, at_ms)
    return [refund for refund in taken if refund]


def make_fit(connection: Connection, payment_id: str, at_ms: int) -> None:
    """Lower or drop refunds still due, so that no more goes back than was paid."""
    payment = payments.find(connection, payment_id)
    if payment is None:
        return
    given = refunds.total(connection, payment_id, GIVEN)
    left = payment.amount.minor - max(given, payment.refunded_minor)
    for refund in refunds.of_payment(connection, payment_id, UNSETTLED - GIVEN):
        minor = min(left, refund.amount.minor)
        if minor < MIN_REFUND_MINOR:
            _drop(connection, refund, at_ms)
        elif refund.state is RefundState.DUE:
            left -= minor
            _lower(connection, refund, minor, at_ms)


def has_unknown(connection: Connection, payment_id: str) -> bool:
    """Return whether more of a payment went back than this ledger can account for."""
    payment = payments.find(connection, payment_id)
    given = refunds.total(connection, payment_id, GIVEN)
    return payment is not None and payment.refunded_minor > given


def moot(connection: Connection, site_id: str) -> list[Order]:
    """Return orders that run or wait although all their money went back."""
    where = (
        orders_table.c.site_id == site_id,
        orders_table.c.state.in_([*RUNNING, OrderState.PAID]),
        payments_table.c.verdict == payments.Verdict.CREDITED,
        payments_table.c.refunded_minor >= payments_table.c.amount_minor,
    )
    query = select(orders_table.c.id).join(
        payments_table, payments_table.c.order_id == orders_table.c.id
    )
    found = list(connection.execute(query.where(*where)).scalars())
    return [orders.get(connection, order_id) for order_id in found]


def _known(connection: Connection, fact: RefundFact) -> Refund | None:
    """Find a refund by the provider's id, or by the key it was asked for with."""
    if found := refunds.find(connection, table.c.provider_id == fact.id):
        return found
    if fact.key is None:
        return None
    key = fact.key.partition("-")[0]
    ours = table.c.key == key, table.c.payment_id == fact.payment_id
    refund = refunds.find(connection, *ours, table.c.provider_id.is_(None))
    # One that we gave up and that was made all the same counts as one more.
    return refund if refund and not _is_over(refund) else None


def _is_over(refund: Refund) -> bool:
    return refund.state not in (RefundState.DUE, RefundState.SENT)


def _is_final(refund: Refund) -> bool:
    return refund.state in (RefundState.PROCESSED, RefundState.FAILED)


def _add_elsewhere(
    connection: Connection, order_id: str, fact: RefundFact, at_ms: int
) -> Refund:
    """Write down a refund that PayBay did not ask for, as one that is on its way."""
    connection.execute(
        insert(table).values(
            key=fact.id,
            payment_id=fact.payment_id,
            order_id=order_id,
            amount_minor=fact.amount.minor,
            currency=fact.amount.currency,
            state=RefundState.SENT,
            reason=ELSEWHERE,
            approved_by=Approval.PROVIDER,
            approved_ms=at_ms,
            next_ms=at_ms + gap_ms(1),
            provider_id=fact.id,
            created_ms=at_ms,
            updated_ms=at_ms,
        )
    )
    made = refunds.get(connection, fact.id)
    entry = Entry.REFUNDED_ELSEWHERE
    refunds.tell(connection, made, at_ms, entry, provider_id=fact.id)
    return made


def _move(
    connection: Connection, refund: Refund, fact: RefundFact, at_ms: int
) -> Refund:
    reversed_ = refund.state is RefundState.PROCESSED and fact.status == "failed"
    if _is_over(refund) and not reversed_:
        return refund
    if refund.state is RefundState.DUE:
        refund = refunds.move(connection, refund, RefundStep.SEND, at_ms)
    if refund.provider_id is None:
        entry = Entry.REFUND_TAKEN_ON
        refunds.tell(connection, refund, at_ms, entry, provider_id=fact.id)
    refund = refunds.change(
        connection, refund.key, at_ms, provider_id=fact.id, problem=None, answer=None
    )
    step = _STEPS.get(fact.status)
    if step is None:
        return refund
    failed = step is RefundStep.FAIL
    entry = Entry.REFUND_FAILED if failed else Entry.REFUND_PROCESSED
    problem = RefundProblem.BANK if failed else None
    refunds.tell(connection, refund, at_ms, entry, provider_id=fact.id, problem=problem)
    return refunds.move(connection, refund, step, at_ms, problem=problem)


def _recount(connection: Connection, refund: Refund) -> None:
    """Keep the payment's refunded sum in step; a failed refund frees its amount."""
    given = table.c.payment_id == refund.payment_id, table.c.state.in_(GIVEN)
    taken_on = select(table.c.amount_minor).where(
        *given, table.c.provider_id.is_not(None)
    )
    minor = sum(connection.execute(taken_on).scalars())
    payment = payments.find(connection, refund.payment_id)
    known_minor = payment.refunded_minor if payment else 0
    if refund.state is not RefundState.FAILED:
        minor = max(minor, known_minor)
    _set_refunded(connection, refund.payment_id, minor)


def _set_refunded(connection: Connection, payment_id: str, minor: int) -> None:
    where = payments_table.c.id == payment_id
    change = update(payments_table).where(where)
    connection.execute(change.values(refunded_minor=minor))


def _lower(connection: Connection, refund: Refund, minor: int, at_ms: int) -> None:
    if minor < refund.amount.minor:
        replace(connection, refund, Money(minor, refund.amount.currency), at_ms)


def _drop(connection: Connection, refund: Refund, at_ms: int) -> None:
    problem = RefundProblem.ELSEWHERE
    refunds.move(connection, refund, RefundStep.WAIVE, at_ms, problem=problem)
    refunds.tell(connection, refund, at_ms, Entry.REFUND_SETTLED, by=problem)
