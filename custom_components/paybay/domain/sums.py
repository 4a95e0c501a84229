"""Money taken, sessions begun, time and energy given: added up over a span of time."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, tzinfo
from typing import Self

from .hours import local_time

BUCKET_MS = 15 * 60_000
"""Every time zone's midnight falls on a quarter of an hour of UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What came together. Money in minor units, time in ms, energy in mWh.

    `revenue` is what was paid online before refunds, `cash` what attendants took, both
    without money of the test mode, which is `test_revenue`. `refunded` went back
    online, `cash_back` was or is to be given back by hand. `sessions` counts orders
    that began.
    """

    revenue: int = 0
    cash: int = 0
    refunded: int = 0
    cash_back: int = 0
    test_revenue: int = 0
    sessions: int = 0
    delivered_ms: int = 0
    delivered_mwh: int = 0

    @classmethod
    def of(cls, parts: Iterable[Self]) -> Self:
        """Add up."""
        listed = list(parts)
        names = [each.name for each in fields(cls)]
        return cls(**{n: sum(getattr(p, n) for p in listed) for n in names})


@dataclass(frozen=True, slots=True)
class Slice:
    """What came together at one bay in the quarter of an hour from `at_ms` (Unix)."""

    at_ms: int
    bay_id: str
    sums: Sums

    def day(self, zone: tzinfo) -> date:
        """Return the local day it belongs to."""
        return local_time(self.at_ms, zone).date()


def since(slices: Iterable[Slice], from_ms: int) -> dict[str, Sums]:
    """Return each bay's sums from a moment on."""
    found: dict[str, list[Sums]] = {}
    for each in slices:
        if each.at_ms >= from_ms:
            found.setdefault(each.bay_id, []).append(each.sums)
    return {bay_id: Sums.of(parts) for bay_id, parts in found.items()}


def by_day(slices: Iterable[Slice], zone: tzinfo) -> dict[date, dict[str, Sums]]:
    """Return each bay's sums of each local day that had any."""
    days: dict[date, list[Slice]] = {}
    for each in slices:
        days.setdefault(each.day(zone), []).append(each)
    return {day: since(parts, 0) for day, parts in days.items()}
