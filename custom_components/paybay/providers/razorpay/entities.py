"""Razorpay's entities, read into facts.

Only the fields named here leave this room: a payment also carries the customer's
phone, e-mail and UPI address, and none of them is ever looked at.
"""

from collections.abc import Mapping
import re
from typing import Any

from ...domain.links import LinkTag
from ...domain.money import Money, MoneyError
from ...domain.notices import (
    LinkFact,
    LinkStatus,
    PaymentFact,
    PaymentStatus,
    QrFact,
    RefundFact,
)
from ...domain.qr_codes import QrTag
from ..base import MalformedEventError

type Entity = Mapping[str, Any]


class ForeignMoneyError(MalformedEventError):
    """A sum in a currency that PayBay does not take, so not one it asked for."""


ORDER_NOTE = "order_id"
"""The note in which a link or a payment carries our order id."""
QR_NOTE = "qr_key"
"""The note in which a QR code and its payments carry our key of it."""
BAY_NOTE = "bay_id"
SITE_NOTE = "site_id"
BAY_NAME_NOTE = "bay"
PLAN_NOTE = "plan"
PLAN_NAME_NOTE = "plan_name"
REFUND_NOTE = "key"
"""The note in which a refund carries our idempotency key."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_ID = re.compile(r"[A-Za-z]{2,16}_[A-Za-z0-9]{1,64}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_REFUND_KEY = re.compile(r"[A-Za-z0-9_-]{10,64}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
_UPI = re.compile(r"upi://pay\?[!-~]{1,1000}")
_URL = re.compile(r"https?://[!-~]{1,2000}")
_MAX_INT = 2**53
_MAX_SHOWN = 255
_QR_CURRENCY = "INR"
"""UPI knows no other; a QR code names none."""
_REFUND_STATUSES = frozenset({"pending", "processed", "failed"})


def payment_fact(entity: Entity) -> PaymentFact:
    """Read a payment entity of the API or of a webhook."""
    return PaymentFact(
        id=read_id(entity.get("id")),
        status=_payment_status(entity),
        amount=_money(entity),
        created_s=_whole(entity, "created_at"),
        method=_match(_WORD, entity.get("method")),
        rrn=_match(_WORD, part(entity, "acquirer_data").get("rrn")),
        fee_minor=_whole_or_none(entity, "fee"),
        tax_minor=_whole_or_none(entity, "tax"),
        refunded_minor=_whole_or_none(entity, "amount_refunded") or 0,
        reference_id=reference_of(part(entity, "notes").get(ORDER_NOTE)),
        qr=qr_tag(entity),
    )


def link_fact(entity: Entity) -> LinkFact:
    """Read a payment link entity of the API or of a webhook."""
    return LinkFact(
        id=read_id(entity.get("id")),
        reference_id=reference_of(entity.get("reference_id")),
        status=_link_status(entity),
        amount=_money(entity),
        url=_match(_URL, entity.get("short_url")) or "",
        tag=link_tag(entity),
    )


def link_tag(entity: Entity) -> LinkTag | None:
    """Read the notes of a payment link that a PayBay site made."""
    notes = part(entity, "notes")
    site_id = _match(_NAME, notes.get(SITE_NOTE))
    if site_id is None:
        return None
    return LinkTag(
        site_id=site_id,
        bay_id=_match(_NAME, notes.get(BAY_NOTE)) or "",
        bay_name=_shown(notes.get(BAY_NAME_NOTE)),
        plan_code=_match(_WORD, notes.get(PLAN_NOTE)) or "",
        plan_name=_shown(notes.get(PLAN_NAME_NOTE)),
        order_id=reference_of(notes.get(ORDER_NOTE)),
    )


def link_payments(entity: Entity) -> list[PaymentFact]:
    """Read the captured payments a link names itself: no RRN, no fee.

    The list is null or empty until one is captured, and empty in every list answer.
    """
    currency = entity.get("currency")
    return [
        payment_fact({**entry, "id": entry.get("payment_id"), "currency": currency})
        for entry in entities(entity, "payments")
    ]


def qr_fact(entity: Entity) -> QrFact:
    """Read a QR code entity of the API or of a webhook."""
    minor = _whole_or_none(entity, "payment_amount")
    return QrFact(
        id=read_id(entity.get("id")),
        active=entity.get("status") == "active",
        amount=Money(minor, _QR_CURRENCY) if minor is not None else None,
        image_url=_match(_URL, entity.get("image_url")) or "",
        created_s=_whole(entity, "created_at"),
        text=_match(_UPI, entity.get("image_content")),
        payments=_whole_or_none(entity, "payments_count_received") or 0,
        tag=qr_tag(entity),
    )


def qr_tag(entity: Entity) -> QrTag | None:
    """Read the notes of a QR code of ours, or those copied onto a payment of it."""
    notes = part(entity, "notes")
    key = _match(_WORD, notes.get(QR_NOTE))
    if key is None:
        return None
    return QrTag(
        key=key,
        bay_id=_match(_NAME, notes.get(BAY_NOTE)),
        site_id=_match(_NAME, notes.get(SITE_NOTE)),
    )


def refund_fact(entity: Entity) -> RefundFact:
    """Read a refund entity; a status not known yet counts as pending."""
    status = entity.get("status")
    known = isinstance(status, str) and status in _REFUND_STATUSES
    return RefundFact(
        id=read_id(entity.get("id")),
        payment_id=read_id(entity.get("payment_id")),
        amount=_money(entity),
        status=str(status) if known else "pending",
        key=_match(_REFUND_KEY, part(entity, "notes").get(REFUND_NOTE)),
    )


def read_id(value: object) -> str:
    """Return `value` if it is an id as Razorpay makes them, safe in a path."""
    found = _match(_ID, value)
    if found is None:
        raise MalformedEventError("an entity without a usable id")
    return found


def reference_of(value: object) -> str | None:
    """Return a reference id that may be ours; other shops' may be any text."""
    return _match(_REFERENCE, value)


