"""The action that installs and updates blueprints, and the hint that some are newer."""

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, issue_registry as ir
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import voluptuous as vol

from .blueprint_files import Copies, Fate, names
from .const import DOMAIN
from .errors import fault, mistake

ATTR_BLUEPRINTS = "blueprints"
ATTR_CONFIRM = "confirm"
ATTR_OVERWRITE = "overwrite"

ISSUE_BLUEPRINTS = "blueprints_outdated"
SERVICE_INSTALL_BLUEPRINTS = "install_blueprints"

_FOLDER = "blueprints/automation/paybay"
_WRITTEN = frozenset({Fate.INSTALLED, Fate.UPDATED, Fate.OVERWRITTEN})


@callback
def async_setup_blueprint_action(hass: HomeAssistant) -> None:
    """Register the action, for administrators: automations run what it writes."""
    some = vol.All(cv.ensure_list, [cv.string])
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_INSTALL_BLUEPRINTS,
        _install,
        schema=vol.Schema(
            {
                vol.Optional(ATTR_BLUEPRINTS): some,
                vol.Optional(ATTR_OVERWRITE, default=[]): some,
                vol.Optional(ATTR_CONFIRM, default=False): cv.boolean,
            }
        ),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _install(call: ServiceCall) -> ServiceResponse:
    """Install and update; return the names by what became of them."""
    overwrite = call.data[ATTR_OVERWRITE]
    if overwrite and not call.data[ATTR_CONFIRM]:
        raise mistake("blueprints_not_confirmed", names=", ".join(overwrite))
    ours = await call.hass.async_add_executor_job(names)
    wanted = {*call.data.get(ATTR_BLUEPRINTS, ours), *overwrite}
    if unknown := sorted(wanted - set(ours)):
        raise mistake(
            "blueprint_unknown", name=unknown[0], known=", ".join(sorted(ours))
        )
    fates = await async_install(call.hass, wanted, overwrite)
    return {
        fate.value: [name for name, its in fates.items() if its is fate]
        for fate in Fate
    }


async def async_install(
    hass: HomeAssistant, wanted: Collection[str], overwrite: Collection[str] = ()
) -> Mapping[str, Fate]:
    """Install and update; return what became of each. Raise a translated error."""
    copies = await _copies(hass)
    try:
        fates = await hass.async_add_executor_job(
            partial(copies.install, wanted, overwrite)
        )
    except (OSError, WriteError) as err:
        raise fault("blueprints_not_written", error=str(err)) from err
    finally:
        # Also what was written before the disk was full: it is no edit of the owner's.
        await _store(hass).async_save(copies.written)
    if _WRITTEN & set(fates.values()) and hass.services.has_service(
        "automation", "reload"
    ):
        await hass.services.async_call("automation", "reload", blocking=True)
    await async_hint(hass)
    return fates


async def async_update(hass: HomeAssistant) -> None:
    """Update the copies of ours that are old. Raise a translated error."""
    copies = await _copies(hass)
    outdated = await hass.async_add_executor_job(copies.outdated)
    await async_install(hass, outdated)


async def async_hint(hass: HomeAssistant) -> None:
    """Show a repair issue while copies of ours are older than what came with PayBay."""
    copies = await _copies(hass)
    try:
        outdated = await hass.async_add_executor_job(copies.outdated)
    except OSError:
        return
    if not outdated:
        ir.async_delete_issue(hass, DOMAIN, ISSUE_BLUEPRINTS)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_BLUEPRINTS,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_BLUEPRINTS,
        translation_placeholders={"names": ", ".join(outdated)},
    )


async def _copies(hass: HomeAssistant) -> Copies:
    written = await _store(hass).async_load()
    return Copies(Path(hass.config.path(_FOLDER)), dict(written or {}))


def _store(hass: HomeAssistant) -> Store[Mapping[str, Any]]:
    """Return where it is remembered what was written, so that edits are seen."""
    return Store(hass, 1, f"{DOMAIN}.blueprints")
