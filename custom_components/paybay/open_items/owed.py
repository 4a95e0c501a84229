"""Open items about money that is to go back through the provider."""

from homeassistant.helpers import issue_registry as ir
from sqlalchemy import Connection

from ..attention import OpenItem
from ..domain.orders import Order
from ..domain.refunds import ORDER_UNKNOWN, RefundProblem, RefundState
from ..ledger import orders, payments, refunds
from ..ledger.payments import Payment
from ..ledger.refunds import Refund
from .kinds import (
    DATA_OWED_ORDER_ID,
    DATA_REFUND_KEY,
    ISSUE_ORDER_UNKNOWN,
    ISSUE_REFUND_DUE,
    ISSUE_REFUND_FAILED,
    ISSUE_REFUND_NO_BALANCE,
)
from .words import Words, local_moment


def unsettled_refunds(
    connection: Connection, site_id: str, words: Words, *, at_work: bool
) -> list[OpenItem]:
    """Return an item for each refund that the owner must decide on.

    `at_work`: the site is there, and sends its own refunds.
    """
    return [
        _refund_item(connection, refund, key, words)
        for refund in refunds.unsettled(connection, site_id)
        if (key := _refund_issue(refund, at_work=at_work))
    ]


def _refund_item(
    connection: Connection, refund: Refund, key: str, words: Words
) -> OpenItem:
    order = orders.get(connection, refund.order_id)
    payment = payments.find(connection, refund.payment_id)
    return OpenItem(
        id=f"{key}_{refund.key}",
        key=key,
        severity=ir.IssueSeverity.ERROR,
        data={DATA_REFUND_KEY: refund.key, DATA_OWED_ORDER_ID: order.id},
        placeholders={
            **words.about(order),
            "amount": str(refund.amount),
            "answer": refund.answer or "-",
            "payment_id": refund.payment_id,
            "rrn": (payment and payment.rrn) or "-",
            **_lost(order, payment, words),
            "reason": words.reason(refund.reason),
        },
        bay_id=order.bay_id,
        order=order,
        amount=refund.amount,
    )


def _refund_issue(refund: Refund, *, at_work: bool) -> str | None:
    """Return what is to be said of a refund; None if it goes its way by itself."""
    if refund.state is RefundState.FAILED:
        return ISSUE_REFUND_FAILED
    if not at_work:
        return None if refund.provider_id else ISSUE_REFUND_DUE
    if refund.state is RefundState.SENT:
        return None
    if refund.problem is RefundProblem.NO_BALANCE:
        return ISSUE_REFUND_NO_BALANCE
    if refund.approved_by:
        return None
    return ISSUE_ORDER_UNKNOWN if refund.reason == ORDER_UNKNOWN else ISSUE_REFUND_DUE


def _lost(order: Order, payment: Payment | None, words: Words) -> dict[str, str]:
    """Return what only the link still knew of an order that the ledger had lost."""
    if order.reason != ORDER_UNKNOWN or payment is None:
        return {}
    known = order.bay_id in words.bays or not order.bay_name
    name = words.bay(order.bay_id) if known else order.bay_name
    return {"bay": name, "paid_at": local_moment(payment.created_ms)}
