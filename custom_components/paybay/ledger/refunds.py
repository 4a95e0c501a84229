"""Refunds in the ledger: what is owed back, with its key stored before any call."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ..domain.ids import new_refund_key
from ..domain.money import Money
from ..domain.refunds import RefundState, RefundStep, advance
from .orders import note
from .payments import Payment
from .schema import orders, refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money owed back. `key` is the provider's idempotency key."""

    key: str
    payment_id: str
    order_id: str
    amount: Money
    state: RefundState
    reason: str


def owe(
    connection: Connection, payment: Payment, amount: Money, reason: str, at_ms: int
) -> Refund | None:
    """Store that part of a payment is owed back; never more than is left of it.

    Nothing is stored, and None returned, when nothing is left to give back.
    """
    left = payment.amount.minor - max(
        payment.refunded_minor, _owed(connection, payment)
    )
    minor = min(amount.minor, left)
    if minor <= 0:
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
    note(connection, payment.order_id, at_ms, "refund_due", minor=minor, reason=reason)
    return next(r for r in of_order(connection, payment.order_id) if r.key == key)


def settle(connection: Connection, key: str, at_ms: int) -> None:
    """Store that the owner settled a refund; one that is no longer due is left alone.

    Raise NoResultFound if there is no such refund.
    """
    row = connection.execute(select(refunds).where(refunds.c.key == key)).one()
    if row.state != RefundState.DUE:
        return
    state = advance(RefundState(row.state), RefundStep.WAIVE)
    change = update(refunds).where(refunds.c.key == key)
    connection.execute(change.values(state=state, updated_ms=at_ms))
    note(connection, row.order_id, at_ms, "refund_settled", minor=row.amount_minor)


def due(connection: Connection, site_id: str) -> list[Refund]:
    """Return the refunds a site still owes, oldest first."""
    where = refunds.c.state == RefundState.DUE, orders.c.site_id == site_id
    query = select(refunds).join(orders, orders.c.id == refunds.c.order_id)
    order_by = refunds.c.created_ms, refunds.c.key
    rows = connection.execute(query.where(*where).order_by(*order_by))
    return [_refund(row) for row in rows]


def of_order(connection: Connection, order_id: str) -> list[Refund]:
    """Return an order's refunds, oldest first."""
    where = refunds.c.order_id == order_id
    order_by = refunds.c.created_ms, refunds.c.key
    rows = connection.execute(select(refunds).where(where).order_by(*order_by))
    return [_refund(row) for row in rows]


def _owed(connection: Connection, payment: Payment) -> int:
    """Sum what is on its way back or promised back already."""
    where = (
        refunds.c.payment_id == payment.id,
        refunds.c.state.not_in([RefundState.WAIVED]),
    )
    rows = connection.execute(select(refunds.c.amount_minor).where(*where))
    return sum(rows.scalars())


def _refund(row: Row[Any]) -> Refund:
    return Refund(
        key=row.key,
        payment_id=row.payment_id,
        order_id=row.order_id,
        amount=Money(row.amount_minor, row.currency),
        state=RefundState(row.state),
        reason=row.reason,
    )
