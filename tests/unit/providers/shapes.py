"""Entities in the shape Razorpay sends them, odd corners and personal data included."""

import json
from typing import Any

type Json = dict[str, Any]

PERSONAL = ("guest@upi", "+910000000000", "guest@example.com", "A. Guest")


def payment_entity(**changes: Any) -> Json:
    return {
        "id": "pay_PxYz0123456789",
        "entity": "payment",
        "amount": 1000,
        "currency": "INR",
        "status": "captured",
        "order_id": "order_PxYz0123456789",
        "invoice_id": None,
        "international": False,
        "method": "upi",
        "amount_refunded": 0,
        "refund_status": None,
        "captured": True,
        "description": "#PxYz0123456789",
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": "guest@upi",
        "email": "guest@example.com",
        "contact": "+910000000000",
        "notes": [],
        "fee": 24,
        "tax": 4,
        "error_code": None,
        "acquirer_data": {"rrn": "123456789012"},
        "created_at": 1_790_000_000,
        "upi": {"payer_account_type": "bank_account", "vpa": "guest@upi"},
    } | changes


def link_entity(**changes: Any) -> Json:
    return {
        "id": "plink_PxYz0123456789",
        "reference_id": "ord_1",
        "short_url": "https://rzp.example/i/1",
        "amount": 1000,
        "amount_paid": 0,
        "currency": "INR",
        "status": "created",
        "customer": [],
        "notes": None,
        "payments": None,
        "created_at": 1_780_000_000,
        "expired_at": 0,
    } | changes


def event(kind: str, **entities: Any) -> bytes:
    """Return a webhook body, with `/` escaped as Razorpay does."""
    body = {
        "entity": "event",
        "account_id": "acc_PxYz0123456789",
        "event": kind,
        "contains": list(entities),
        "payload": {name: {"entity": entity} for name, entity in entities.items()},
        "created_at": 1_780_000_000,
    }
    return json.dumps(body).replace("/", "\\/").encode()