def part(entity: Entity, name: str) -> Entity:
    """Return an inner object; Razorpay writes an empty one as `[]` or null."""
    value = entity.get(name)
    return value if isinstance(value, dict) else {}


def entities(answer: Entity, name: str) -> list[Entity]:
    """Return the objects of a list; anything else counts as an empty one."""
    items = answer.get(name)
    return [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []


def _payment_status(entity: Entity) -> PaymentStatus:
    try:
        status = PaymentStatus(entity["status"])
    except KeyError, ValueError:
        raise MalformedEventError("a payment without a known status") from None
    # Authorised too late, then given back by Razorpay: that money never came.
    if status is PaymentStatus.REFUNDED and entity.get("captured") is False:
        return PaymentStatus.FAILED
    return status


def _link_status(entity: Entity) -> LinkStatus:
    try:
        return LinkStatus(entity["status"])
    except KeyError, ValueError:
        raise MalformedEventError("a link without a known status") from None


def _money(entity: Entity) -> Money:
    currency = _match(_CURRENCY, entity.get("currency"))
    if currency is None:
        raise MalformedEventError("an amount without a currency")
    minor = _whole(entity, "amount")
    try:
        return Money(minor, currency)
    except MoneyError as err:
        raise ForeignMoneyError(str(err)) from None


def _whole(entity: Entity, name: str) -> int:
    value = _whole_or_none(entity, name)
    if value is None:
        raise MalformedEventError(f"{name} is not a whole number")
    return value


def _whole_or_none(entity: Entity, name: str) -> int | None:
    value = entity.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _MAX_INT else None


def _shown(value: object) -> str:
    """Return a name that an owner chose, if it is one."""
    usable = isinstance(value, str) and value.isprintable()
    return str(value)[:_MAX_SHOWN] if usable else ""


def _match(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
