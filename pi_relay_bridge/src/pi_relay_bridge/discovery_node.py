"""The entities of the bridge itself. Pure."""

from typing import Any

from . import topics
from .board import BoardHealth
from .discovery_parts import DIAGNOSTIC, entity, kept_if, on_if, value_of


def node_components(node: str, board: BoardHealth) -> dict[str, Any]:
    """Return the bridge's entities, by component key."""
    health = {"stat_t": topics.health(node), **DIAGNOSTIC}
    return {
        "node_connection": {
            **_entity("binary_sensor", node, "connection"),
            **DIAGNOSTIC,
            "dev_cla": "connectivity",
            "stat_t": topics.status(node),
            "pl_on": "online",
            "pl_off": "offline",
            # Else it would be unavailable whenever it has something to say.
            "avty": [],
        },
        "node_version": {
            **_entity("sensor", node, "version"),
            **health,
            **value_of("version"),
        },
        "node_started": {
            **_entity("sensor", node, "started"),
            **health,
            **value_of("started_at"),
            "dev_cla": "timestamp",
        },
        "node_seen": {
            **_entity("sensor", node, "last seen"),
            **health,
            **value_of("seen_at"),
            "dev_cla": "timestamp",
            # Once a minute a new value: for those who ask for it.
            "en": False,
            "avty": [],
        },
        "node_temperature": kept_if(
            board.temperature_c is not None,
            {
                **_entity("sensor", node, "temperature"),
                **health,
                **value_of("temperature_c"),
                "dev_cla": "temperature",
                "unit_of_meas": "°C",
                "stat_cla": "measurement",
            },
        ),
        "node_under_voltage": kept_if(
            board.under_voltage is not None,
            {
                **_entity("binary_sensor", node, "under-voltage"),
                **health,
                **on_if("value_json.under_voltage"),
                "dev_cla": "problem",
            },
        ),
    }


def _entity(platform: str, node: str, what: str) -> dict[str, Any]:
    """Return what every entity of the bridge has."""
    word = what.replace(" ", "_").replace("-", "_")
    return entity(platform, f"paybay_{node}_{word}", what.capitalize())
