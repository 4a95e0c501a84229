"""Refunds: money going back, and the only ways a refund may move."""

from enum import StrEnum

from .money import Money

MIN_REFUND_MINOR = 100
"""Razorpay refuses refunds below one rupee; less is kept as rounding."""


class RefundState(StrEnum):
    """Where a refund stands."""

    DUE = "due"
    SENT = "sent"
    PROCESSED = "processed"
    FAILED = "failed"
    WAIVED = "waived"


class RefundStep(StrEnum):
    """What happens to a refund."""

    SEND = "send"
    PROCESS = "process"
    FAIL = "fail"
    RETRY = "retry"
    WAIVE = "waive"


_S, _E = RefundState, RefundStep
TRANSITIONS: dict[tuple[RefundState, RefundStep], RefundState] = {
    (_S.DUE, _E.SEND): _S.SENT,
    (_S.DUE, _E.WAIVE): _S.WAIVED,
    (_S.SENT, _E.PROCESS): _S.PROCESSED,
    (_S.SENT, _E.FAIL): _S.FAILED,
    (_S.FAILED, _E.RETRY): _S.DUE,
    (_S.FAILED, _E.WAIVE): _S.WAIVED,
}


class IllegalRefundStepError(RuntimeError):
    """A step that the refund table does not know; nothing was changed."""


def advance(state: RefundState, step: RefundStep) -> RefundState:
    """Return the state after `step`; raise IllegalRefundStepError if there is none."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        message = f"a refund that is {state} cannot {step}"
        raise IllegalRefundStepError(message) from None


def rest_of(paid: Money, *, owed_ms: int, ran_ms: int) -> Money:
    """Return what the undelivered part of `paid` is worth, rounded for the customer.

    Nothing at all below the provider's minimum refund.
    """
    if owed_ms <= 0:
        message = f"owed_ms must be above 0, not {owed_ms}"
        raise ValueError(message)
    left_ms = min(max(0, owed_ms - ran_ms), owed_ms)
    minor = -(-paid.minor * left_ms // owed_ms)
    return Money(minor if minor >= MIN_REFUND_MINOR else 0, paid.currency)
