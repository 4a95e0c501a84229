"""A bay's meter: the energy and power sensors that its owner chose."""

from collections.abc import Callable
from typing import override

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from .bay.energy import Meter
from .domain.bay import BayConfig
from .domain.meter import Reading, to_mw, to_mwh


class EntityMeter(Meter):
    """Reads Home Assistant's sensors; renamed ones are found again."""

    def __init__(self, hass: HomeAssistant, config: BayConfig) -> None:
        """Read a bay's sensors."""
        self._hass = hass
        self._energy = config.energy_meter
        self._power = config.power_meter

    @override
    def read(self) -> Reading:
        return Reading(
            total_mwh=self._number(self._energy, to_mwh),
            power_mw=self._number(self._power, to_mw),
        )

    @override
    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        @callback
        def changed(_event: Event[EventStateChangedData]) -> None:
            on_change()

        entity_ids = [
            entity_id
            for key in (self._energy, self._power)
            if (entity_id := sensor_now(self._hass, key))
        ]
        return async_track_state_change_event(self._hass, entity_ids, changed)

    def _number(
        self, key: str | None, convert: Callable[[str, str | None], int | None]
    ) -> int | None:
        entity_id = sensor_now(self._hass, key)
        state = self._hass.states.get(entity_id) if entity_id else None
        if state is None:
            return None
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        return convert(state.state, unit)


def make_meter(hass: HomeAssistant, config: BayConfig) -> Meter | None:
    """Return the meter of a bay, if it has one."""
    return EntityMeter(hass, config) if config.metered else None


def sensor_now(hass: HomeAssistant, key: str | None) -> str | None:
    """Return the entity id that a sensor's registry id (or entity id) has today."""
    if key is None:
        return None
    return er.async_resolve_entity_id(er.async_get(hass), key)
