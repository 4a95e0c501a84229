"""Actions that put printed QR codes up and take them down."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bay_lookup import find_bay
from .const import DOMAIN, QR_SHEET_PATH
from .domain.qr_codes import QrCode
from .errors import mistake, translated_errors
from .printed_qrs import Printed
from .providers.base import ProviderFeatureError
from .qr_issues import async_qr_enabled, async_qr_not_enabled
from .site import PayBayConfigEntry

ATTR_BAY = "bay"
ATTR_CONFIRM = "confirm"
ATTR_PLAN = "plan"
ATTR_QR_ID = "qr_id"
ATTR_REPLACE = "replace"

SERVICE_PROVISION_QR = "provision_qr"
SERVICE_RETIRE_QR = "retire_qr"

SHEET_LIVES = timedelta(hours=1)

_PROVISION = vol.Schema(
    {
        vol.Required(ATTR_BAY): vol.All(cv.entity_ids, vol.Length(min=1)),
        vol.Optional(ATTR_PLAN): cv.string,
        vol.Optional(ATTR_REPLACE, default=False): cv.boolean,
    }
)
_RETIRE = vol.Schema(
    {
        vol.Required(ATTR_BAY): cv.entity_id,
        vol.Required(ATTR_CONFIRM): cv.string,
        vol.Optional(ATTR_QR_ID): cv.string,
    }
)


@callback
def async_setup_qr_actions(hass: HomeAssistant) -> None:
    """Register the actions, for admins: a sticker takes money for years."""
    for name, action, schema in (
        (SERVICE_PROVISION_QR, _provision, _PROVISION),
        (SERVICE_RETIRE_QR, _retire, _RETIRE),
    ):
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            action,
            schema=schema,
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _provision(call: ServiceCall) -> ServiceResponse:
    """Make or find a code for each bay; what one bay lacks does not stop the others."""
    entity_ids = list(dict.fromkeys(call.data[ATTR_BAY]))
    bays = [(entity_id, *find_bay(call.hass, entity_id)) for entity_id in entity_ids]
    entries = {entry.entry_id: entry for _, entry, _ in bays}
    if len(entries) > 1:
        raise mistake("qr_several_sites")
    (entry,) = entries.values()
    results: list[dict[str, Any]] = []
    keys: list[str] = []
    for entity_id, _, bay in bays:
        try:
            printed = await _print(call, entry, bay.config.id, bay.config.name)
        except HomeAssistantError as err:
            if len(bays) == 1:
                raise
            results.append(_failed(entity_id, bay.config.name, err))
            continue
        keys.append(printed.qr.key)
        results.append({"bay": entity_id, **_shown(printed)})
    return {
        "results": results,
        **_sheet(call.hass, entry, keys),
        **await _mode(call.hass, entry),
    }


async def _print(
    call: ServiceCall, entry: PayBayConfigEntry, bay_id: str, name: str
) -> Printed:
    site = entry.runtime_data
    plan, anew = call.data.get(ATTR_PLAN), call.data[ATTR_REPLACE]
    with translated_errors(name):
        try:
            printed = await site.printed_qrs.provision(
                site.bays[bay_id].config, plan, anew=anew
            )
        except ProviderFeatureError:
            async_qr_not_enabled(call.hass, entry)
            raise
    if printed.created:
        async_qr_enabled(call.hass, entry)
    return printed


async def _retire(call: ServiceCall) -> ServiceResponse:
    """Take a bay's codes out of use, if the bay was named as well."""
    entry, bay = find_bay(call.hass, call.data[ATTR_BAY])
    name = bay.config.name
    if call.data[ATTR_CONFIRM].strip().casefold() != name.casefold():
        raise mistake("qr_not_confirmed", bay=name)
    with translated_errors(name):
        retired = await entry.runtime_data.printed_qrs.retire(
            bay.config.id, call.data.get(ATTR_QR_ID)
        )
    return {"results": [_code(qr) | {"answer": qr.answer} for qr in retired]}


def _shown(printed: Printed) -> dict[str, Any]:
    made = {"created": printed.created, "outdated": printed.outdated}
    return _code(printed.qr) | made | {"image_url": printed.qr.image_url}


def _code(qr: QrCode) -> dict[str, Any]:
    """Return a code as responses show it; the amount in minor units."""
    return {
        "name": qr.bay_name,
        "qr_id": qr.provider_id,
        "state": qr.state.value,
        "mode": qr.mode.value,
        "plan": qr.plan_code,
        "amount": qr.price.minor if qr.price else None,
        "currency": qr.price.currency if qr.price else None,
        "seconds": qr.owed_ms // 1000 if qr.owed_ms is not None else None,
    }


def _failed(entity_id: str, name: str, err: HomeAssistantError) -> dict[str, Any]:
    error = {"error": err.translation_key, "message": str(err)}
    return {"bay": entity_id, "name": name, "state": "failed", **error}


def _sheet(
    hass: HomeAssistant, entry: PayBayConfigEntry, keys: list[str]
) -> dict[str, Any]:
    """Return a link to the sheet to print, for whoever has it while it lives."""
    if not keys:
        return {"print_sheet": None, "print_sheet_expires_at": None}
    path = QR_SHEET_PATH.format(entry_id=entry.entry_id)
    query = urlencode({"codes": ",".join(keys)})
    return {
        "print_sheet": async_sign_path(hass, f"{path}?{query}", SHEET_LIVES),
        "print_sheet_expires_at": (dt_util.utcnow() + SHEET_LIVES).isoformat(),
    }


async def _mode(hass: HomeAssistant, entry: PayBayConfigEntry) -> dict[str, Any]:
    if not entry.runtime_data.test_mode:
        return {"test_mode": False}
    words = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    warning = words.get(f"component.{DOMAIN}.common.qr_test_mode")
    return {"test_mode": True, "warning": warning}
