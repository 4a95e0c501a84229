"""Signed webhooks as Razorpay sends them."""

import hashlib
import hmac
import json
from typing import Any

from .entries import ENTRY_DATA

HOOK = f"/api/paybay/webhook/{ENTRY_DATA['hook_id']}"


def captured(
    order_id: str | None,
    *,
    event: str = "payment.captured",
    payment_id: str = "pay_00000000000001",
    amount: int = 1000,
    created_s: int = 0,
) -> bytes:
    """Return the body of an event about a captured payment."""
    notes: Any = {"order_id": order_id} if order_id else []
    payment = {
        "id": payment_id,
        "entity": "payment",
        "amount": amount,
        "currency": "INR",
        "status": "captured",
        "order_id": "order_00000000000001",
        "description": "#plink/1",
        "method": "upi",
        "captured": True,
        "amount_refunded": 0,
        "notes": notes,
        "vpa": "customer@upi",
        "email": "customer@example.com",
        "contact": "+910000000000",
        "fee": 24,
        "tax": 4,
        "acquirer_data": {"rrn": "123456789012"},
        "created_at": created_s,
    }
    body = {
        "entity": "event",
        "account_id": "acc_00000000000001",
        "event": event,
        "contains": ["payment"],
        "payload": {"payment": {"entity": payment}},
        "created_at": created_s,
    }
    return json.dumps(body).replace("/", "\\/").encode()


def signed(
    body: bytes, *, event_id: str = "evt_1", secret: str = ENTRY_DATA["webhook_secret"]
) -> dict[str, str]:
    """Return the headers that go with a body."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Razorpay-Signature": signature,
        "x-razorpay-event-id": event_id,
    }
