"""Refunds: money going back, and the only ways a refund may move."""

from enum import StrEnum

from .meter import MWH_PER_WH
from .money import Money
from .orders import Order

MIN_REFUND_MINOR = 100
"""Razorpay refuses refunds below one rupee; less is kept as rounding."""


class RefundState(StrEnum):
    """Where a refund stands."""

    DUE = "due"
    SENT = "sent"
    PROCESSED = "processed"
    FAILED = "failed"
    WAIVED = "waived"
    """Settled otherwise: by the owner, or by a refund made elsewhere."""
    REPLACED = "replaced"
    """Another refund took over, with an amount or a key of its own."""


class RefundStep(StrEnum):
    """What happens to a refund."""

    SEND = "send"
    PROCESS = "process"
    FAIL = "fail"
    POSTPONE = "postpone"
    REPLACE = "replace"
    WAIVE = "waive"


_S, _E = RefundState, RefundStep
TRANSITIONS: dict[tuple[RefundState, RefundStep], RefundState] = {
    (_S.DUE, _E.SEND): _S.SENT,
    (_S.DUE, _E.REPLACE): _S.REPLACED,
    (_S.DUE, _E.WAIVE): _S.WAIVED,
    (_S.SENT, _E.POSTPONE): _S.DUE,
    (_S.SENT, _E.PROCESS): _S.PROCESSED,
    (_S.SENT, _E.FAIL): _S.FAILED,
    # Handed to the bank, and given back by it: the customer has nothing.
    (_S.PROCESSED, _E.FAIL): _S.FAILED,
    # A key that was answered once answers the same for ever: a new try needs its own.
    (_S.FAILED, _E.REPLACE): _S.REPLACED,
    (_S.FAILED, _E.WAIVE): _S.WAIVED,
}

UNSETTLED = frozenset({_S.DUE, _S.SENT, _S.FAILED})
"""States in which a customer may still wait for the money."""
GIVEN = frozenset({_S.SENT, _S.PROCESSED})
"""States in which the money is on its way, or may be."""


class Approval(StrEnum):
    """Who said that a refund may be sent."""

    BUDGET = "budget"
    OWNER = "owner"
    PROVIDER = "provider"
    """Nobody here: it was made in the provider's dashboard, or by the provider."""


class RefundProblem(StrEnum):
    """What keeps a refund from being processed, or what became of it instead."""

    UNREACHABLE = "unreachable"
    NO_BALANCE = "no_balance"
    REFUSED = "refused"
    BANK = "bank"
    ELSEWHERE = "elsewhere"
    SERVED = "served"


ELSEWHERE = "elsewhere"
"""The reason of a refund that PayBay did not ask for."""
ORDER_UNKNOWN = "order_unknown"
"""The reason where the ledger has lost the order: nobody knows what was delivered.

Only the owner may let such a refund go.
"""
_GAPS_MS = (10_000, 60_000, 600_000, 3_600_000)


def gap_ms(attempts: int) -> int:
    """Return how long to wait after this many tries, the first being 1."""
    return _GAPS_MS[min(max(attempts, 1), len(_GAPS_MS)) - 1]


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


def undelivered(paid: Money, order: Order) -> Money:
    """Return what an ended order did not get, as its share of what was paid.

    Where energy was sold too, whichever of both was used more counts.
    """
    rest = rest_of(paid, owed_ms=order.owed_ms, ran_ms=order.ran_ms)
    if order.energy_wh is None:
        return rest
    owed_mwh = order.energy_wh * MWH_PER_WH
    return min(rest, rest_of(paid, owed_ms=owed_mwh, ran_ms=order.ran_mwh))
