"""The words of an order's timeline, besides the steps of its state table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Entry(StrEnum):
    """What a line of a timeline tells."""

    CREATED = "created"
    """The offer was made: `plan`, `minor`, `owed_ms`, `energy_wh` if capped."""
    CASH = "cash"
    """An attendant took cash for it: `minor`, `by` (a Home Assistant user)."""
    GIVEN_FREE = "given_free"
    """An attendant gave it away: `by`."""
    LINKED = "linked"
    """The provider gave a link to pay it: `link`."""
    PAYMENT_AUTHORIZED = "payment_authorized"
    """The customer's bank agreed, the money is not taken yet: `payment`."""
    PAYMENT_FAILED = "payment_failed"
    """A try to pay failed; it may still succeed later: `payment`, `method`."""
    PAYMENT = "payment"
    """Money was captured: `payment`, `minor`, `channel`, `verdict`, `method`, `rrn`,
    `fee_minor`, `tax_minor`."""
    PAYMENT_DETAILS = "payment_details"
    """What the provider only told later: `payment` and what was new."""
    CLAIMED = "claimed"
    """Somebody decided who starts it: `by`."""
    STARTING = "starting"
    """The relay is about to be switched on: `planned_ms`."""
    JOINED = "joined"
    """It follows in a running session, the relay staying on: `session`."""
    STOP_ASKED = "stop_asked"
    """Somebody wants the session to end: `reason`."""
    REST_KEPT = "rest_kept"
    """The rest does not go back, by the bay's rules: `minor`, `reason`."""
    STOPPED_BY = "stopped_by"
    """A person stopped it: `by`."""
    CASH_BACK_DUE = "cash_back_due"
    """Cash is owed back, by hand: `minor`, `reason`."""
    CASH_BACK_GIVEN = "cash_back_given"
    """Somebody says that it was given back: `minor`, `by` (or `owner`)."""
    DELIVERED = "delivered"
    """A stretch of relay time ended: `ran_ms`, `measured`, `reason`, `mwh`."""
    REFUND_DUE = "refund_due"
    """Money is owed back: `refund` (our key), `payment`, `minor`, `reason`."""
    REFUND_APPROVED = "refund_approved"
    """The budget or the owner let it go: `refund`, `by`, `minor`."""
    REFUND_SENT = "refund_sent"
    """The provider is being asked: `refund`, `minor`."""
    REFUND_TAKEN_ON = "refund_taken_on"
    """The provider has it in work: `refund`, `provider_id`."""
    REFUND_POSTPONED = "refund_postponed"
    """The provider cannot do it now: `refund`, `problem`."""
    REFUND_PROCESSED = "refund_processed"
    """The money went back: `refund`, `provider_id`, `minor`."""
    REFUND_FAILED = "refund_failed"
    """It will not go back by itself: `refund`, `provider_id`, `minor`, `problem`."""
    REFUND_REPLACED = "refund_replaced"
    """Another refund took over: `refund`, `replaced_by`, `minor`."""
    REFUND_SETTLED = "refund_settled"
    """Waived: `refund`, `minor`, `by` (the owner, or a refund made elsewhere)."""
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    """A refund that PayBay did not ask for: `refund`, `provider_id`, `minor`."""
    UNREPORTED_SEEN = "unreported_seen"
    """The owner looked at a session whose device never told how it ended."""
    METER_SILENT = "meter_silent"
    """The meter said nothing for `silent_s` seconds: time alone decides from now on."""
    METER_BACK = "meter_back"
    """The meter is heard again, and its energy counts again."""


class Measured(StrEnum):
    """How the length of a stretch is known."""

    CLOCK = "clock"
    """By our monotonic clock, while the relay was seen on."""
    DEVICE = "device"
    """By the account of a device that keeps count."""
    CHECKPOINT = "checkpoint"
    """Up to the last checkpoint: how it went on is not known."""
    ASSUMED = "assumed"
    """Not at all: a device that never reported counts as having run to the end."""


_BY_DEVICE = frozenset({"interrupted", "switched_off", "device_fault"})


def measured(reason: str, *, ran_ms: int, checkpoint_ms: int) -> Measured:
    """Say how the length of a stretch that ended for a reason is known.

    `checkpoint_ms` is what was known of it before.
    """
    if reason == "unreported":
        return Measured.ASSUMED
    if reason in _BY_DEVICE:
        return Measured.DEVICE
    forgotten = reason in ("device_forgot", "relay_off") and ran_ms == checkpoint_ms
    return Measured.CHECKPOINT if forgotten else Measured.CLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One line of an order's timeline; `what` is an `Entry` or an `OrderStep`."""

    at_ms: int
    what: str
    detail: Mapping[str, Any] = field(default_factory=dict)
