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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The least and the most a bay takes at once, in minor units, and the longest.

    `least_minor` 0 and `most_minor` None leave it to the plans.
    """

    least_minor: int = 0
    most_minor: int | None = None
    max_ms: int


@dataclass(frozen=True, slots=True)
class Bought:
    """The money buys `owed_ms` milliseconds, and at most `energy_wh`, of `plan`."""

    plan: Plan
    owed_ms: int
    energy_wh: int | None = None


@dataclass(frozen=True, slots=True)
class Unsold:
    """The money buys nothing here; `reason` says why."""

    reason: str


def buy(
    paid: Money, plans: Iterable[Plan], policy: OddAmountPolicy, limits: Limits
) -> Bought | Unsold:
    """Map an amount to a plan: the exact price, else pro rata, else nothing.

    Pro rata takes the plan with the best rate among those not above the amount.
    Reasons: `nothing_for_sale`, `other_currency`, `below_minimum`, `odd_amount`,
    `above_maximum`.
    """
    priced = [p for p in plans if not p.free]
    if not priced:
        return Unsold("nothing_for_sale")
    priced = [p for p in priced if p.price.currency == paid.currency]
    if not priced:
        return Unsold("other_currency")
    if paid.minor < limits.least_minor:
        return Unsold("below_minimum")
    if limits.most_minor is not None and paid.minor > limits.most_minor:
        return Unsold("above_maximum")
    return _within(_match(paid, priced, policy), limits)


def pro_rata_ms(paid: Money, plan: Plan) -> int:
    """Return the milliseconds `paid` buys at the plan's rate, rounded up."""
    return _share(paid, plan, plan.owed_ms)


def pro_rata_wh(paid: Money, plan: Plan) -> int | None:
    """Return the energy `paid` buys at the plan's rate, rounded up; None is no cap."""
    return None if plan.energy_wh is None else _share(paid, plan, plan.energy_wh)


def _match(paid: Money, priced: list[Plan], policy: OddAmountPolicy) -> Bought | Unsold:
    affordable = [p for p in priced if p.price <= paid]
    if not affordable:
        return Unsold("below_minimum")
    exact = [p for p in affordable if p.price == paid]
    if not exact and policy is OddAmountPolicy.REFUND:
        return Unsold("odd_amount")
    best = max(
        exact or affordable, key=lambda p: (p.owed_ms / p.price.minor, p.owed_ms)
    )
    return Bought(best, pro_rata_ms(paid, best), pro_rata_wh(paid, best))


def _within(result: Bought | Unsold, limits: Limits) -> Bought | Unsold:
    if isinstance(result, Bought) and result.owed_ms > limits.max_ms:
        return Unsold("above_maximum")
    return result


def _share(paid: Money, plan: Plan, whole: int) -> int:
    if plan.free or plan.price.currency != paid.currency:
        message = f"{paid} has no rate in plan {plan.code}"
        raise ValueError(message)
    return -(-whole * paid.minor // plan.price.minor)
