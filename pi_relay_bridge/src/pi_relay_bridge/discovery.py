"""The device as Home Assistant's MQTT discovery wants it described. Pure.

One unknown root key (`~` is one), or one component without `unique_id`, makes Home
Assistant reject the whole payload. A component that is left out stays; one that has
nothing but its platform goes.
"""

import json
from typing import Any

from . import __version__, topics
from .board import BoardHealth
from .config import Config
from .discovery_bay import bay_components
from .discovery_node import node_components


def payload(config: Config, board: BoardHealth) -> dict[str, Any]:
    """Return the retained discovery payload of this bridge and all its bays.

    `board` decides which of the board's own values are shown.
    """
    components = node_components(config.node, board)
    for bay in config.bays:
        has_estop = config.estop_pin is not None or bay.estop_pin is not None
        components |= bay_components(config.node, bay, has_estop=has_estop)
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


def text(config: Config, board: BoardHealth) -> str:
    """Return the payload as it goes over the wire."""
    return json.dumps(payload(config, board), separators=(",", ":"))
