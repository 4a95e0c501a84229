"""What of a payment is known only later, and when to ask for it."""

from .notices import PaymentFact

FIRST_ASK_MS = 600_000
_ASKS_MS = (3_600_000, 6 * 3_600_000, 24 * 3_600_000, 72 * 3_600_000)
"""How long after each try to ask again; after the last nobody asks any more."""


def is_incomplete(fact: PaymentFact) -> bool:
    """Return whether the provider may still tell the fee or the bank's number (RRN).

    Razorpay's fee is null before the capture, and 0 at first for printed codes.
    """
    return not fact.fee_minor or fact.rrn is None


def next_ask_ms(asked: int, at_ms: int) -> int | None:
    """Return when to ask again after this many tries; None: never."""
    return at_ms + _ASKS_MS[asked - 1] if asked <= len(_ASKS_MS) else None
