"""Amounts: which plan a sum of money buys."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .money import Money
from .plans import Plan


class OddAmountPolicy(StrEnum):
    """What to do with money that is no plan's price."""

    PRO_RATA = "pro_rata"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Bought:
    """The money buys `owed_ms` milliseconds at `plan`'s rate."""

    plan: Plan
    owed_ms: int


@dataclass(frozen=True, slots=True)
class Unsold:
    """The money buys nothing here; `reason` says why."""

    reason: str


def buy(
    paid: Money,
    plans: Iterable[Plan],
    policy: OddAmountPolicy,
    *,
    max_ms: int,
) -> Bought | Unsold:
    """Map an amount to a plan: the exact price, else pro rata, else nothing.

    Pro rata takes the plan with the best rate among those not above the amount.
    Reasons: `currency`, `below_minimum`, `odd_amount`, `above_maximum`.
    """
    priced = [p for p in plans if not p.free and p.price.currency == paid.currency]
    if not priced:
        return Unsold("currency")
    exact = next((p for p in priced if p.price == paid), None)
    if exact:
        return Bought(exact, exact.owed_ms)
    affordable = [p for p in priced if p.price <= paid]
    if not affordable:
        return Unsold("below_minimum")
    if policy is OddAmountPolicy.REFUND:
        return Unsold("odd_amount")
    best = max(affordable, key=lambda p: (p.owed_ms / p.price.minor, p.owed_ms))
    owed_ms = pro_rata_ms(paid, best)
    return Bought(best, owed_ms) if owed_ms <= max_ms else Unsold("above_maximum")


def pro_rata_ms(paid: Money, plan: Plan) -> int:
    """Return the milliseconds `paid` buys at the plan's rate, rounded up."""
    if plan.free or plan.price.currency != paid.currency:
        message = f"{paid} has no rate in plan {plan.code}"
        raise ValueError(message)
    return -(-plan.owed_ms * paid.minor // plan.price.minor)
