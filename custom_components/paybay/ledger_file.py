"""The one ledger file of this Home Assistant."""

import asyncio
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .ledger import Ledger

FILE_NAME = "paybay.db"
_LEDGER: HassKey[Ledger] = HassKey("paybay_ledger")
_OPENING: HassKey[asyncio.Lock] = HassKey("paybay_ledger_opening")


async def async_get_ledger(hass: HomeAssistant) -> Ledger:
    """Return the open ledger; raise LedgerError if it cannot be opened.

    It stays open until Home Assistant closes, after everything else has stopped.
    """
    async with hass.data.setdefault(_OPENING, asyncio.Lock()):
        if _LEDGER not in hass.data:
            ledger = Ledger(Path(hass.config.path(FILE_NAME)))
            await hass.async_add_executor_job(ledger.open)
            hass.data[_LEDGER] = ledger

            async def close(_event: Event) -> None:
                await hass.async_add_executor_job(ledger.close)

            hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    return hass.data[_LEDGER]
