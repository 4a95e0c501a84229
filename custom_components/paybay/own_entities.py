"""Which entities of a target are PayBay's own, of one kind."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN


@callback
def own_entities(hass: HomeAssistant, entity_ids: set[str], key: str) -> set[str]:
    """Return those that PayBay made, of one description's key."""
    registry = er.async_get(hass)
    return {
        entity_id
        for entity_id in entity_ids
        if (found := registry.async_get(entity_id))
        and found.platform == DOMAIN
        and found.translation_key == key
    }
