"""The device as Home Assistant's MQTT discovery wants it described. Pure.

One unknown root key (`~` is one), or one component without `unique_id`, makes Home
Assistant reject the whole payload.
"""

import json
import re
from typing import Any

from . import __version__, topics
from .config import BayConfig, Config

EVENT_TYPES = ["started", "completed", "stopped", "interrupted", "fault"]
PHASES = ["idle", "running", "manual", "fault"]


def payload(config: Config) -> dict[str, Any]:
    """Return the retained discovery payload of this bridge and all its bays."""
    components: dict[str, Any] = {}
    for bay in config.bays:
        components |= _components(config.node, bay)
    return {
        "dev": {
            "ids": [f"paybay_{config.node}"],
            "name": f"PayBay {config.node}",
            "mf": "PayBay",
            "mdl": "Pi relay bridge",
            "sw": __version__,
        },
        "o": {"name": "pi-relay-bridge", "sw": __version__},
        "avty": [{"t": topics.status(config.node)}],
        "cmps": components,
    }


def text(config: Config) -> str:
    """Return the payload as it goes over the wire."""
    return json.dumps(payload(config), separators=(",", ":"))


def _components(node: str, bay: BayConfig) -> dict[str, Any]:
    """Return one bay's entities, by component key."""
    state = topics.bay(node, bay.id, "state")
    return {
        f"{bay.id}_relay": {
            **_entity("switch", node, bay, "relay"),
            "cmd_t": topics.bay(node, bay.id, "set"),
            "qos": 1,
            "stat_t": state,
            "val_tpl": "{{ 'ON' if value_json.relay == 'on' else 'OFF' }}",
        },
        f"{bay.id}_activity": {
            **_entity("event", node, bay, "activity"),
            "stat_t": topics.bay(node, bay.id, "event"),
            "evt_typ": EVENT_TYPES,
        },
        f"{bay.id}_phase": {
            **_entity("sensor", node, bay, "phase"),
            "dev_cla": "enum",
            "ops": PHASES,
            "ent_cat": "diagnostic",
            "stat_t": state,
            "val_tpl": "{{ value_json.phase }}",
        },
    }


def _entity(platform: str, node: str, bay: BayConfig, what: str) -> dict[str, Any]:
    """Return what every entity has."""
    unique_id = f"paybay_{node}_{bay.id}_{what}"
    return {
        "p": platform,
        "name": f"{bay.name} {what}",
        "uniq_id": unique_id,
        "def_ent_id": f"{platform}.{re.sub('[^a-z0-9]+', '_', unique_id.lower())}",
    }
