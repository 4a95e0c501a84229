"""Shift reports: what each person sold, gave away, stopped, and has in the drawer."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What one person did in a span of time. Money in minor units, time in ms.

    `cash` was taken, `cash_back` given back by this person, and `cash_back_due` is
    still to be given back of what this person sold. `cash_orders`, `free_orders` and
    `online_orders` were sold by this person; `free_ms` is what free ones used, or may
    still use. `stops` are sessions that this person ended.
    """

    cash: int = 0
    cash_back: int = 0
    cash_back_due: int = 0
    cash_orders: int = 0
    free_orders: int = 0
    online_orders: int = 0
    free_ms: int = 0
    stops: int = 0

    @property
    def drawer(self) -> int:
        """What should be in this person's drawer."""
        return self.cash - self.cash_back

    @classmethod
    def of(cls, parts: Iterable[Self]) -> Self:
        """Add up."""
        listed = list(parts)
        names = [each.name for each in fields(cls)]
        return cls(**{n: sum(getattr(p, n) for p in listed) for n in names})
