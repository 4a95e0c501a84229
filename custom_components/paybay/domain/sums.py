"""Money taken, sessions begun, time and energy given: added up over a span of time."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta, tzinfo
from typing import Self

from .hours import local_time

DAY_MS = 24 * 3600 * 1000


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
    """What came together at one bay on one local day."""

    day: date
    bay_id: str
    sums: Sums


def since(slices: Iterable[Slice], day: date) -> dict[str, Sums]:
    """Return each bay's sums from a day on."""
    found: dict[str, list[Sums]] = {}
    for each in slices:
        if each.day >= day:
            found.setdefault(each.bay_id, []).append(each.sums)
    return {bay_id: Sums.of(parts) for bay_id, parts in found.items()}


def by_day(slices: Iterable[Slice]) -> dict[date, dict[str, Sums]]:
    """Return each bay's sums of each day that had any."""
    days: dict[date, list[Slice]] = {}
    for each in slices:
        days.setdefault(each.day, []).append(each)
    return {day: since(parts, day) for day, parts in days.items()}


def offsets(from_ms: int, to_ms: int, zone: tzinfo) -> list[tuple[int, int]]:
    """Return how far local time is ahead of UTC, as (until Unix ms, offset ms) pairs.

    The last pair holds from there on. So a database finds local days by arithmetic.
    """
    found, at_ms = [], from_ms
    while at_ms < to_ms:
        next_ms = at_ms + DAY_MS
        if _offset_ms(at_ms, zone) != _offset_ms(next_ms, zone):
            found.append((_change_ms(at_ms, next_ms, zone), _offset_ms(at_ms, zone)))
        at_ms = next_ms
    return [*found, (at_ms, _offset_ms(at_ms, zone))]


def _change_ms(from_ms: int, to_ms: int, zone: tzinfo) -> int:
    """Return the first moment after `from_ms` whose offset differs from there."""
    before = _offset_ms(from_ms, zone)
    while to_ms - from_ms > 1:
        middle_ms = (from_ms + to_ms) // 2
        if _offset_ms(middle_ms, zone) == before:
            from_ms = middle_ms
        else:
            to_ms = middle_ms
    return to_ms


def _offset_ms(at_ms: int, zone: tzinfo) -> int:
    offset = local_time(at_ms, zone).utcoffset() or timedelta()
    return int(offset.total_seconds() * 1000)
