"""Sensors: what a bay does, until when, what it took, and how many are busy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .bay import Face
from .domain.bay import BayStatus
from .energy_sensor import ENERGY_SENSORS, EnergySensor
from .entity import BayEntity, PayBayEntity
from .health_sensor import HEALTH_SENSORS, HealthSensor
from .site import PayBayConfigEntry, Site
from .takings_sensor import BAY_TAKINGS, SITE_TAKINGS, TakingsSensor

# Everything is pushed; nothing here talks to anyone.
PARALLEL_UPDATES = 0

_ACTIVE = frozenset({BayStatus.STARTING, BayStatus.CHARGING, BayStatus.PAUSED})


@dataclass(frozen=True, kw_only=True)
class BaySensorDescription(SensorEntityDescription):
    """A sensor that shows something of a bay's face."""

    value_fn: Callable[[Face], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class SiteSensorDescription(SensorEntityDescription):
    """A sensor that shows something of a whole site."""

    value_fn: Callable[[Site], StateType]


def _ends_at(face: Face) -> datetime | None:
    if face.ends_ms is None:
        return None
    return dt_util.utc_from_timestamp(face.ends_ms // 1000)


def _active_bays(site: Site) -> int:
    return sum(bay.face.status in _ACTIVE for bay in site.bays.values())


def _orders_waiting(site: Site) -> int:
    return sum(bay.face.waiting for bay in site.bays.values())


BAY_SENSORS = (
    BaySensorDescription(
        key="status",
        translation_key="status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in BayStatus],
        value_fn=lambda face: face.status,
    ),
    BaySensorDescription(
        key="ends_at",
        translation_key="ends_at",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_ends_at,
    ),
)

SITE_SENSORS = (
    SiteSensorDescription(
        key="active_bays",
        translation_key="active_bays",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_active_bays,
    ),
    SiteSensorDescription(
        key="orders_waiting",
        translation_key="orders_waiting",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_orders_waiting,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: PayBayConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up a site's sensors, and those of each bay."""
    site = entry.runtime_data
    async_add_entities(SiteSensor(site, description) for description in SITE_SENSORS)
    async_add_entities(HealthSensor(site, each) for each in HEALTH_SENSORS)
    async_add_entities(TakingsSensor(site, each) for each in SITE_TAKINGS)
    for bay_id, bay in site.bays.items():
        sensors: list[SensorEntity] = [BaySensor(bay, each) for each in BAY_SENSORS]
        sensors += [TakingsSensor(site, each, bay_id) for each in BAY_TAKINGS]
        if bay.config.metered:
            sensors += [EnergySensor(bay, each) for each in ENERGY_SENSORS]
        async_add_entities(sensors, config_subentry_id=bay_id)


class BaySensor(BayEntity, SensorEntity):
    """A sensor of a bay."""

    entity_description: BaySensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return what the bay shows now."""
        return self.entity_description.value_fn(self.bay.face)


class SiteSensor(PayBayEntity, SensorEntity):
    """A sensor of a site."""

    entity_description: SiteSensorDescription

    def __init__(self, site: Site, description: SiteSensorDescription) -> None:
        """Show this site."""
        super().__init__(site.entry_id, description)
        self._site = site

    @override
    async def async_added_to_hass(self) -> None:
        """Follow all of the site's bays."""
        await super().async_added_to_hass()
        for bay in self._site.bays.values():
            self.async_on_remove(bay.listen(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> StateType:
        """Return what the site shows now."""
        return self.entity_description.value_fn(self._site)
