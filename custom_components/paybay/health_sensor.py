"""Diagnostic sensors of a site's webhook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .entity import PayBayEntity
from .site import Site
from .webhook_health import WebhookHealth


@dataclass(frozen=True, kw_only=True)
class HealthSensorDescription(SensorEntityDescription):
    """A sensor that shows something of a webhook's health."""

    value_fn: Callable[[WebhookHealth], StateType | datetime]


def _verified_at(health: WebhookHealth) -> datetime | None:
    if health.verified_ms is None:
        return None
    return dt_util.utc_from_timestamp(health.verified_ms // 1000)


HEALTH_SENSORS = (
    HealthSensorDescription(
        key="last_verified_webhook",
        translation_key="last_verified_webhook",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_verified_at,
    ),
    HealthSensorDescription(
        key="bad_signatures",
        translation_key="bad_signatures",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda health: health.facts.bad_signatures,
    ),
    HealthSensorDescription(
        key="missed_payments",
        translation_key="missed_payments",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda health: health.facts.missed,
    ),
)


class HealthSensor(PayBayEntity, SensorEntity):
    """A sensor of a site's webhook."""

    entity_description: HealthSensorDescription

    def __init__(self, site: Site, description: HealthSensorDescription) -> None:
        """Show this site."""
        super().__init__(site.entry_id, description)
        self._health = site.webhook_health

    @override
    async def async_added_to_hass(self) -> None:
        """Follow each judgement."""
        await super().async_added_to_hass()
        self.async_on_remove(self._health.listen(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return what is known by now."""
        return self.entity_description.value_fn(self._health)
