"""Home Assistant's backups: the ledger in them stands as it stood at one moment."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .ledger import LedgerError, restored
from .ledger_file import async_get_ledger


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Mark the copy and keep the file still; payments go on into the log beside it.

    Raise HomeAssistantError: a backup with a ledger that cannot be used is none.
    """
    now_ms = int(dt_util.utcnow().timestamp() * 1000)
    try:
        ledger = await async_get_ledger(hass)
        await ledger.run(lambda c: restored.begin_backup(c, now_ms))
        await ledger.hold_file(hold=True)
    except LedgerError as err:
        message = f"PayBay's ledger cannot be backed up: {err}"
        raise HomeAssistantError(message) from err


async def async_post_backup(hass: HomeAssistant) -> None:
    """Take the mark back and let the file grow again."""
    try:
        ledger = await async_get_ledger(hass)
        await ledger.run(restored.end_backup)
        await ledger.hold_file(hold=False)
    except LedgerError as err:
        message = f"PayBay's ledger is still marked as being backed up: {err}"
        raise HomeAssistantError(message) from err
