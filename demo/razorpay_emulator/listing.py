"""Lists: which query parameters they take, and how they page."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .errors import ApiError, Json
from .rules import check_unknown

EARLIEST = 946684800
LATEST = 4765046400
MAX_COUNT = 100
PAGING = ("from", "to", "count", "skip")


class Dated(Protocol):
    """Anything with a time of creation."""

    @property
    def created_at(self) -> int:
        """Return when it was made, in Unix seconds."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list, newest first."""

    start: int = EARLIEST
    end: int = LATEST
    count: int = 10
    skip: int = 0

    def of[T: Dated](self, items: Iterable[T]) -> list[T]:
        """Return the items on this page. Equal times keep the later one first."""
        dated = [item for item in items if self.start <= item.created_at <= self.end]
        newest = sorted(dated, key=lambda item: item.created_at)[::-1]
        return newest[self.skip : self.skip + self.count]


def read_page(query: Mapping[str, str], others: Collection[str] = ()) -> Page:
    """Read paging parameters; `others` are taken too, by the caller.

    Raises ApiError for an unknown parameter or one out of range.
    """
    given: Json = dict(query)
    check_unknown(given, (*PAGING, *others))
    return Page(
        start=_number(given, "from", EARLIEST, EARLIEST, LATEST),
        end=_number(given, "to", LATEST, EARLIEST, LATEST),
        count=_count(given),
        skip=_number(given, "skip", 0, 0, 10**9),
    )


def _count(given: Json) -> int:
    count = _number(given, "count", 10, 1, 10**9)
    if count > MAX_COUNT:
        msg = f"The count may not be greater than {MAX_COUNT}."
        raise ApiError(msg, field="count")
    return count


def _number(given: Json, name: str, default: int, least: int, most: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        msg = f"The {name} must be an integer."
        raise ApiError(msg, field=name)
    if not least <= int(text) <= most:
        msg = f"{name} must be between {least} and {most}"
        raise ApiError(msg, field=name)
    return int(text)
