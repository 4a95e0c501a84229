"""Payments: attempts on an order, and what becomes of them."""

from typing import Literal

from .books import Books
from .errors import (
    AMOUNT_NOT_INTEGER,
    CAPTURE_AMOUNT,
    CAPTURE_DONE,
    CAPTURE_NOT_AUTHORIZED,
    ApiError,
    Json,
)
from .link_shapes import link_json, order_dump
from .models import Link, Order, Payment
from .qr_credit import credit
from .refunds import book_refund
from .rules import check_unknown, required_text
from .shapes import FAKE_VPA, order_json, payment_json

_FAILURE: Json = {
    "error_code": "BAD_REQUEST_ERROR",
    "error_description": "Your payment could not be completed.",
    "error_source": "customer",
    "error_step": "payment_authentication",
    "error_reason": "payment_failed",
}


def attempt(
    books: Books, order: Order, amount: int, *, hours_late: float = 0
) -> Payment:
    """Begin a payment; nothing is known about it yet."""
    payment = Payment(
        id=books.ids.new("pay"),
        amount=amount,
        currency=order.currency,
        created_at=books.clock.now() - int(hours_late * 3600),
        order_id=order.id,
        description="",
        rrn=books.ids.rrn(),
        vpa=FAKE_VPA,
    )
    books.payments[payment.id] = payment
    order.attempts += 1
    if order.status == "created":
        order.status = "attempted"
    return payment


def fail(books: Books, payment: Payment) -> None:
    """Fail a payment, which is never final."""
    payment.status, payment.error = "failed", dict(_FAILURE)
    books.emit("payment.failed", payment=payment_json(payment))


def authorize(books: Books, payment: Payment) -> None:
    """Note that the bank has the money."""
    payment.status, payment.error = "authorized", None
    books.emit("payment.authorized", payment=payment_json(payment))


def capture(books: Books, payment: Payment) -> None:
    """Take the money, and tell of the payment, its order and its link."""
    base = (payment.amount * 2 + 50) // 100
    payment.tax = (base * 18 + 50) // 100
    payment.fee = base + payment.tax
    payment.status, payment.captured = "captured", True
    payment.captured_at = books.clock.now()
    books.emit("payment.captured", payment=payment_json(payment))
    if payment.order_id:
        _credit_order(books, payment, books.orders[payment.order_id])
    credit(books, payment)


def settle(books: Books, payment: Payment) -> None:
    """Authorise and take a payment, however late, as account defaults do.

    A second payment of a paid order is given back at once; for a link that was
    cancelled or expired meanwhile `quirks.closed_link_payment` decides, for a closed
    QR code `quirks.closed_qr_payment`.
    """
    fate = _fate(books, payment)
    if fate == "fail":
        return fail(books, payment)
    authorize(books, payment)
    if fate == "refund" or _is_paid(books, payment):
        return give_back(books, payment)
    return capture(books, payment)


def give_back(books: Books, payment: Payment) -> None:
    """Return an authorised payment that Razorpay does not keep."""
    book_refund(books, payment, {"amount": payment.amount})


def capture_by_merchant(books: Books, payment: Payment, body: Json) -> None:
    """Capture on request. Raises ApiError unless authorised and the same amount."""
    check_unknown(body, ("amount", "currency"))
    if body.get("amount") is None:
        raise ApiError(required_text("amount"), field="amount")
    if not isinstance(body["amount"], int):
        raise ApiError(AMOUNT_NOT_INTEGER, field="amount")
    if payment.captured:
        raise ApiError(CAPTURE_DONE)
    if payment.status != "authorized":
        raise ApiError(CAPTURE_NOT_AUTHORIZED)
    if body["amount"] != payment.amount:
        raise ApiError(CAPTURE_AMOUNT)
    capture(books, payment)


def _fate(books: Books, payment: Payment) -> Literal["capture", "refund", "fail"]:
    link, qr = books.link_of(payment), books.qr_codes.get(payment.qr_id or "")
    if link is not None and link.status in ("cancelled", "expired"):
        return books.quirks.closed_link_payment
    if qr is not None and not qr.is_open:
        return books.quirks.closed_qr_payment
    return "capture"


def _is_paid(books: Books, payment: Payment) -> bool:
    order = books.orders.get(payment.order_id or "")
    return order is not None and order.status == "paid"


def _credit_order(books: Books, payment: Payment, order: Order) -> None:
    order.amount_paid += payment.amount
    order.updated_at = books.clock.now()
    if order.amount_paid >= order.amount:
        order.status = "paid"
        books.emit("order.paid", payment=payment_json(payment), order=order_json(order))
    if link := books.links.get(order.link_id or ""):
        _credit_link(books, payment, order, link)


def _credit_link(books: Books, payment: Payment, order: Order, link: Link) -> None:
    link.amount_paid += payment.amount
    link.payment_ids.append(payment.id)
    if not link.is_open:
        return
    link.status = "paid" if link.amount_due <= 0 else "partially_paid"
    link.updated_at = books.clock.now()
    books.emit(
        f"payment_link.{link.status}",
        payment_link=link_json(books, link),
        order=order_dump(books, order),
        payment=payment_json(payment),
    )
