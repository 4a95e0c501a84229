"""Lists at Razorpay: page by page, and only what makes sense."""

from collections.abc import Awaitable, Callable, Mapping
import logging
from typing import Protocol

from ..base import MalformedEventError
from .entities import Entity, ForeignMoneyError

_LOGGER = logging.getLogger(__name__)

PAGE = 100
"""The most that one answer lists."""
TIME_RANGE_S = (946684800, 4765046400)
"""The only `from` and `to` that Razorpay takes."""


class Identified(Protocol):
    """A fact with an id."""

    @property
    def id(self) -> str:
        """The provider's id."""


async def all_pages[T: Identified](
    fetch: Callable[[dict[str, int]], Awaitable[list[Entity]]],
    read: Callable[[Entity], T],
    query: Mapping[str, int],
) -> list[T]:
    """Return everything that `fetch` lists for a query, a page at a time."""
    found: dict[str, T] = {}
    skip, more = 0, True
    while more:
        items = await fetch({**query, "skip": skip, "count": PAGE})
        # Newest first: one made meanwhile moves others to the next page.
        fresh = {fact.id: fact for fact in readable(items, read)}
        more = len(items) >= PAGE and not fresh.keys() <= found.keys()
        found |= fresh
        skip += PAGE
    return list(found.values())


def readable[T](items: list[Entity], read: Callable[[Entity], T]) -> list[T]:
    """Read what makes sense: one odd entry must not stop a sweep."""
    facts = []
    for item in items:
        try:
            facts.append(read(item))
        except ForeignMoneyError:
            continue
        except MalformedEventError as err:
            _LOGGER.warning("Razorpay listed something PayBay cannot read: %s", err)
    return facts


def time_range(from_s: int, to_s: int) -> dict[str, int]:
    """Return the query for a span of Unix time, within what Razorpay takes."""
    low, high = (sorted((*TIME_RANGE_S, end_s))[1] for end_s in (from_s, to_s))
    return {"from": low, "to": high}
