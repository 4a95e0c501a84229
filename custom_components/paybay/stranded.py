"""Relays of a site that has no ledger: on for nobody who could be named."""

import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .domain.bay import DriverKind
from .drivers.find import find_driver
from .entry_data import bays_of

_LOGGER = logging.getLogger(__name__)


async def async_switch_off_stranded(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Switch off the plain relays that are on: nobody else would end them.

    Devices that keep time end by themselves what they were given. A session that was
    cut short here goes on once the ledger is back, or its rest is owed back.
    """
    for bay in bays_of(entry).values():
        plain = find_driver(hass, bay.relay) is DriverKind.SWITCH
        if plain and hass.states.is_state(bay.relay, STATE_ON):
            await _switch_off(hass, bay.relay)


async def _switch_off(hass: HomeAssistant, relay: str) -> None:
    domain = relay.partition(".")[0]
    target = {ATTR_ENTITY_ID: relay}
    try:
        await hass.services.async_call(domain, SERVICE_TURN_OFF, target, blocking=True)
    except HomeAssistantError:
        _LOGGER.exception("%s could not be switched off", relay)
