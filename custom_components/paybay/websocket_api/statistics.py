"""What a site took and gave, day by day."""

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..domain.hours import day_began
from ..domain.sums import Slice, Sums, by_day
from ..ledger import sums
from ..ledger.reader import snapshot
from ..ledger_file import async_get_ledger
from .snapshot import Viewer, sums_json

MAX_DAYS = 400


async def async_statistics(
    hass: HomeAssistant, entry_id: str, count: int, viewer: Viewer
) -> list[dict[str, Any]]:
    """Return the last `count` local days, empty ones too; raise LedgerError."""
    ledger = await async_get_ledger(hass)
    zone, today = dt_util.get_default_time_zone(), dt_util.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(count))]
    now_ms = int(dt_util.utcnow().timestamp() * 1000)
    slices = await hass.async_add_executor_job(
        partial(_read, ledger.path, entry_id, days[0], now_ms, zone)
    )
    found = by_day(slices)
    return [_day(day, found.get(day, {}), viewer) for day in days]


def _read(
    path: Path, site_id: str, first: date, now_ms: int, zone: tzinfo
) -> list[Slice]:
    with snapshot(path) as connection:
        from_ms = day_began(first, zone)
        return sums.of_site(connection, site_id, from_ms, now_ms, zone)


def _day(day: date, by_bay: Mapping[str, Sums], viewer: Viewer) -> dict[str, Any]:
    seen = {bay_id: s for bay_id, s in by_bay.items() if viewer.may_see(bay_id)}
    return {
        "date": day.isoformat(),
        **sums_json(Sums.of(seen.values())),
        "bays": {bay_id: s.revenue for bay_id, s in seen.items()},
    }
