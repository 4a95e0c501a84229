"""What a captured payment does to the QR code it was made on."""

from .books import Books
from .models import Payment
from .qr_shapes import qr_json
from .shapes import payment_json


def credit(books: Books, payment: Payment) -> None:
    """Count a payment on its code and tell of it; a single-use code is used up."""
    qr = books.qr_codes.get(payment.qr_id or "")
    if qr is None:
        return
    before = qr_json(books, qr)
    qr.amount_received += payment.amount
    qr.payments_received += 1
    if qr.usage == "single_use" and qr.is_open:
        qr.status, qr.close_reason = "closed", "paid"
        qr.closed_at = books.clock.now()
    shown = before if books.quirks.qr_counters_lag else qr_json(books, qr)
    books.emit("qr_code.credited", payment=payment_json(payment), qr_code=shown)
