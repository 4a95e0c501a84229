"""What the payment links service refuses: pure checks of request bodies."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from . import errors
from .errors import Json, LinkError
from .rules import (
    MAX_REFERENCE,
    check_amount,
    check_notes,
    is_int,
    must_be,
    required_text,
    too_long,
)

MIN_EXPIRY_S = 15 * 60
MAX_EXPIRY_S = 184 * 24 * 3600
MAX_DESCRIPTION = 2048

LINK_FIELDS = frozenset(
    [
        "amount",
        "currency",
        "accept_partial",
        "first_min_partial_amount",
        "upi_link",
        "description",
        "reference_id",
        "customer",
        "expire_by",
        "notify",
        "reminder_enable",
        "notes",
        "callback_url",
        "callback_method",
        "options",
    ]
)
LINK_EDIT_FIELDS = frozenset(
    ["accept_partial", "reference_id", "expire_by", "reminder_enable", "notes"]
)

TYPES: dict[str, tuple[type, str]] = {
    "accept_partial": (bool, "a boolean"),
    "upi_link": (bool, "a boolean"),
    "reminder_enable": (bool, "a boolean"),
    "description": (str, "a string"),
    "reference_id": (str, "a string"),
    "currency": (str, "a string"),
    "customer": (dict, "an object"),
    "notify": (dict, "an object"),
    "options": (dict, "an object"),
}


@dataclass(frozen=True, kw_only=True)
class LinkTerms:
    """What a link request is judged against."""

    now: int
    test_mode: bool
    max_amount: int


def check_link(body: Json, terms: LinkTerms) -> None:
    """Refuse a bad payment link request.

    Raises LinkError. Rules and texts: Razorpay API reference, "Create a Standard
    Payment Link".
    """
    if body.keys() - LINK_FIELDS:
        raise LinkError(errors.LINK_WRONG_FIELDS)
    check_amount(body.get("amount"), LinkError, required=True)
    if body["amount"] > terms.max_amount:
        raise LinkError(errors.AMOUNT_TOO_LARGE)
    _check_types(body)
    _check_currency(body)
    _check_upi_link(body, terms)
    _check_partial(body)
    _check_lengths(body)
    check_expiry(body.get("expire_by"), terms.now)
    check_notes(body.get("notes"), LinkError)
    _check_callback(body)


def check_link_edit(body: Json, now: int) -> None:
    """Refuse a bad edit of a payment link. Raises LinkError."""
    if not body or body.keys() - LINK_EDIT_FIELDS:
        raise LinkError(errors.LINK_WRONG_FIELDS)
    _check_types(body)
    _check_lengths(body)
    check_expiry(body.get("expire_by"), now)
    check_notes(body.get("notes"), LinkError)


def check_expiry(expire_by: object, now: int) -> None:
    """Refuse an expiry nearer than 15 minutes or further than 6 months."""
    if expire_by is None:
        return
    if not is_int(expire_by):
        raise LinkError(must_be("expire_by", "an integer"))
    if expire_by < now + MIN_EXPIRY_S:
        raise LinkError(errors.LINK_EXPIRY_TOO_SOON)
    if expire_by > now + MAX_EXPIRY_S:
        raise LinkError(errors.LINK_EXPIRY_TOO_FAR)


def _check_types(body: Json) -> None:
    for name, (kind, text) in TYPES.items():
        if body.get(name) is not None and not isinstance(body[name], kind):
            raise LinkError(must_be(name, text))
    _check_members(body, "customer", {"name", "email", "contact"}, str)
    _check_members(body, "notify", {"sms", "email", "whatsapp"}, bool)


def _check_members(body: Json, name: str, known: set[str], kind: type) -> None:
    for key, value in (body.get(name) or {}).items():
        if key not in known or not isinstance(value, kind):
            raise LinkError(errors.LINK_WRONG_FIELDS)


def _check_currency(body: Json) -> None:
    if body.get("currency", "INR") != "INR" and not body.get("upi_link"):
        raise LinkError("Currency is not supported")


def _check_upi_link(body: Json, terms: LinkTerms) -> None:
    if not body.get("upi_link"):
        return
    if terms.test_mode:
        raise LinkError(errors.LINK_UPI_TEST_MODE)
    if body.get("currency", "INR") != "INR":
        raise LinkError(errors.LINK_UPI_CURRENCY)
    if body.get("accept_partial"):
        raise LinkError(errors.LINK_UPI_PARTIAL)


def _check_partial(body: Json) -> None:
    first = body.get("first_min_partial_amount")
    if first is None:
        return
    if not is_int(first):
        raise LinkError(must_be("first_min_partial_amount", "an integer"))
    if first and not (body.get("accept_partial") and first <= body["amount"]):
        raise LinkError(errors.LINK_WRONG_FIELDS)


def _check_lengths(body: Json) -> None:
    limits = {"description": MAX_DESCRIPTION, "reference_id": MAX_REFERENCE}
    for name, limit in limits.items():
        if len(body.get(name) or "") > limit:
            raise LinkError(too_long(name, limit))


def _check_callback(body: Json) -> None:
    url, method = body.get("callback_url"), body.get("callback_method")
    if not url:
        return
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise LinkError("The callback url format is invalid.")
    if method != "get":
        text = "callback_method must be get"
        raise LinkError(text if method else required_text("callback_method"))
