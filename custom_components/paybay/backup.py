"""Home Assistant's backups: the ledger in them stands as it stood at one moment."""

from collections.abc import Callable
from datetime import datetime
import logging

from homeassistant.core import HassJob, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .ledger import Ledger, LedgerError, restored
from .ledger_file import async_get_ledger

_LOGGER = logging.getLogger(__name__)

LONGEST_S = 2 * 3600
"""A backup that takes longer was given up without a word."""
_CANCEL: HassKey[Callable[[], None]] = HassKey("paybay_backup_timer")


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Mark the copy and keep the file still; payments go on into the log beside it.

    Raise HomeAssistantError: a backup with a ledger that cannot be used is none.
    """
    now_ms = int(dt_util.utcnow().timestamp() * 1000)
    _arm(hass)
    try:
        ledger = await async_get_ledger(hass)
        await ledger.run(lambda c: restored.begin_backup(c, now_ms))
        await ledger.hold_file(hold=True)
    except LedgerError as err:
        await async_post_backup(hass)
        message = f"PayBay's ledger cannot be backed up: {err}"
        raise HomeAssistantError(message) from err


async def async_post_backup(hass: HomeAssistant) -> None:
    """Take the mark back and let the file grow again."""
    _disarm(hass)
    try:
        await _let_go(await async_get_ledger(hass))
    except LedgerError as err:
        message = f"PayBay's ledger is still marked as being backed up: {err}"
        raise HomeAssistantError(message) from err


async def _let_go(ledger: Ledger) -> None:
    await ledger.run(restored.end_backup)
    await ledger.hold_file(hold=False)


def _arm(hass: HomeAssistant) -> None:
    """End the backup by ourselves some day: another part may stop it half-way.

    Home Assistant then tells nobody, and the mark would look like a restore.
    """
    _disarm(hass)

    async def end(_now: datetime) -> None:
        hass.data.pop(_CANCEL, None)
        try:
            await async_post_backup(hass)
        except HomeAssistantError as err:
            _LOGGER.warning("%s", err)

    job = HassJob(end, cancel_on_shutdown=True)
    hass.data[_CANCEL] = async_call_later(hass, LONGEST_S, job)


def _disarm(hass: HomeAssistant) -> None:
    if cancel := hass.data.pop(_CANCEL, None):
        cancel()
