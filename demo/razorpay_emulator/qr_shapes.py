"""How the QR codes service writes its codes, and what stands in the picture."""

from urllib.parse import quote, urlencode

from .books import Books
from .errors import Json
from .models import QrCode

FAKE_MERCHANT_VPA = "paybay-emulator@rzp"
MERCHANT = "PayBay Emulator"


def qr_json(books: Books, qr: QrCode) -> Json:
    """Write a QR code as the API shows it."""
    shape: Json = {
        "id": qr.id,
        "entity": "qr_code",
        "created_at": qr.created_at,
        "name": qr.name,
        "usage": qr.usage,
        "type": "upi_qr",
        "image_url": f"{books.base_url}/q/{qr.code}",
        "payment_amount": qr.payment_amount,
        "status": qr.status,
        "description": qr.description,
        "fixed_amount": qr.fixed_amount,
        "payments_amount_received": qr.amount_received,
        "payments_count_received": qr.payments_received,
        "notes": dict(qr.notes) or [],
        "customer_id": qr.customer_id,
        "close_by": qr.close_by,
    }
    if books.quirks.qr_image_content:
        shape["image_content"] = upi_text(qr)
    if not qr.is_open:
        shape |= {"closed_at": qr.closed_at, "close_reason": qr.close_reason}
    return shape


def upi_text(qr: QrCode) -> str:
    """Return what a UPI app reads from the picture.

    Source: NPCI's UPI linking specification 1.6; the form of `tr` is Razorpay's.
    """
    fields = {
        "pa": FAKE_MERCHANT_VPA,
        "pn": MERCHANT,
        "tr": f"RZP{qr.id.removeprefix('qr_')}qrv2",
        "tn": qr.description or "Payment",
        "cu": "INR",
        "mc": "5811",
    }
    if qr.payment_amount is not None:
        fields["am"] = f"{qr.payment_amount / 100:.2f}"
    return f"upi://pay?{urlencode(fields, quote_via=quote)}"
