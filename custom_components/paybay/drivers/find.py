"""What kind of relay stands behind an entity."""

import re
from typing import NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..domain.bay import DriverKind

_MQTT = "mqtt"
# The bridge gives its relays this unique id. The bay's part has no underscore, so the
# last one before `_relay` ends the node's name.
_UNIQUE_ID = re.compile(r"paybay_(?P<node>.+)_(?P<bay>[A-Za-z0-9-]+)_relay")


class BridgeAddress(NamedTuple):
    """Where a bridge listens for one bay: `paybay/<node>/bay/<bay>/...`."""

    node: str
    bay: str


def find_driver(hass: HomeAssistant, entity_id: str) -> DriverKind:
    """Return how a relay is driven: as one that counts time itself, or as a switch."""
    if bridge_address(hass, entity_id) is not None:
        return DriverKind.BRIDGE
    return DriverKind.SWITCH


def bridge_address(hass: HomeAssistant, entity_id: str) -> BridgeAddress | None:
    """Return the bridge's node and bay, if a Pi bridge announced this relay."""
    relay = er.async_get(hass).async_get(entity_id)
    if relay is None or relay.platform != _MQTT:
        return None
    match = _UNIQUE_ID.fullmatch(relay.unique_id)
    return BridgeAddress(match["node"], match["bay"]) if match else None
