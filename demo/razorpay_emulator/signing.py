"""The two signatures Razorpay makes, both hex HMAC-SHA256."""

import hashlib
import hmac
from urllib.parse import urlencode, urlsplit

from .models import Link, Payment


def sign(secret: str, message: bytes) -> str:
    """Return the signature of a message."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def return_url(link: Link, payment: Payment, key_secret: str) -> str:
    """Return where the customer's browser is sent after paying.

    Signed with the API key's secret over `link|reference|status|payment`
    (Razorpay docs, payment-links/apis.md "Verify Signature").
    """
    status = link.status
    parts = (link.id, link.reference_id, status, payment.id)
    query = {
        "razorpay_payment_id": payment.id,
        "razorpay_payment_link_id": link.id,
        "razorpay_payment_link_reference_id": link.reference_id,
        "razorpay_payment_link_status": status,
        "razorpay_signature": sign(key_secret, "|".join(parts).encode()),
    }
    joint = "&" if urlsplit(link.callback_url).query else "?"
    return f"{link.callback_url}{joint}{urlencode(query)}"
