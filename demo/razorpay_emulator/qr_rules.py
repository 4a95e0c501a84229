"""What the QR codes service refuses: pure checks of request bodies.

Source: razorpay/markdown-docs, api/qr-codes/create.md.
"""

from . import errors
from .errors import ApiError, Json
from .rules import (
    MIN_AMOUNT,
    check_notes,
    check_unknown,
    is_int,
    must_be,
    required_text,
    too_long,
)

QR_FIELDS = frozenset(
    [
        "type",
        "usage",
        "fixed_amount",
        "payment_amount",
        "name",
        "description",
        "customer_id",
        "close_by",
        "notes",
    ]
)
USAGES = ("single_use", "multiple_use")
MIN_LIFE_S = 2 * 60
MAX_LIFE_S = 2 * 3600
MAX_TEXT = 255


def check_qr(body: Json, now: int) -> None:
    """Refuse a bad QR code request. Raises ApiError."""
    fixed = body.get("fixed_amount") is True
    allowed = QR_FIELDS - (frozenset() if fixed else {"payment_amount"})
    if body.get("usage") == "multiple_use":
        allowed -= {"close_by"}
    check_unknown(body, allowed)
    _check_kind(body)
    _check_texts(body)
    check_notes(body.get("notes"), ApiError)
    if fixed:
        _check_amount(body.get("payment_amount"))
    elif body["usage"] == "single_use":
        raise ApiError(errors.QR_SINGLE_USE_FIXED, field="fixed_amount")
    _check_close_by(body.get("close_by"), now)


def closing_time(body: Json, now: int) -> int | None:
    """Return when a code closes by itself: within two hours, or never."""
    if body["usage"] == "multiple_use":
        return None
    latest = now + MAX_LIFE_S
    return min(body.get("close_by") or latest, latest)


def _check_kind(body: Json) -> None:
    for name, known in (("type", ("upi_qr",)), ("usage", USAGES)):
        if body.get(name) is None:
            raise ApiError(required_text(name), field=name)
        if body[name] not in known:
            msg = f"The selected {name} is invalid."
            raise ApiError(msg, field=name)
    if not isinstance(body.get("fixed_amount", False), bool):
        raise ApiError(must_be("fixed amount", "true or false"), field="fixed_amount")


def _check_texts(body: Json) -> None:
    for name in ("name", "description", "customer_id"):
        text = body.get(name)
        if not isinstance(text, str | None):
            raise ApiError(must_be(name, "a string"), field=name)
        if len(text or "") > MAX_TEXT:
            raise ApiError(too_long(name, MAX_TEXT), field=name)


def _check_amount(amount: object) -> None:
    if amount is None:
        raise ApiError(required_text("payment amount"), field="payment_amount")
    if not is_int(amount):
        raise ApiError(errors.AMOUNT_NOT_INTEGER, field="payment_amount")
    if amount < 1:
        raise ApiError(errors.QR_AMOUNT_TOO_SMALL, field="payment_amount")
    if amount < MIN_AMOUNT:
        raise ApiError(errors.AMOUNT_TOO_SMALL, field="payment_amount")


def _check_close_by(close_by: object, now: int) -> None:
    if close_by is None:
        return
    if not is_int(close_by):
        raise ApiError(must_be("close by", "an integer"), field="close_by")
    if close_by < now + MIN_LIFE_S:
        raise ApiError(errors.QR_CLOSE_TOO_SOON, field="close_by")
