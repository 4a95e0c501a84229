"""What the snapshot needs of the ledger, read anew only when the ledger changed."""

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from functools import partial
from pathlib import Path

from homeassistant.core import HomeAssistant

from ..domain.hours import day_began, local_time
from ..domain.sums import Sums, since
from ..ledger import live_orders, sums
from ..ledger.reader import snapshot
from ..site import Site
from .snapshot import Books

type Began = Mapping[str, date]


class Bookkeeper:
    """Keeps the books of each site as they stood at the ledger's last change."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._known: dict[str, tuple[object, Books]] = {}

    async def books_of(self, site: Site) -> Books:
        """Return a site's books; raise LedgerError."""
        now_ms, zone = site.clock.now_ms(), site.clock.zone()
        began = periods(local_time(now_ms, zone).date())
        stamp = site.ledger, site.ledger.changes, began
        known_stamp, books = self._known.get(site.entry_id, (None, None))
        if books is None or known_stamp != stamp:
            # Not by the writer's thread: people who watch must not delay a payment.
            books = await self._hass.async_add_executor_job(
                partial(_read, site.ledger.path, site.entry_id, began, now_ms, zone)
            )
            self._known[site.entry_id] = stamp, books
        return books


def periods(today: date) -> Began:
    """Return the first days of today, of this week (Mondays) and of this month."""
    return {
        "today": today,
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
    }


def _read(path: Path, site_id: str, began: Began, now_ms: int, zone: tzinfo) -> Books:
    """Read a site's books (blocking)."""
    from_ms = day_began(min(began.values()), zone)
    with snapshot(path) as connection:
        slices = sums.of_site(connection, site_id, from_ms, now_ms, zone)
        found: dict[str, dict[str, Sums]] = {
            period: since(slices, day) for period, day in began.items()
        }
        return Books(live=live_orders.of_site(connection, site_id), sums=found)
