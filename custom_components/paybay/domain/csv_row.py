"""Orders as rows of a table for accountants: one row a payment, one a free order."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from .order_view import OrderView, PaymentView
from .orders import PaidBy

HEADER = (
    "order_id",
    "bay",
    "bay_id",
    "plan",
    "plan_name",
    "mode",
    "currency",
    "price",
    "paid",
    "refunded",
    "net",
    "fee",
    "tax",
    "cash",
    "cash_back",
    "sold_by",
    "seconds_owed",
    "seconds_delivered",
    "energy_wh",
    "payment_id",
    "payment_kind",
    "method",
    "rrn",
    "state",
    "reason",
    "paid_local",
    "paid_utc",
    "ordered_local",
    "ordered_utc",
    "ended_local",
    "ended_utc",
)
"""`net` is paid online less refunded; the provider's `fee` includes the `tax` on it.

`cash` was taken by hand and is in no other sum; `cash_back` had to go back of it.
"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def row_of(
    view: OrderView,
    payment: PaymentView | None,
    zone: tzinfo,
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the cells of one payment (None: of an order that needed none).

    What was bought stands in the first payment's row only, so that columns can be
    summed. Amounts are in major units with a point; a fee not known yet is empty.
    """
    order = view.order
    paid_ms = payment.created_ms if payment else order.paid_ms
    return [
        *map(
            safe_text,
            (
                order.id,
                order.bay_name or order.bay_id,
                order.bay_id,
                order.plan_code,
                order.plan_name,
                "test" if order.test_mode else "live",
            ),
        ),
        *_money(view, payment),
        *_by_hand(view, payment, names or {}),
        *_bought(view, payment),
        *map(safe_text, _payment(view, payment)),
        order.state.value,
        safe_text(order.reason or ""),
        *_times(paid_ms, zone),
        *_times(order.created_ms, zone),
        *_times(view.ended_ms, zone),
    ]


def safe_text(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP's CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _money(view: OrderView, payment: PaymentView | None) -> list[str]:
    price = view.order.price
    first = payment is None or payment is view.credited
    asked = _major(price.minor) if first else ""
    if payment is None:
        return [price.currency, asked, "0.00", "0.00", "0.00", "", ""]
    paid, refunded = payment.amount.minor, payment.refunded_minor
    amounts = (paid, refunded, paid - refunded, payment.fee_minor, payment.tax_minor)
    return [payment.amount.currency, asked, *map(_major, amounts)]


def _by_hand(
    view: OrderView, payment: PaymentView | None, names: Mapping[str, str]
) -> list[str]:
    """Return the cash that was taken and given back, and the name of who sold it."""
    order = view.order
    if payment is not None and payment is not view.credited:
        return ["", "", ""]
    by = safe_text(names.get(order.by_user, order.by_user)) if order.by_user else ""
    if order.paid_by is not PaidBy.CASH:
        return ["0.00", "0.00", by]
    return [_major(order.price.minor), _major(order.cash_back_minor), by]


def _bought(view: OrderView, payment: PaymentView | None) -> list[str]:
    if payment is not None and payment is not view.credited:
        return ["", "", ""]
    mwh = view.delivered_mwh
    return [
        _thousandths(view.order.owed_ms),
        _thousandths(view.delivered_ms),
        "" if mwh is None else _thousandths(mwh),
    ]


def _payment(view: OrderView, payment: PaymentView | None) -> tuple[str, ...]:
    if payment is None:
        kind = "cash" if view.order.paid_by is PaidBy.CASH else "free"
        return "", kind, "", ""
    return payment.id, payment.verdict, payment.method or "", payment.rrn or ""


def _times(at_ms: int | None, zone: tzinfo) -> list[str]:
    if at_ms is None:
        return ["", ""]
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return [at.astimezone(zone).isoformat(), at.isoformat()]


def _major(minor: int | None) -> str:
    if minor is None:
        return ""
    sign, whole = "-" if minor < 0 else "", abs(minor)
    return f"{sign}{whole // 100}.{whole % 100:02}"


def _thousandths(number: int) -> str:
    return f"{number // 1000}.{number % 1000:03}"
