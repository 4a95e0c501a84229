"""What kind of relay stands behind an entity."""

import re
from typing import NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..domain.bay import DriverKind

_MQTT = "mqtt"
_ESPHOME = "esphome"
# The bridge gives its relays this unique id. The bay's part has no underscore, so the
# last one before `_relay` ends the node's name.
_BRIDGE_ID = re.compile(r"paybay_(?P<node>.+)_(?P<bay>[A-Za-z0-9-]+)_relay")
# ESPHome makes a unique id of the node's address, the kind and the entity's name, which
# the package `esphome/paybay_bay.yaml` fixes; older ones have the name in snake case.
_ESPHOME_ID = re.compile(
    r"(?P<node>.+)(?P<by>[/-])switch(?P=by)"
    r"(?P<paybay>PayBay(?P<gap>[ _]))(?P<bay>[a-z0-9_]+)(?P=gap)relay",
    re.IGNORECASE,
)


class BridgeAddress(NamedTuple):
    """Where a bridge listens for one bay: `paybay/<node>/bay/<bay>/...`."""

    node: str
    bay: str


class EsphomeAddress(NamedTuple):
    """One bay of an ESPHome node: its config entry, its id, its report's entity."""

    entry_id: str
    bay: str
    report: str


def find_driver(hass: HomeAssistant, entity_id: str) -> DriverKind:
    """Return how a relay is driven: as one that counts time itself, or as a switch."""
    match relay_address(hass, entity_id):
        case BridgeAddress():
            return DriverKind.BRIDGE
        case EsphomeAddress():
            return DriverKind.ESPHOME
    return DriverKind.SWITCH


def relay_address(
    hass: HomeAssistant, entity_id: str
) -> BridgeAddress | EsphomeAddress | None:
    """Return where a device that counts time itself is reached, if it is one."""
    return bridge_address(hass, entity_id) or esphome_address(hass, entity_id)


def bridge_address(hass: HomeAssistant, entity_id: str) -> BridgeAddress | None:
    """Return the bridge's node and bay, if a Pi bridge announced this relay."""
    relay = er.async_get(hass).async_get(entity_id)
    if relay is None or relay.platform != _MQTT:
        return None
    match = _BRIDGE_ID.fullmatch(relay.unique_id)
    return BridgeAddress(match["node"], match["bay"]) if match else None


def esphome_address(hass: HomeAssistant, entity_id: str) -> EsphomeAddress | None:
    """Return the bay's address, if this is the relay of an ESPHome bay of PayBay."""
    registry = er.async_get(hass)
    relay = registry.async_get(entity_id)
    if relay is None or relay.platform != _ESPHOME or relay.config_entry_id is None:
        return None
    match = _ESPHOME_ID.fullmatch(relay.unique_id)
    if match is None:
        return None
    node, by, gap = match["node"], match["by"], match["gap"]
    unique_id = f"{node}{by}text_sensor{by}{match['paybay']}{match['bay']}{gap}report"
    report = registry.async_get_entity_id("sensor", _ESPHOME, unique_id)
    if report is None:
        return None
    return EsphomeAddress(relay.config_entry_id, match["bay"].lower(), report)
