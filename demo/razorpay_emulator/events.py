"""Webhook events: the envelope and the exact bytes of its body."""

from dataclasses import dataclass, field
import json
import random
from typing import Any

from .errors import Json
from .ids import Ids

LINK_PAYMENT_EVENTS = (
    "payment.authorized",
    "payment.captured",
    "order.paid",
    "payment_link.paid",
)
EVENTS = (
    *LINK_PAYMENT_EVENTS,
    "payment.failed",
    "payment_link.partially_paid",
    "payment_link.cancelled",
    "payment_link.expired",
    "qr_code.created",
    "qr_code.credited",
    "qr_code.closed",
    "refund.created",
    "refund.processed",
    "refund.failed",
    "payment.dispute.created",
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, told in the same bytes each time it is sent."""

    id: str
    name: str
    happened_at: int
    body: bytes = field(repr=False)
    entity_ids: dict[str, str]


def build_event(
    name: str,
    entities: dict[str, Json],
    *,
    ids: Ids,
    account_id: str,
    now: int,
    shuffle: bool,
) -> Event:
    """Wrap entities, as they stand, in Razorpay's envelope.

    `payment_link.*` events carry the link's `created_at` as their own, as in all
    of Razorpay's samples.
    """
    is_link_event = name.startswith("payment_link.")
    envelope: Json = {
        "entity": "event",
        "account_id": account_id,
        "event": name,
        "contains": list(entities),
        "payload": {kind: {"entity": entity} for kind, entity in entities.items()},
        "created_at": entities["payment_link"]["created_at"] if is_link_event else now,
    }
    return Event(
        id=ids.bare(),
        name=name,
        happened_at=now,
        body=encode(shuffled(envelope, ids.rng) if shuffle else envelope),
        entity_ids={kind: str(entity.get("id")) for kind, entity in entities.items()},
    )


def encode(content: Json) -> bytes:
    r"""Return JSON as PHP writes it: `/` as `\/`, other than ASCII as `\uXXXX`."""
    return json.dumps(content, separators=(",", ":")).replace("/", "\\/").encode()


def shuffled(value: Any, rng: random.Random) -> Any:
    """Return the value with the keys of every object in random order."""
    match value:
        case dict():
            keys = rng.sample(list(value), len(value))
            return {key: shuffled(value[key], rng) for key in keys}
        case list():
            return [shuffled(item, rng) for item in value]
    return value
