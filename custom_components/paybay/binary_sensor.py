"""Binary sensors: is the provider reachable, is a bay well, is something plugged in."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PayBayEntity
from .plugged_sensor import PluggedSensor, has_plug
from .problem_sensor import PROBLEM, ProblemSensor
from .site import PayBayConfigEntry, Site

# Everything is pushed; nothing here talks to anyone.
PARALLEL_UPDATES = 0

REACHABLE = BinarySensorEntityDescription(
    key="provider_reachable",
    translation_key="provider_reachable",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: PayBayConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up a site's binary sensor, and those of each bay."""
    async_add_entities([ProviderReachable(entry.runtime_data)])
    for bay in entry.runtime_data.bays.values():
        plug = [PluggedSensor(bay)] if has_plug(bay.config) else []
        async_add_entities(
            [ProblemSensor(bay, PROBLEM), *plug], config_subentry_id=bay.config.id
        )


class ProviderReachable(PayBayEntity, BinarySensorEntity):
    """On while the provider answers and takes our keys."""

    def __init__(self, site: Site) -> None:
        """Show this site."""
        super().__init__(site.entry_id, REACHABLE)
        self._reachability = site.reachability

    @override
    async def async_added_to_hass(self) -> None:
        """Follow how the provider answers."""
        await super().async_added_to_hass()
        self.async_on_remove(self._reachability.listen(self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether the last question was answered."""
        return self._reachability.reachable
