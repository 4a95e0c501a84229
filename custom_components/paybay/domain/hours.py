"""When a bay is open: hours of the day and days of the week, as its owner sees them."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Self

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """Open from `opens_min` to `closes_min`, in minutes after midnight, on `weekdays`.

    An end before the beginning is on the next day, and the night belongs to the day
    it began on; an end equal to it is a whole day later. Weekdays count from Monday,
    which is 0.
    """

    opens_min: int = 0
    closes_min: int = 0
    weekdays: frozenset[int] = frozenset(range(7))

    @classmethod
    def of(cls, opens: time, closes: time, days: list[str]) -> Self | None:
        """Return the hours a form gives; None if they are always."""
        hours = cls(
            opens_min=opens.hour * 60 + opens.minute,
            closes_min=closes.hour * 60 + closes.minute,
            weekdays=frozenset(WEEKDAYS.index(day) for day in days),
        )
        return None if hours == cls() else hours

    @property
    def days(self) -> list[str]:
        """The names of the weekdays, in their order."""
        return [WEEKDAYS[day] for day in sorted(self.weekdays)]

    def are_open(self, local: datetime) -> bool:
        """Return whether a moment lies within; `local` is in the owner's time zone."""
        minute = local.hour * 60 + local.minute
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        opens, closes = self.opens_min, self.closes_min
        if closes <= opens:
            closes += _DAY_MIN
        if today in self.weekdays and opens <= minute < closes:
            return True
        return yesterday in self.weekdays and minute + _DAY_MIN < closes


def local_time(at_ms: int, zone: tzinfo) -> datetime:
    """Return a Unix time in milliseconds as people in this zone read it."""
    return datetime.fromtimestamp(at_ms / 1000, zone)


def day_began_ms(at_ms: int, zone: tzinfo) -> int:
    """Return when the local day of this moment began: 23, 24 or 25 hours long."""
    return day_began(local_time(at_ms, zone).date(), zone)


def day_began(day: date, zone: tzinfo) -> int:
    """Return the Unix ms at which a local day began."""
    return int(datetime.combine(day, time.min, zone).timestamp() * 1000)
