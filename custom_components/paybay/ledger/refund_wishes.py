"""Refunds that the owner asks for, beyond what PayBay owes by itself."""

from sqlalchemy import Connection

from ..domain.money import Money
from ..domain.orders import ENDED, OFFERED, Order, PaidBy
from ..domain.refunds import MIN_REFUND_MINOR, RefundState, undelivered
from . import orders, payments, refunds
from .payments import Payment
from .refund_choices import approve
from .refunds import Refund

REASON = "owner"


class WishRefusedError(Exception):
    """The order cannot be refunded like that.

    `reason`: `cash` (which is given back by hand), `not_paid`, `still_open`, `waits` (a
    refund of another amount does), `too_little` or `too_much`.
    """

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


def refund_order(
    connection: Connection, order_id: str, minor: int | None, at_ms: int
) -> Refund:
    """Let an order's waiting refund go, or owe back `minor` units (None: the rest).

    Raise WishRefusedError, or UnknownOrderError.
    """
    order = orders.get(connection, order_id)
    waiting = _waiting(connection, order_id)
    if waiting is not None:
        if minor not in (None, waiting.amount.minor):
            raise WishRefusedError("waits")
        return approve(connection, waiting.key, at_ms)
    payment = _payment_of(connection, order)
    left_minor = refunds.left_of(connection, payment)
    if minor is None:
        minor = _undelivered_minor(order, payment, left_minor)
    amount = Money(minor, payment.amount.currency)
    if amount.minor < MIN_REFUND_MINOR:
        raise WishRefusedError("too_little")
    if amount.minor > left_minor:
        raise WishRefusedError("too_much")
    owed = refunds.owe(connection, payment, amount, REASON, at_ms)
    assert owed is not None  # noqa: S101 - neither too little nor too much
    return approve(connection, owed.key, at_ms)


def _waiting(connection: Connection, order_id: str) -> Refund | None:
    """Return the refund that only the owner can set going again."""
    stuck = (RefundState.DUE, RefundState.FAILED)
    found = refunds.of_order(connection, order_id)
    return next((refund for refund in found if refund.state in stuck), None)


def _payment_of(connection: Connection, order: Order) -> Payment:
    if order.paid_by is PaidBy.CASH:
        raise WishRefusedError("cash")
    found = payments.of_order(connection, order.id)
    if not found or order.state in OFFERED:
        raise WishRefusedError("not_paid")
    if order.state not in ENDED:
        raise WishRefusedError("still_open")
    return found[0]


def _undelivered_minor(order: Order, payment: Payment, left_minor: int) -> int:
    """Return what was not delivered and has not gone back yet."""
    if order.owed_ms == 0:  # money that bought nothing
        return left_minor
    rest = undelivered(payment.amount, order)
    return max(0, rest.minor - (payment.amount.minor - left_minor))
