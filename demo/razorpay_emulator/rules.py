"""What every service refuses: pure checks of request bodies."""

from collections.abc import Collection
import re
from typing import TypeIs

from . import errors
from .errors import ApiError, Json

MIN_AMOUNT = 100
MAX_NOTES = 15
MAX_NOTE_LENGTH = 255
MAX_REFERENCE = 40
REFUND_FIELDS = frozenset(["amount", "speed", "notes", "receipt"])
SPEEDS = ("normal", "optimum")
_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{10,255}")

type Refusal = type[ApiError]


def check_amount(amount: object, refuse: Refusal, *, required: bool = False) -> None:
    """Refuse what is not a whole number of paise worth at least INR 1.00."""
    if amount is None:
        if required:
            raise refuse(required_text("amount"), field="amount")
        return
    if not is_int(amount):
        raise refuse(errors.AMOUNT_NOT_INTEGER, field="amount")
    if amount < MIN_AMOUNT:
        raise refuse(errors.AMOUNT_TOO_SMALL, field="amount")


def check_notes(notes: object, refuse: Refusal) -> None:
    """Refuse notes that are not at most 15 pairs of short strings."""
    if notes is None or notes == []:
        return
    if not isinstance(notes, dict):
        raise refuse(must_be("notes", "an object"), field="notes")
    if len(notes) > MAX_NOTES:
        msg = f"The notes may not have more than {MAX_NOTES} items."
        raise refuse(msg, field="notes")
    for text in (*notes.keys(), *notes.values()):
        if not isinstance(text, str):
            raise refuse(must_be("notes", "a string"), field="notes")
        if len(text) > MAX_NOTE_LENGTH:
            raise refuse(errors.LINK_NOTE_TOO_LONG, field="notes")


def check_refund(body: Json) -> None:
    """Refuse a bad refund request. Raises ApiError."""
    check_unknown(body, REFUND_FIELDS)
    check_amount(body.get("amount"), ApiError)
    check_notes(body.get("notes"), ApiError)
    if body.get("speed", "normal") not in SPEEDS:
        raise ApiError("The selected speed is invalid.", field="speed")
    receipt = body.get("receipt")
    if not isinstance(receipt, str | None):
        raise ApiError(must_be("receipt", "a string"), field="receipt")
    if len(receipt or "") > MAX_REFERENCE:
        raise ApiError(too_long("receipt", MAX_REFERENCE), field="receipt")


def check_idempotency_key(key: str) -> None:
    """Refuse a key that is not 10 or more of letters, digits, `-` and `_`."""
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise ApiError("The idempotency key is invalid.")


def check_unknown(given: Json, allowed: Collection[str]) -> None:
    """Refuse fields that an endpoint does not take. Raises ApiError."""
    if unknown := sorted(given.keys() - set(allowed)):
        msg = f"{', '.join(unknown)} is/are not required and should not be sent"
        raise ApiError(msg)


def required_text(name: str) -> str:
    """Return the text for a missing field."""
    return f"The {name} field is required."


def is_int(value: object) -> TypeIs[int]:
    """Tell whether a JSON value is a whole number, and no boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def must_be(name: str, kind: str) -> str:
    """Return the text for a value of the wrong type."""
    return f"The {name} must be {kind}."


def too_long(name: str, limit: int) -> str:
    """Return the text for a value that is too long."""
    return f"The {name} may not be greater than {limit} characters."
