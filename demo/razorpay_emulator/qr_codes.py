"""QR codes: made, scanned, closed."""

from . import payments
from .books import Books
from .errors import QR_CANNOT_CLOSE, QR_CLOSED, ApiError, Json
from .models import Payment, QrCode
from .qr_rules import check_qr, closing_time
from .qr_shapes import qr_json
from .refunds import book_refund
from .shapes import AIRTEL_VPA, FAKE_VPA


def create(books: Books, body: Json) -> QrCode:
    """Make a QR code. Raises ApiError when the request breaks a rule."""
    now = books.clock.now()
    check_qr(body, now)
    qr = QrCode(
        id=books.ids.new("qr"),
        code=books.ids.bare(8),
        usage=body["usage"],
        created_at=now,
        name=body.get("name") or "",
        description=body.get("description") or "",
        fixed_amount=body.get("fixed_amount", False),
        payment_amount=body.get("payment_amount"),
        customer_id=body.get("customer_id"),
        notes=dict(body.get("notes") or {}),
        close_by=closing_time(body, now),
    )
    books.qr_codes[qr.id] = qr
    books.emit("qr_code.created", qr_code=qr_json(books, qr))
    return qr


def close(books: Books, qr: QrCode) -> None:
    """Close a QR code on request. Raises ApiError."""
    if not qr.is_open:
        raise ApiError(QR_CLOSED)
    if qr.usage == "multiple_use" and not books.quirks.multiple_use_closes:
        raise ApiError(QR_CANNOT_CLOSE)
    qr.status, qr.close_reason = "closed", "on_demand"
    qr.closed_at = books.clock.now()
    books.emit("qr_code.closed", qr_code=qr_json(books, qr))


def expire_due(books: Books) -> None:
    """Close every code whose time is over; no event tells of it."""
    now = books.clock.now()
    for qr in books.qr_codes.values():
        if qr.is_open and qr.close_by is not None and qr.close_by <= now:
            qr.status, qr.closed_at = "closed", now


def scan(
    books: Books,
    qr: QrCode,
    amount: int,
    *,
    hours_late: float = 0,
    airtel: bool = False,
) -> Payment:
    """Let somebody pay by scanning a code.

    `hours_late` puts the payment's `created_at` that far into the past. Payers of
    Airtel Payments Bank get their money back from Razorpay itself.
    """
    payment = Payment(
        id=books.ids.new("pay"),
        amount=amount,
        currency="INR",
        created_at=books.clock.now() - int(hours_late * 3600),
        order_id=None,
        description="QRv2 Payment",
        rrn=books.ids.rrn(),
        vpa=AIRTEL_VPA if airtel else FAKE_VPA,
        notes=dict(qr.notes) if books.quirks.copy_qr_notes else {},
        qr_id=qr.id,
    )
    books.payments[payment.id] = payment
    payments.settle(books, payment)
    if airtel and payment.captured:
        book_refund(books, payment, {"amount": payment.amount})
    return payment
