"""How Razorpay writes its entities, with the quirks a client has to survive."""

from .errors import Json
from .models import Notes, Order, Payment, Refund

FAKE_VPA = "customer@upi"
FAKE_CONTACT = "+910000000000"
FAKE_EMAIL = "void@razorpay.com"
AIRTEL_VPA = "customer@airtel"
PERSONAL_DATA = (FAKE_VPA, AIRTEL_VPA, FAKE_CONTACT, FAKE_EMAIL)

NO_ERROR = dict.fromkeys(
    ("error_code", "error_description", "error_source", "error_step", "error_reason")
)


def order_json(order: Order) -> Json:
    """Write an order as the API shows it."""
    return {
        "id": order.id,
        "entity": "order",
        "amount": order.amount,
        "amount_paid": order.amount_paid,
        "amount_due": order.amount - order.amount_paid,
        "currency": order.currency,
        "receipt": order.receipt,
        "offer_id": None,
        "status": order.status,
        "attempts": order.attempts,
        "notes": _notes(order.notes),
        "created_at": order.created_at,
    }


def payment_json(payment: Payment) -> Json:
    """Write a payment, personal-looking data and all."""
    refunded = payment.amount_refunded
    return {
        "id": payment.id,
        "entity": "payment",
        "amount": payment.amount,
        "base_amount": payment.amount,
        "currency": payment.currency,
        "status": payment.status,
        "order_id": payment.order_id,
        "invoice_id": None,
        "international": False,
        "method": "upi",
        "amount_refunded": refunded,
        "amount_transferred": 0,
        "refund_status": _refund_status(payment.amount, refunded),
        "captured": payment.captured,
        "description": payment.description,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": payment.vpa,
        "email": FAKE_EMAIL,
        "contact": FAKE_CONTACT,
        "notes": _notes(payment.notes),
        "fee": payment.fee,
        "tax": payment.tax,
        **(payment.error or NO_ERROR),
        "acquirer_data": {"rrn": payment.rrn},
        "created_at": payment.created_at,
        "upi": {"payer_account_type": "bank_account", "vpa": payment.vpa},
    }


def refund_json(refund: Refund) -> Json:
    """Write a refund."""
    done = refund.status == "processed"
    return {
        "id": refund.id,
        "entity": "refund",
        "amount": refund.amount,
        "currency": refund.currency,
        "payment_id": refund.payment_id,
        "notes": _notes(refund.notes),
        "receipt": refund.receipt,
        "acquirer_data": {"rrn": refund.rrn if done else None},
        "created_at": refund.created_at,
        "batch_id": None,
        "status": refund.status,
        "speed_processed": "normal",
        "speed_requested": refund.speed,
    }


def collection(items: list[Json]) -> Json:
    """Wrap a list the way everything but payment links is wrapped."""
    return {"entity": "collection", "count": len(items), "items": items}


def _notes(notes: Notes) -> Notes | list[str]:
    return dict(notes) or []


def _refund_status(amount: int, refunded: int) -> str | None:
    if not refunded:
        return None
    return "full" if refunded >= amount else "partial"
