"""How the payment links service writes links, and orders in its events."""

from .books import Books
from .errors import Json
from .models import Link, Order

_ORDER_DUMP_NULLS = [
    "account_number",
    "bank",
    "bank_account",
    "checkout_config_id",
    "customer_id",
    "first_payment_min_amount",
    "force_offer",
    "late_auth_config_id",
    "method",
    "payer_name",
    "provider_context",
    "public_response",
    "reference2",
    "reference3",
    "reference4",
    "reference5",
    "reference6",
    "reference7",
    "reference8",
    "source",
    "transfers",
]


def link_json(books: Books, link: Link, *, in_list: bool = False) -> Json:
    """Write a link: no `entity` key, `customer` a list when empty, 0 for no time."""
    shape: Json = {
        "accept_partial": link.accept_partial,
        "amount": link.amount,
        "amount_paid": link.amount_paid,
        "cancelled_at": link.cancelled_at,
        "created_at": link.created_at,
        "currency": link.currency,
        "customer": dict(link.customer) or [],
        "description": link.description,
        "expire_by": link.expire_by,
        "expired_at": link.expired_at,
        "first_min_partial_amount": link.first_min_partial_amount,
        "id": link.id,
        "notes": dict(link.notes) or None,
        "notify": {"email": False, "sms": False, "whatsapp": False} | link.notify,
        "payments": _link_payments(books, link, in_list=in_list),
        "reference_id": link.reference_id,
        "reminder_enable": link.reminder_enable,
        "reminders": [],
        "short_url": f"{books.base_url}/i/{link.code}",
        "status": link.status,
        "updated_at": link.updated_at,
        "upi_link": link.upi_link,
        "user_id": "",
        "whatsapp_link": False,
    }
    return shape | _link_extras(link)


def _link_extras(link: Link) -> Json:
    extras: Json = {}
    if link.callback_url:
        extras["callback_url"] = link.callback_url
        extras["callback_method"] = link.callback_method
    if link.order_id:
        extras["order_id"] = link.order_id
    return extras


def _link_payments(books: Books, link: Link, *, in_list: bool) -> list[Json] | None:
    if not link.payment_ids:
        return None
    if in_list:
        return []
    payments = (books.payments[payment_id] for payment_id in link.payment_ids)
    return [
        {
            "amount": payment.amount,
            "created_at": payment.created_at,
            "method": "upi",
            "payment_id": payment.id,
            "plink_id": link.id,
            "status": "captured",
            "updated_at": payment.captured_at,
        }
        for payment in payments
    ]


def order_dump(books: Books, order: Order) -> Json:
    """Write an order as `payment_link.paid` does: internal, its id without prefix."""
    return dict.fromkeys(_ORDER_DUMP_NULLS) | {
        "id": order.id.removeprefix("order_")
        if books.quirks.bare_order_id
        else order.id,
        "amount": order.amount,
        "amount_due": order.amount - order.amount_paid,
        "amount_paid": order.amount_paid,
        "app_offer": False,
        "attempts": order.attempts,
        "authorized": True,
        "created_at": order.created_at,
        "currency": order.currency,
        "discount": False,
        "merchant_id": books.account_id.removeprefix("acc_"),
        "notes": [],
        "offers": {},
        "order_metas": [],
        "order_relationships": [],
        "partial_payment": False,
        "payment_capture": True,
        "product_id": (order.link_id or "").removeprefix("plink_"),
        "product_type": "payment_link_v2",
        "public_key": books.key_id,
        "receipt": order.receipt,
        "status": order.status,
        "updated_at": order.updated_at,
    }
