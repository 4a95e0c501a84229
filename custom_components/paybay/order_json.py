"""An order as actions answer with it: plain values that fit Home Assistant's JSON."""

from datetime import UTC, datetime
from typing import Any

from .domain.money import Money
from .domain.order_view import DeliveryView, OrderView, PaymentView, RefundView
from .domain.orders import OFFERED, Order, OrderState, PaidBy
from .domain.timeline import TimelineRow

type Json = dict[str, Any]


def summary(view: OrderView) -> Json:
    """Return an order without its parts. Times are ISO 8601 in UTC.

    The watch code is left out: whoever has it may stop the customer's session.
    """
    order, bought = view.order, view.credited
    offered = order.state is OrderState.CREATED
    return {
        "order_id": order.id,
        "bay_id": order.bay_id,
        "bay_name": order.bay_name,
        "plan": order.plan_code,
        "plan_name": order.plan_name,
        "state": order.state.value,
        "reason": order.reason,
        "open": view.is_open,
        "test_mode": order.test_mode,
        "printed_qr": order.qr_key is not None,
        "claimed_by": order.claimed_by.value if order.claimed_by else None,
        "paid_by": order.paid_by.value,
        "by_user": order.by_user,
        "stopped_by": order.stopped_by,
        "note": order.note,
        **_cash_of(order),
        **_money_of(view),
        "seconds_owed": order.owed_ms / 1000,
        "seconds_delivered": view.delivered_ms / 1000,
        "energy_wh_limit": order.energy_wh,
        "energy_wh": _wh(view.delivered_mwh),
        "payment_id": bought.id if bought else None,
        "rrn": bought.rrn if bought else None,
        "payment_url": order.link_url if offered else None,
        "created_at": iso(order.created_ms),
        "paid_at": iso(order.paid_ms),
        "started_at": iso(view.started_ms),
        "ended_at": iso(view.ended_ms),
    }


def full(view: OrderView) -> Json:
    """Return an order with its payments, deliveries, refunds and timeline."""
    return {
        **summary(view),
        "payments": [_payment(payment) for payment in view.payments],
        "deliveries": [_delivery(delivery) for delivery in view.deliveries],
        "refunds": [_refund(refund) for refund in view.refunds],
        "timeline": [_line(row) for row in view.timeline],
    }


def money(amount: Money | None) -> Json | None:
    """Return minor units, the currency, and both as people write them."""
    if amount is None:
        return None
    return {
        "amount": amount.minor,
        "currency": amount.currency,
        "formatted": str(amount),
    }


def iso(at_ms: int | None) -> str | None:
    """Return a time in UTC, to the millisecond."""
    if at_ms is None:
        return None
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds")


def _money_of(view: OrderView) -> Json:
    return {
        "price": money(view.order.price),
        "paid": money(view.paid),
        "refunded": money(view.refunded),
        "refund_pending": money(view.refund_pending),
        "net": money(view.net),
        "fee": money(view.fee),
        "tax": money(view.tax),
    }


def _cash_of(order: Order) -> Json:
    """Return what was taken by hand, and what of it is or was to be given back."""
    taken = order.paid_by is PaidBy.CASH and order.state not in OFFERED
    back = Money(order.cash_back_minor, order.price.currency)
    return {
        "cash": money(order.price) if taken else None,
        "cash_back": money(back) if back.minor else None,
        "cash_back_at": iso(order.cash_back_ms),
    }


def _wh(mwh: int | None) -> float | None:
    return None if mwh is None else mwh / 1000


def _payment(payment: PaymentView) -> Json:
    currency = payment.amount.currency

    def known(minor: int | None) -> Json | None:
        return None if minor is None else money(Money(minor, currency))

    return {
        "payment_id": payment.id,
        "amount": money(payment.amount),
        "verdict": payment.verdict,
        "channel": payment.channel,
        "method": payment.method,
        "rrn": payment.rrn,
        "fee": known(payment.fee_minor),
        "tax": known(payment.tax_minor),
        "refunded": known(payment.refunded_minor),
        "created_at": iso(payment.created_ms),
        "seen_at": iso(payment.seen_ms),
    }


def _delivery(delivery: DeliveryView) -> Json:
    return {
        "started_at": iso(delivery.started_ms),
        "ended_at": iso(delivery.ended_ms),
        "seconds_planned": delivery.planned_ms / 1000,
        "seconds": delivery.ran_ms / 1000,
        "energy_wh": _wh(delivery.ran_mwh),
        "state": delivery.state,
        "reason": delivery.reason,
    }


def _refund(refund: RefundView) -> Json:
    return {
        "refund": refund.key,
        "refund_id": refund.provider_id,
        "payment_id": refund.payment_id,
        "amount": money(refund.amount),
        "state": refund.state.value,
        "reason": refund.reason,
        "approved_by": refund.approved_by,
        "problem": refund.problem,
        "created_at": iso(refund.created_ms),
        "updated_at": iso(refund.updated_ms),
    }


def _line(row: TimelineRow) -> Json:
    return {"at": iso(row.at_ms), "what": row.what, **row.detail}
