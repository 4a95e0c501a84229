"""Signed webhooks made by hand, for measuring what a real sender would hide."""

import hashlib
import hmac
import json
import time

type Signed = tuple[bytes, dict[str, str]]


def captured(
    payment_id: str,
    order_id: str | None,
    amount_minor: int,
    *,
    event_id: str,
    secret: str,
) -> Signed:
    """Return body and headers of `payment.captured`, as large as Razorpay's are."""
    payment = {
        "id": payment_id,
        "entity": "payment",
        "amount": amount_minor,
        "currency": "INR",
        "status": "captured",
        "captured": True,
        "notes": {"order_id": order_id} if order_id else [],
        "created_at": int(time.time()),
        "padding": "x" * 1500,
    }
    event = {
        "entity": "event",
        "event": "payment.captured",
        "contains": ["payment"],
        "payload": {"payment": {"entity": payment}},
    }
    body = json.dumps(event).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {"X-Razorpay-Signature": signature, "x-razorpay-event-id": event_id}
