"""Refunds in the ledger: what is owed back, with its key stored before any call."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from ..domain.ids import new_refund_key
from ..domain.money import Money
from ..domain.refunds import (
    GIVEN,
    MIN_REFUND_MINOR,
    UNSETTLED,
    Approval,
    RefundProblem,
    RefundState,
    RefundStep,
    advance,
)
from ..domain.timeline import Entry
from .orders import note
from .payments import Payment
from .schema import orders, refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money owed back. `key` is what the provider's idempotency keys are made of.

    `next_ms` is the Unix time of the next try, `provider_id` known once the provider
    has taken it on, `answer` the provider's own words where it refused.
    """

    key: str
    payment_id: str
    order_id: str
    amount: Money
    state: RefundState
    reason: str
    approved_by: Approval | None = None
    attempts: int = 0
    refusals: int = 0
    next_ms: int = 0
    provider_id: str | None = None
    problem: RefundProblem | None = None
    answer: str | None = None

    @property
    def next_key(self) -> str:
        """The idempotency key of the next try: another one after each refusal.

        Whether a refusal uses a key up is not documented (Razorpay).
        """
        return f"{self.key}-{self.refusals}" if self.refusals else self.key


def owe(
    connection: Connection, payment: Payment, amount: Money, reason: str, at_ms: int
) -> Refund | None:
    """Store that part of a payment is owed back; never more than is left of it.

    Nothing is stored, and None returned, when less than the provider's minimum
    is left to give back.
    """
    minor = min(amount.minor, left_of(connection, payment))
    if minor < MIN_REFUND_MINOR:
        return None
    key = new_refund_key()
    connection.execute(
        insert(refunds).values(
            key=key,
            payment_id=payment.id,
            order_id=payment.order_id,
            amount_minor=minor,
            currency=amount.currency,
            state=RefundState.DUE,
            reason=reason,
            created_ms=at_ms,
            updated_ms=at_ms,
        )
    )
    note(
        connection,
        payment.order_id,
        at_ms,
        Entry.REFUND_DUE,
        refund=key,
        payment=payment.id,
        minor=minor,
        reason=reason,
    )
    return get(connection, key)


def settle(connection: Connection, key: str, at_ms: int) -> None:
    """Store that the owner settled a refund; one that is settled or sent stays so.

    Raise NoResultFound if there is no such refund.
    """
    refund = get(connection, key)
    if refund.state not in UNSETTLED - GIVEN:
        return
    move(connection, refund, RefundStep.WAIVE, at_ms)
    tell(connection, refund, at_ms, Entry.REFUND_SETTLED, by=Approval.OWNER)


def tell(
    connection: Connection, refund: Refund, at_ms: int, entry: Entry, **detail: Any
) -> None:
    """Add a line about a refund to its order's timeline."""
    told = {"refund": refund.key, "minor": refund.amount.minor, **detail}
    note(connection, refund.order_id, at_ms, entry, **told)


def left_of(connection: Connection, payment: Payment) -> int:
    """Return how much of a payment is neither given back nor promised, in minor units.

    What a refund that failed was for stays promised until the owner settles it.
    """
    given = total(connection, payment.id, GIVEN)
    promised = total(connection, payment.id, UNSETTLED - GIVEN)
    return payment.amount.minor - max(payment.refunded_minor, given) - promised


def total(
    connection: Connection, payment_id: str, states: Collection[RefundState]
) -> int:
    """Return the sum of a payment's refunds in these states, in minor units."""
    where = refunds.c.payment_id == payment_id, refunds.c.state.in_(states)
    return int(
        connection.execute(
            select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(*where)
        ).scalar_one()
    )


def get(connection: Connection, key: str) -> Refund:
    """Return a refund; raise NoResultFound."""
    query = select(refunds).where(refunds.c.key == key)
    return _refund(connection.execute(query).one())


def find(connection: Connection, *where: ColumnElement[bool]) -> Refund | None:
    """Return the refund that meets these conditions, if there is one."""
    row = connection.execute(select(refunds).where(*where)).first()
    return _refund(row) if row else None


def of_order(connection: Connection, order_id: str) -> list[Refund]:
    """Return an order's refunds, oldest first."""
    return _all(connection, refunds.c.order_id == order_id)


def of_payment(
    connection: Connection, payment_id: str, states: Collection[RefundState]
) -> list[Refund]:
    """Return a payment's refunds in these states, oldest first."""
    return _all(
        connection, refunds.c.payment_id == payment_id, refunds.c.state.in_(states)
    )


def due(connection: Connection, site_id: str) -> list[Refund]:
    """Return the refunds a site still owes, oldest first."""
    return _all(connection, _of_site(site_id), refunds.c.state == RefundState.DUE)


def unsettled(connection: Connection, site_id: str) -> list[Refund]:
    """Return a site's refunds that are due, on their way or failed, oldest first."""
    return _all(connection, _of_site(site_id), refunds.c.state.in_(UNSETTLED))


def in_work(connection: Connection, site_id: str) -> Sequence[Refund]:
    """Return a site's refunds that may be sent or were, oldest first."""
    approved = and_(
        refunds.c.state == RefundState.DUE, refunds.c.approved_by.is_not(None)
    )
    started = or_(approved, refunds.c.state == RefundState.SENT)
    return _all(connection, _of_site(site_id), started)


def move(
    connection: Connection, refund: Refund, step: RefundStep, at_ms: int, **values: Any
) -> Refund:
    """Move a refund along its state table and set `values` with it.

    Raise IllegalRefundStepError if the table does not know the step from there.
    """
    state = advance(refund.state, step)
    return change(connection, refund.key, at_ms, state=state, **values)


def change(connection: Connection, key: str, at_ms: int, **values: Any) -> Refund:
    """Set columns of a refund and return it."""
    values["updated_ms"] = at_ms
    connection.execute(update(refunds).where(refunds.c.key == key).values(**values))
    return get(connection, key)


def _of_site(site_id: str) -> ColumnElement[bool]:
    """Say that a refund is a site's; no join, which would begin at all its orders."""
    ours = orders.c.id == refunds.c.order_id, orders.c.site_id == site_id
    return exists().where(*ours)


def _all(connection: Connection, *where: ColumnElement[bool]) -> list[Refund]:
    order_by = refunds.c.created_ms, refunds.c.key
    rows = connection.execute(select(refunds).where(*where).order_by(*order_by))
    return [_refund(row) for row in rows]


def _refund(row: Row[Any]) -> Refund:
    return Refund(
        key=row.key,
        payment_id=row.payment_id,
        order_id=row.order_id,
        amount=Money(row.amount_minor, row.currency),
        state=RefundState(row.state),
        reason=row.reason,
        approved_by=Approval(row.approved_by) if row.approved_by else None,
        attempts=row.attempts,
        refusals=row.refusals,
        next_ms=row.next_ms,
        provider_id=row.provider_id,
        problem=RefundProblem(row.problem) if row.problem else None,
        answer=row.answer,
    )
