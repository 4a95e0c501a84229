"""Whether something draws power at a bay."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers.event import async_track_state_change_event

from .bay import Bay
from .domain.bay import BayConfig, BayStatus
from .entity import BayEntity
from .meter import EntityMeter, sensor_now

PLUGGED = BinarySensorEntityDescription(
    key="plugged",
    translation_key="plugged",
    device_class=BinarySensorDeviceClass.PLUG,
)
_MW_PER_W = 1_000


def has_plug(config: BayConfig) -> bool:
    """Return whether a bay can tell that something is plugged in."""
    return config.power_meter is not None and config.plugged_w is not None


class PluggedSensor(BayEntity, BinarySensorEntity):
    """On while enough power flows; unknown while the relay is off and none can.

    Unavailable while the power sensor is.
    """

    def __init__(self, bay: Bay) -> None:
        """Show this bay."""
        super().__init__(bay, PLUGGED)
        self._plugged_w = bay.config.plugged_w or 0

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the power."""
        await super().async_added_to_hass()
        self._meter = EntityMeter(self.hass, self.bay.config)
        sensor = sensor_now(self.hass, self.bay.config.power_meter)
        self._shown = self._look()
        if sensor is not None:
            self.async_on_remove(
                async_track_state_change_event(self.hass, sensor, self._changed)
            )

    @property
    @override
    def available(self) -> bool:
        """Return whether the power is known."""
        return self._meter.read().power_mw is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether something is plugged in, if that can be known."""
        power_mw = self._meter.read().power_mw
        if power_mw is None or self.bay.face.status is not BayStatus.CHARGING:
            return None
        return power_mw >= self._plugged_w * _MW_PER_W

    @callback
    def _changed(self, _event: Event[EventStateChangedData]) -> None:
        """Show what is new; not every watt is."""
        if (seen := self._look()) != self._shown:
            self._shown = seen
            self.async_write_ha_state()

    def _look(self) -> tuple[bool, bool | None]:
        return self.available, self.is_on
