"""What Razorpay's refusals mean to PayBay."""

from http import HTTPStatus

from ..base import (
    ProviderAuthError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

_THEIR_FAULT = frozenset({"GATEWAY_ERROR", "SERVER_ERROR"})
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_MAX_DESCRIPTION = 300


def error_of(status: int, body: object) -> ProviderError:
    """Return the error that an HTTP answer which is no success stands for.

    `body` is the decoded JSON (`{"error": {"code", "description", "field"}}`) or
    anything else where the edge answered in place of the API. Codes are coarse,
    so the status decides first. Source: razorpay/markdown-docs, errors.md.
    """
    error = _error_part(body)
    description = _text(error.get("description")) or f"HTTP status {status}"
    if status == HTTPStatus.UNAUTHORIZED:
        return ProviderAuthError(description)
    if not error or _is_passing(status, error):
        said_so = bool(error) and status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return ProviderUnavailableError(description, status if said_so else None)
    return ProviderRefusedError(description, status, _text(error.get("field")) or None)


def is_reference_taken(error: ProviderRefusedError) -> bool:
    """Return whether a link with this reference id was asked for before."""
    description = error.description.lower()
    return "reference" in description and "already attempted" in description


def is_no_balance(error: ProviderRefusedError) -> bool:
    """Return whether a refund was refused because the account holds too little.

    The documented text, and the bare one that merchants get in its place
    (razorpay-node issues 414, 438, 454).
    """
    description = error.description.lower()
    return "enough balance" in description or "invalid request sent" in description


def is_feature_missing(error: ProviderRefusedError) -> bool:
    """Return whether the account lacks the feature that was asked for.

    Its URLs then do not exist. Source: razorpay/markdown-docs, errors/common.md.
    """
    return "requested url was not found" in error.description.lower()


def _is_passing(status: int, error: dict[str, object]) -> bool:
    if status == HTTPStatus.CONFLICT:
        return "in progress" in _text(error.get("description")).lower()
    return (
        status in _LATER
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or str(error.get("code")).upper() in _THEIR_FAULT
    )


def _error_part(body: object) -> dict[str, object]:
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _text(value: object) -> str:
    return value[:_MAX_DESCRIPTION] if isinstance(value, str) else ""
