"""The bay that an action names."""

from typing import cast

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .bay import Bay
from .const import DOMAIN
from .errors import mistake
from .site import PayBayConfigEntry


def find_bay(hass: HomeAssistant, entity_id: str) -> tuple[PayBayConfigEntry, Bay]:
    """Return the bay whose PayBay switch this is, and its loaded entry.

    Raise ServiceValidationError.
    """
    registered = er.async_get(hass).async_get(entity_id)
    if (
        registered is None
        or registered.platform != DOMAIN
        or registered.domain != SWITCH_DOMAIN
    ):
        raise mistake("not_a_bay", entity_id=entity_id)
    found = hass.config_entries.async_get_entry(registered.config_entry_id or "")
    entry = cast(PayBayConfigEntry | None, found)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        raise mistake("site_not_loaded", entity_id=entity_id)
    bay = entry.runtime_data.bays.get(registered.config_subentry_id or "")
    if bay is None:
        raise mistake("not_a_bay", entity_id=entity_id)
    return entry, bay


def bay_switches(hass: HomeAssistant) -> dict[str, str]:
    """Return each bay's id by the entity id of its switch."""
    registry = er.async_get(hass)
    return {
        entity.entity_id: entity.config_subentry_id
        for entry in hass.config_entries.async_entries(DOMAIN)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.config_subentry_id
        and entity.unique_id == f"{entity.config_subentry_id}_session"
    }
