"""Webhook bodies, read into notices."""

from collections.abc import Callable
import json
import re

from ...domain.notices import Channel, Notice
from ..base import MalformedEventError
from .entities import (
    ORDER_NOTE,
    Entity,
    ForeignMoneyError,
    link_fact,
    part,
    payment_fact,
    qr_fact,
    reference_of,
    refund_fact,
)

_KIND = re.compile(r"[a-z_]{1,32}(\.[a-z_]{1,32}){0,3}")
_MAX_EVENT_ID = 255
_ABOUT_PAYMENTS = frozenset(
    {"payment.authorized", "payment.captured", "payment.failed"}
)
_ABOUT_MONEY = _ABOUT_PAYMENTS | {
    "order.paid",
    "payment_link.cancelled",
    "payment_link.expired",
    "payment_link.paid",
    "payment_link.partially_paid",
    "qr_code.credited",
}
"""Events PayBay lives by: in these an entity that cannot be read is an error."""


def read_notice(body: bytes, event_id: str | None) -> Notice:
    """Read a verified webhook body; raise MalformedEventError if it makes no sense.

    Any event is accepted, because one account may serve other shops too. The body's
    own `created_at` is not read: in `payment_link.*` events it is the link's.
    """
    event = _load(body)
    kind = event.get("event")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise MalformedEventError("an event without a name")
    payload = part(event, "payload")
    payment = _read(payload, "payment", payment_fact, kind)
    if kind in _ABOUT_PAYMENTS and not part(part(payload, "payment"), "entity"):
        raise MalformedEventError(f"{kind} without a payment")
    return Notice(
        channel=Channel.WEBHOOK,
        kind=kind,
        event_id=event_id if _is_storable(event_id) else None,
        payment=payment,
        link=_read(payload, "payment_link", link_fact, kind),
        qr=_read(payload, "qr_code", qr_fact, kind),
        refund=_read(payload, "refund", refund_fact, kind),
        reference_id=_reference(payload),
    )


def _is_storable(event_id: str | None) -> bool:
    if not event_id:
        return False
    return event_id.isprintable() and len(event_id) <= _MAX_EVENT_ID


def _load(body: bytes) -> Entity:
    try:
        event = json.loads(body)
    except ValueError, RecursionError:
        raise MalformedEventError("an event that is not JSON") from None
    if not isinstance(event, dict):
        raise MalformedEventError("an event that is not an object")
    return event


def _read[T](
    payload: Entity, name: str, read: Callable[[Entity], T], kind: str
) -> T | None:
    entity = part(part(payload, name), "entity")
    if not entity:
        return None
    try:
        return read(entity)
    except ForeignMoneyError:
        return None
    except MalformedEventError:
        if kind in _ABOUT_MONEY:
            raise
        return None


def _reference(payload: Entity) -> str | None:
    """Return our order id from wherever this event carries it.

    A link's notes are sometimes on its payment and sometimes not, and a link's
    reference id is its order's receipt.
    """
    link, payment, order = (
        part(part(payload, name), "entity")
        for name in ("payment_link", "payment", "order")
    )
    places = (
        link.get("reference_id"),
        part(payment, "notes").get(ORDER_NOTE),
        part(link, "notes").get(ORDER_NOTE),
        order.get("receipt"),
    )
    return next((ref for ref in map(reference_of, places) if ref), None)
