"""Who lets a refund go: the day's budget, or the owner."""

from sqlalchemy import Connection, func, insert, select

from ..domain.ids import new_refund_key
from ..domain.money import Money
from ..domain.refunds import ORDER_UNKNOWN, Approval, RefundState, RefundStep
from ..domain.timeline import Entry
from . import refunds, restored
from .refunds import Refund
from .schema import orders, refunds as table

_TAKEN_OVER = (RefundState.REPLACED, RefundState.WAIVED)


def approve_within(
    connection: Connection, site_id: str, budget: Money, day_began_ms: int, at_ms: int
) -> list[Refund]:
    """Approve what the budget of the day that began at `day_began_ms` still allows.

    Oldest first; one that does not fit waits and a smaller one may still go. Return
    what was approved.
    """
    spent = _approved_minor(connection, site_id, day_began_ms)
    approved = []
    for refund in refunds.due(connection, site_id):
        fits = spent + refund.amount.minor <= budget.minor
        if refund.approved_by or refund.amount.currency != budget.currency or not fits:
            continue
        if _is_owners_alone(connection, refund):
            continue
        spent += refund.amount.minor
        approved.append(_approve(connection, refund, Approval.BUDGET, at_ms))
    return approved


def _is_owners_alone(connection: Connection, refund: Refund) -> bool:
    """Return whether it may have been served, or paid back, unknown to this ledger."""
    if refund.reason == ORDER_UNKNOWN:
        return True
    return restored.is_payment_before(connection, refund.payment_id)


def approve(connection: Connection, key: str, at_ms: int) -> Refund:
    """Let a refund go because the owner said so, at once; else leave it as it is.

    One that failed is tried anew. Raise NoResultFound if there is no such refund.
    """
    refund = refunds.get(connection, key)
    if refund.state is RefundState.FAILED:
        refund = replace(connection, refund, refund.amount, at_ms)
    if refund.state is not RefundState.DUE:
        return refund
    return _approve(connection, refund, Approval.OWNER, at_ms)


def waive_order(connection: Connection, order_id: str, at_ms: int) -> list[Refund]:
    """Settle all of an order's refunds that were not sent; return them."""
    stuck = (RefundState.DUE, RefundState.FAILED)
    found = [r for r in refunds.of_order(connection, order_id) if r.state in stuck]
    for refund in found:
        refunds.settle(connection, refund.key, at_ms)
    return found


def replace(
    connection: Connection, refund: Refund, amount: Money, at_ms: int
) -> Refund:
    """Let another refund of this amount, with a key of its own, take over.

    A key that was used once must not be used for anything else.
    """
    refunds.move(connection, refund, RefundStep.REPLACE, at_ms)
    key = new_refund_key()
    approved_ms = select(table.c.approved_ms).where(table.c.key == refund.key)
    connection.execute(
        insert(table).values(
            key=key,
            payment_id=refund.payment_id,
            order_id=refund.order_id,
            amount_minor=amount.minor,
            currency=amount.currency,
            state=RefundState.DUE,
            reason=refund.reason,
            approved_by=refund.approved_by,
            approved_ms=connection.execute(approved_ms).scalar_one(),
            created_ms=at_ms,
            updated_ms=at_ms,
        )
    )
    refunds.tell(
        connection,
        refund,
        at_ms,
        Entry.REFUND_REPLACED,
        replaced_by=key,
        minor=amount.minor,
    )
    return refunds.get(connection, key)


def _approve(
    connection: Connection, refund: Refund, approval: Approval, at_ms: int
) -> Refund:
    refunds.tell(connection, refund, at_ms, Entry.REFUND_APPROVED, by=approval)
    return refunds.change(
        connection,
        refund.key,
        at_ms,
        approved_by=approval,
        approved_ms=at_ms,
        next_ms=at_ms,
        problem=None,
        answer=None,
    )


def _approved_minor(connection: Connection, site_id: str, since_ms: int) -> int:
    where = (
        orders.c.site_id == site_id,
        table.c.approved_by == Approval.BUDGET,
        table.c.approved_ms >= since_ms,
        table.c.state.not_in(_TAKEN_OVER),
    )
    amount = func.coalesce(func.sum(table.c.amount_minor), 0)
    query = select(amount).join(orders, orders.c.id == table.c.order_id)
    return int(connection.execute(query.where(*where)).scalar_one())
