"""The part of a bay's form about its meter."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.components.sensor import (
    DOMAIN as SENSOR_DOMAIN,
    SensorDeviceClass,
)
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
import voluptuous as vol

from ..const import (
    CONF_ENERGY_METER,
    CONF_LOAD_WITHIN_S,
    CONF_METER_SILENCE_S,
    CONF_PLUGGED_W,
    CONF_POWER_METER,
    DEFAULT_METER_SILENCE_S,
)
from ..domain.bay import BayConfig
from ..domain.meter import ENERGY_UNITS, POWER_UNITS
from ..entry_data import relay_key
from ..meter import sensor_now
from .problem import Problem
from .schemas import number

SECTION_METER = "meter"


def _sensor(device_class: SensorDeviceClass) -> EntitySelector:
    return EntitySelector(
        EntitySelectorConfig(domain=SENSOR_DOMAIN, device_class=device_class)
    )


def _whole(least: int, most: int, unit: str) -> Any:
    field = number({"min": least, "max": most, "unit_of_measurement": unit})
    return vol.All(field, vol.Coerce(int))


SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_ENERGY_METER): _sensor(SensorDeviceClass.ENERGY),
        vol.Optional(CONF_POWER_METER): _sensor(SensorDeviceClass.POWER),
        vol.Optional(CONF_PLUGGED_W): _whole(1, 1_000, UnitOfPower.WATT),
        vol.Optional(CONF_LOAD_WITHIN_S): _whole(5, 60, UnitOfTime.SECONDS),
        vol.Required(CONF_METER_SILENCE_S, default=DEFAULT_METER_SILENCE_S): _whole(
            60, 3_600, UnitOfTime.SECONDS
        ),
    }
)


def fields_of(bay: BayConfig) -> dict[str, Any]:
    """Return a bay's meter as its form shows it."""
    shown = {
        CONF_ENERGY_METER: bay.energy_meter,
        CONF_POWER_METER: bay.power_meter,
        CONF_PLUGGED_W: bay.plugged_w,
        CONF_LOAD_WITHIN_S: bay.load_within_s,
        CONF_METER_SILENCE_S: bay.meter_silence_s,
    }
    return {key: value for key, value in shown.items() if value is not None}


def rules_of(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bay's fields of a filled-in section."""
    return {str(key): user_input.get(key) for key in SCHEMA.schema}


def named(hass: HomeAssistant, bay: BayConfig) -> BayConfig:
    """Return the bay with its sensors by the ids they have today."""

    def today(key: str | None) -> str | None:
        return sensor_now(hass, key) or key

    energy, power = today(bay.energy_meter), today(bay.power_meter)
    return replace(bay, energy_meter=energy, power_meter=power)


def keyed(hass: HomeAssistant, bay: BayConfig) -> BayConfig:
    """Return the bay with its sensors by what a rename does not change."""

    def key(entity_id: str | None) -> str | None:
        return relay_key(hass, entity_id) if entity_id else None

    bay = named(hass, bay)
    energy, power = key(bay.energy_meter), key(bay.power_meter)
    return replace(bay, energy_meter=energy, power_meter=power)


def problems(hass: HomeAssistant, bay: BayConfig) -> Iterator[Problem]:
    """Find what is wrong with a bay's meter."""
    bay = named(hass, bay)
    yield from _sensor_problems(hass, bay.energy_meter, ENERGY_UNITS)
    yield from _sensor_problems(hass, bay.power_meter, POWER_UNITS)
    if bay.plugged_w is not None and bay.power_meter is None:
        yield Problem(SECTION_METER, "plugged_needs_power")
    if bay.load_within_s is not None and bay.power_meter is None:
        yield Problem(SECTION_METER, "load_needs_power")


def _sensor_problems(
    hass: HomeAssistant, entity_id: str | None, units: frozenset[str]
) -> Iterator[Problem]:
    if entity_id is None:
        return
    state = hass.states.get(entity_id)
    if state is None:
        yield Problem(SECTION_METER, "meter_unknown", {"meter": entity_id})
    elif state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) not in units:
        placeholders = {"meter": entity_id, "units": ", ".join(sorted(units))}
        yield Problem(SECTION_METER, "meter_unit", placeholders)
