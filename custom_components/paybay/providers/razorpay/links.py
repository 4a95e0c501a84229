"""What a payment link is asked for."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from ...domain.links import LinkTag
from ..base import LinkRequest
from .entities import (
    BAY_NAME_NOTE,
    BAY_NOTE,
    ORDER_NOTE,
    PLAN_NAME_NOTE,
    PLAN_NOTE,
    SITE_NOTE,
)

_MAX_DESCRIPTION = 2048
_MAX_NOTES = 15
_MAX_NOTE = 255


def link_body(request: LinkRequest) -> dict[str, Any]:
    """Return a fresh request body: one full payment, no messages to the customer.

    Source: razorpay/markdown-docs, api/payments/payment-links/create-standard.md.
    """
    body: dict[str, Any] = {
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        # A link that is partly paid can no longer be cancelled.
        "accept_partial": False,
        "description": request.description[:_MAX_DESCRIPTION],
        "reference_id": request.reference_id,
        "expire_by": request.expires_s,
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "notes": notes_of({**_tag_notes(request.tag), **request.notes}),
        "options": {"checkout": {"config": {"display": _upi_first()}}},
    }
    if request.callback_url:
        body |= {"callback_url": request.callback_url, "callback_method": "get"}
    return body


def notes_of(notes: Mapping[str, str]) -> dict[str, str]:
    """Return notes cut to what Razorpay takes."""
    first = islice(notes.items(), _MAX_NOTES)
    return {str(key)[:_MAX_NOTE]: str(value)[:_MAX_NOTE] for key, value in first}


def _tag_notes(tag: LinkTag | None) -> dict[str, str]:
    if tag is None:
        return {}
    notes = {
        ORDER_NOTE: tag.order_id or "",
        SITE_NOTE: tag.site_id,
        BAY_NOTE: tag.bay_id,
        BAY_NAME_NOTE: tag.bay_name,
        PLAN_NOTE: tag.plan_code,
        PLAN_NAME_NOTE: tag.plan_name,
    }
    return {key: value for key, value in notes.items() if value}


def _upi_first() -> dict[str, Any]:
    """Return the checkout's layout: UPI on top, the account's other methods below.

    Source: the same documentation, customise-options-config.md.
    """
    return {
        "blocks": {"upi": {"name": "UPI", "instruments": [{"method": "upi"}]}},
        "sequence": ["block.upi"],
        "preferences": {"show_default_blocks": True},
    }
