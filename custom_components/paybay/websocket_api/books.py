"""What the snapshot needs of the ledger, read anew only when the ledger changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path

from homeassistant.core import HomeAssistant

from ..domain.hours import day_began_ms, local_time
from ..domain.sums import Sums, since
from ..ledger import live_orders, sums
from ..ledger.reader import snapshot
from ..site import Site
from .snapshot import Books

type Began = Mapping[str, int]


class Bookkeeper:
    """Keeps the books of each site as they stood at the ledger's last change."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._known: dict[str, tuple[object, Books]] = {}

    async def books_of(self, site: Site) -> Books:
        """Return a site's books; raise LedgerError."""
        began = periods(site.clock.now_ms(), site.clock.zone())
        stamp = site.ledger, site.ledger.changes, began
        known_stamp, books = self._known.get(site.entry_id, (None, None))
        if books is None or known_stamp != stamp:
            # Not by the writer's thread: people who watch must not delay a payment.
            books = await self._hass.async_add_executor_job(
                partial(_read, site.ledger.path, site.entry_id, began)
            )
            self._known[site.entry_id] = stamp, books
        return books


def periods(now_ms: int, zone: tzinfo) -> Began:
    """Return when today, this week (from Monday) and this month began, in Unix ms."""
    noon = local_time(now_ms, zone).replace(hour=12, minute=0)

    def began(day: datetime) -> int:
        return day_began_ms(int(day.timestamp() * 1000), zone)

    return {
        "today": began(noon),
        "week": began(noon - timedelta(days=noon.weekday())),
        "month": began(noon.replace(day=1)),
    }


def _read(path: Path, site_id: str, began: Began) -> Books:
    """Read a site's books (blocking)."""
    with snapshot(path) as connection:
        slices = sums.of_site(connection, site_id, min(began.values()))
        found: dict[str, dict[str, Sums]] = {
            period: since(slices, from_ms) for period, from_ms in began.items()
        }
        return Books(live=live_orders.of_site(connection, site_id), sums=found)
