"""What ends a session when Home Assistant cannot: asked, checked and told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
import voluptuous as vol

from ..const import CONF_AUTO_OFF, CONF_AUTO_OFF_S
from ..domain.bay import BayConfig, DriverKind
from ..drivers.auto_off_number import AutoOffNumber, seconds_of
from ..drivers.find import find_driver
from ..entry_data import relay_key, relay_of_key
from .problem import Problem
from .schemas import number

SECTION_PROTECTION = "protection"
LEAST_S = 10
"""A shorter auto-off leaves no time to be kept alive over a network."""
_MOST_S = 24 * 3600

SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_AUTO_OFF): EntitySelector(
            EntitySelectorConfig(domain=["number", "input_number"])
        ),
        vol.Required(CONF_AUTO_OFF_S, default=0): vol.All(
            number(
                {"min": 0, "max": _MOST_S, "unit_of_measurement": UnitOfTime.SECONDS}
            ),
            vol.Coerce(int),
        ),
    }
)


def fields_of(bay: BayConfig) -> dict[str, Any]:
    """Return a bay's protection as its form shows it."""
    shown: dict[str, Any] = {CONF_AUTO_OFF_S: bay.auto_off_s}
    return shown | ({CONF_AUTO_OFF: bay.auto_off} if bay.auto_off else {})


def named(hass: HomeAssistant, bay: BayConfig) -> BayConfig:
    """Return the bay with its auto-off entity by the id it has today."""
    if bay.auto_off is None:
        return bay
    return replace(bay, auto_off=relay_of_key(hass, bay.auto_off) or bay.auto_off)


def keyed(hass: HomeAssistant, bay: BayConfig) -> BayConfig:
    """Return the bay with its auto-off entity by what a rename does not change."""
    if bay.auto_off is None:
        return bay
    entity_id = relay_of_key(hass, bay.auto_off) or bay.auto_off
    return replace(bay, auto_off=relay_key(hass, entity_id))


def problems(hass: HomeAssistant, bay: BayConfig) -> Iterator[Problem]:
    """Find what is wrong with a bay's protection."""
    if 0 < bay.auto_off_s < LEAST_S:
        yield Problem(SECTION_PROTECTION, "auto_off_short", {"least": str(LEAST_S)})
        return
    entity_id = named(hass, bay).auto_off
    if entity_id is None:
        return
    if (state := hass.states.get(entity_id)) is None:
        known = er.async_get(hass).async_get(entity_id) is not None
        if not known:
            yield Problem(SECTION_PROTECTION, "auto_off_unknown")
        return
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    longest_s = AutoOffNumber(hass, entity_id, 0).max_s
    if seconds_of(unit) is None:
        yield Problem(SECTION_PROTECTION, "auto_off_unit", {"unit": str(unit)})
    elif longest_s is not None and bay.auto_off_s > longest_s:
        longest = {"longest": f"{longest_s:g}"}
        yield Problem(SECTION_PROTECTION, "auto_off_long", longest)


def step_for(hass: HomeAssistant, bay: BayConfig) -> str:
    """Return the screen that says what ends this bay's sessions."""
    match find_driver(hass, bay.relay):
        case DriverKind.BRIDGE:
            return "protected_bridge"
        case DriverKind.ESPHOME:
            return "protected_esphome"
    return "protected_timer" if bay.auto_off or bay.auto_off_s else "protection"
