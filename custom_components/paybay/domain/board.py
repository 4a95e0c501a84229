"""What a bay sells, as its page and the site's screen show it. Pure."""

from dataclasses import dataclass

from .plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOnOffer:
    """A plan of a bay; `refusal` is why it cannot be bought now, if so."""

    plan: Plan
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a bay would sell now. `ahead_ms` is what a new order would wait for.

    `busy` is whether somebody has the bay or waits for it with a paid order.
    """

    plans: tuple[PlanOnOffer, ...]
    is_open: bool
    busy: bool
    ahead_ms: int
