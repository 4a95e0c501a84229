"""What is worth telling the owner: the vocabulary of the activity event."""

from dataclasses import dataclass
from enum import StrEnum

from .orders import Order


class What(StrEnum):
    """Kinds of happenings at a bay."""

    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_EXTRA = "payment_extra"
    PAYMENT_REFUNDED = "payment_refunded"
    SESSION_STARTED = "session_started"
    SESSION_INTERRUPTED = "session_interrupted"
    SESSION_RESUMED = "session_resumed"
    SESSION_ENDED = "session_ended"
    STOP_AWAITED = "stop_awaited"
    ORDER_UNDELIVERED = "order_undelivered"
    ATTENTION = "attention"
    """Something stands before the owner that cannot end by itself."""
    RELAY_STRAY = "relay_stray"
    RELAY_STUCK = "relay_stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened at a bay; `reason` is a short code."""

    what: What
    bay_id: str
    order: Order | None = None
    reason: str | None = None
