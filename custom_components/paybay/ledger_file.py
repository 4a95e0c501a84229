"""The one ledger file of this Home Assistant."""

import asyncio
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .ledger import Ledger, LedgerError, restored
from .ledger_issues import ISSUE_LEDGER_FAILING, async_show_trouble

FILE_NAME = "paybay.db"
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
    await hass.async_add_executor_job(ledger.open)
    now_ms = int(dt_util.utcnow().timestamp() * 1000)
    try:
        await ledger.run(lambda c: restored.note(c, now_ms))
    except LedgerError:
        await hass.async_add_executor_job(ledger.close)
        raise
    return ledger
