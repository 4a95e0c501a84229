"""Relays that come, go, or turn out to be of another kind."""

from collections.abc import Callable

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .drivers.find import relay_address
from .entry_data import async_follow_renamed_relays, bays_of
from .site import PayBayConfigEntry


@callback
def async_follow_relays(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Reload the site when a relay is renamed, or now stands behind another device."""
    known = _addresses(hass, entry)

    @callback
    def changed(_event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        async_follow_renamed_relays(hass, entry)
        if _addresses(hass, entry) != known:
            hass.config_entries.async_schedule_reload(entry.entry_id)

    return hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, changed)


def _addresses(hass: HomeAssistant, entry: PayBayConfigEntry) -> dict[str, object]:
    return {bay.id: relay_address(hass, bay.relay) for bay in bays_of(entry).values()}
