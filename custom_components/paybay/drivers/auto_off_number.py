"""A relay's own auto-off time: a number entity, set and read back."""

import asyncio
import math

from homeassistant.const import (
    ATTR_ENTITY_ID,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfTime,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event

# The same for numbers and for number helpers.
ATTR_MIN, ATTR_MAX, ATTR_STEP, ATTR_VALUE = "min", "max", "step", "value"
SERVICE_SET_VALUE = "set_value"

_SECONDS = {
    None: 1.0,
    UnitOfTime.MILLISECONDS: 0.001,
    UnitOfTime.SECONDS: 1.0,
    UnitOfTime.MINUTES: 60.0,
    UnitOfTime.HOURS: 3600.0,
}
"""How many seconds one of a number's units is; without a unit it counts seconds."""


def seconds_of(unit: str | None) -> float | None:
    """Return how many seconds a unit is; None if it is none of time."""
    return next((s for name, s in _SECONDS.items() if name == unit), None)


class AutoOffNumber:
    """The entity that tells a relay when to switch off by itself."""

    def __init__(self, hass: HomeAssistant, entity_id: str, timeout_s: float) -> None:
        """`timeout_s` is how long the entity may take to show a new value."""
        self._hass = hass
        self._entity_id = entity_id
        self._timeout_s = timeout_s

    @property
    def max_s(self) -> float | None:
        """Return the longest time the relay takes; None while it cannot be used."""
        state = self._hass.states.get(self._entity_id)
        if state is None or state.state == STATE_UNAVAILABLE or self._unit_s is None:
            return None
        return float(state.attributes.get(ATTR_MAX, math.inf)) * self._unit_s

    async def set(self, seconds: float) -> bool:
        """Set at least so many seconds; return whether the entity shows them."""
        value = self._value_for(seconds)
        if value is None:
            return False
        shown = asyncio.Event()

        @callback
        def look(_event: Event[EventStateChangedData] | None = None) -> None:
            if self._shows(value):
                shown.set()

        unwatch = async_track_state_change_event(self._hass, [self._entity_id], look)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._send(value)
                look()
                await shown.wait()
        except TimeoutError, HomeAssistantError:
            return False
        finally:
            unwatch()
        return True

    @property
    def _unit_s(self) -> float | None:
        state = self._hass.states.get(self._entity_id)
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) if state else None
        return seconds_of(unit)

    def _value_for(self, seconds: float) -> float | None:
        """Return a value the entity takes, rounded up to its step; None if none is."""
        state = self._hass.states.get(self._entity_id)
        max_s, unit_s = self.max_s, self._unit_s
        if state is None or max_s is None or unit_s is None or seconds > max_s:
            return None
        least = float(state.attributes.get(ATTR_MIN, 0))
        steps = math.ceil(round((seconds / unit_s - least) / self._step, 6))
        value = least + max(steps, 0) * self._step
        return min(value, max_s / unit_s)

    @property
    def _step(self) -> float:
        state = self._hass.states.get(self._entity_id)
        return float(state.attributes.get(ATTR_STEP, 1)) if state else 1.0

    def _shows(self, value: float) -> bool:
        """Tell whether a value has arrived; some entities count down from it."""
        state = self._hass.states.get(self._entity_id)
        if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return False
        try:
            less = value - float(state.state)
        except ValueError:
            return False
        gone = self._timeout_s / (self._unit_s or 1.0)
        return -self._step / 2 <= less <= max(self._step / 2, gone)

    async def _send(self, value: float) -> None:
        domain = self._entity_id.partition(".")[0]
        data = {ATTR_ENTITY_ID: self._entity_id, ATTR_VALUE: value}
        await self._hass.services.async_call(
            domain, SERVICE_SET_VALUE, data, blocking=True
        )
