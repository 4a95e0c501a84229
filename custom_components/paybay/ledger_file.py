"""The one ledger file of this Home Assistant."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .ledger import Ledger, LedgerError, restored
from .ledger_issues import ISSUE_LEDGER_FAILING, async_show_trouble

FILE_NAME = "paybay.db"
CLOCK_GAP = timedelta(minutes=1)
CLOCK_LOOKS = 60
"""How often, and how many times, the clock is looked at after a restore."""
_LEDGER: HassKey[Ledger] = HassKey("paybay_ledger")
_OPENING: HassKey[asyncio.Lock] = HassKey("paybay_ledger_opening")


async def async_get_ledger(hass: HomeAssistant) -> Ledger:
    """Return the open ledger; raise LedgerError if it cannot be opened.

    It stays open until Home Assistant closes, after everything else has stopped.
    """
    async with hass.data.setdefault(_OPENING, asyncio.Lock()):
        if _LEDGER not in hass.data:
            hass.data[_LEDGER] = ledger = await _open(hass)

            async def close(_event: Event) -> None:
                await hass.async_add_executor_job(ledger.close)

            hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    return hass.data[_LEDGER]


async def _open(hass: HomeAssistant) -> Ledger:
    """Open the file, and find out first of all whether a backup brought it back."""
    ledger = Ledger(Path(hass.config.path(FILE_NAME)))

    def trouble(error: str | None) -> None:
        hass.loop.call_soon_threadsafe(
            async_show_trouble, hass, ISSUE_LEDGER_FAILING, error
        )

    ledger.on_trouble(trouble)
    await _open_or_close(hass, ledger)
    try:
        gap = await ledger.run(lambda c: restored.note(c, _now_ms()))
    except LedgerError:
        await hass.async_add_executor_job(ledger.close)
        raise
    if gap is not None:
        _watch_clock(hass, ledger)
    return ledger


async def _open_or_close(hass: HomeAssistant, ledger: Ledger) -> None:
    """Open the file; if nobody waits for it any more, leave no thread behind."""
    opening = hass.async_add_executor_job(ledger.open)

    def close(opened: asyncio.Future[None]) -> None:
        if not opened.cancelled() and opened.exception() is None:
            hass.async_add_executor_job(ledger.close)

    try:
        await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(close)
        raise


def _watch_clock(hass: HomeAssistant, ledger: Ledger) -> None:
    """Correct when the ledger came back, should the clock be set meanwhile."""
    looks = iter(range(CLOCK_LOOKS))

    async def look(_now: datetime) -> None:
        if next(looks, None) is None:
            stop()
            return
        with suppress(LedgerError):
            await ledger.run(lambda c: restored.correct(c, _now_ms()))

    stop = async_track_time_interval(hass, look, CLOCK_GAP, cancel_on_shutdown=True)


def _now_ms() -> int:
    return int(dt_util.utcnow().timestamp() * 1000)
