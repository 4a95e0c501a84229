"""The action that writes orders to a file and hands out a link to it."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
import secrets
from typing import Any

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from .const import DOMAIN, EVENT_EXPORT_PROGRESS, EXPORT_PATH
from .errors import fault, mistake
from .export_file import Exported, ExportOrder, ExportStoppedError, write
from .ledger import LedgerError
from .ledger_file import async_get_ledger
from .people import async_names

FOLDER = "paybay_exports"
SERVICE_EXPORT_ORDERS = "export_orders"
ATTR_BOM = "bom"
ATTR_FROM = "from"
ATTR_INCLUDE_TEST = "include_test"
ATTR_SITE = "config_entry_id"
ATTR_TO = "to"

LINK_LIVES = timedelta(hours=1)
_DAY = timedelta(days=1)
_PROGRESS_S = 1.0
_ONE_AT_A_TIME: HassKey[asyncio.Lock] = HassKey("paybay_exporting")

_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_FROM): cv.date,
        vol.Required(ATTR_TO): cv.date,
        vol.Optional(ATTR_SITE): cv.string,
        vol.Optional(ATTR_INCLUDE_TEST, default=False): cv.boolean,
        vol.Optional(ATTR_BOM, default=True): cv.boolean,
    }
)


@callback
def async_setup_export_action(hass: HomeAssistant) -> None:
    """Register it, for admins: the file has every payment's numbers."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_EXPORT_ORDERS,
        _export_orders,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _export_orders(call: ServiceCall) -> ServiceResponse:
    """Write the orders of whole local days, the first and the last included."""
    hass, first, last = call.hass, call.data[ATTR_FROM], call.data[ATTR_TO]
    if last < first or last == date.max:
        raise mistake("export_dates")
    async with hass.data.setdefault(_ONE_AT_A_TIME, asyncio.Lock()):
        done = await _write(hass, await _order(call))
    return {
        "path": str(done.path),
        "url": async_sign_path(
            hass, EXPORT_PATH.format(name=done.path.name), LINK_LIVES
        ),
        "url_expires_at": (dt_util.utcnow() + LINK_LIVES).isoformat(),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "rows": done.rows,
        "test_rows_left_out": done.left_out,
    }


async def _order(call: ServiceCall) -> ExportOrder:
    first, last = call.data[ATTR_FROM], call.data[ATTR_TO]
    try:
        ledger = await async_get_ledger(call.hass)
    except LedgerError as err:
        raise fault("ledger_failed", error=str(err)) from err
    return ExportOrder(
        ledger=ledger.path,
        folder=folder_of(call.hass),
        name=f"paybay_{first}_{last}_{secrets.token_hex(8)}.csv",
        from_ms=_midnight_ms(first),
        to_ms=_midnight_ms(last + _DAY),
        zone=dt_util.get_default_time_zone(),
        site_id=call.data.get(ATTR_SITE),
        include_test=call.data[ATTR_INCLUDE_TEST],
        bom=call.data[ATTR_BOM],
        names=await async_names(call.hass),
    )


async def _write(hass: HomeAssistant, wanted: ExportOrder) -> Exported:
    progress = _Progress(hass, wanted.name)
    try:
        return await hass.async_add_executor_job(
            write, wanted, progress.from_thread, lambda: hass.is_stopping
        )
    except LedgerError as err:
        raise fault("ledger_failed", error=str(err)) from err
    except ExportStoppedError as err:
        raise fault("export_stopped") from err
    except OSError as err:
        raise fault("export_failed", error=str(err)) from err


class _Progress:
    """Tells of a long export about once a second, on the bus."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        self._hass = hass
        self._name = name
        self._next_s = hass.loop.time() + _PROGRESS_S

    def from_thread(self, rows: int, total: int) -> None:
        now_s = self._hass.loop.time()
        if now_s >= self._next_s:
            self._next_s = now_s + _PROGRESS_S
            self._hass.loop.call_soon_threadsafe(self._fire, rows, total)

    @callback
    def _fire(self, rows: int, total: int) -> None:
        data: dict[str, Any] = {"file": self._name, "rows": rows, "total": total}
        self._hass.bus.async_fire(EVENT_EXPORT_PROGRESS, data)


def folder_of(hass: HomeAssistant) -> Path:
    """Return where the files are; Home Assistant serves nothing from there itself."""
    return Path(hass.config.path(FOLDER))


def _midnight_ms(day: date) -> int:
    zone = dt_util.get_default_time_zone()
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int(midnight.timestamp() * 1000)
