"""The commands `status`, `discovery` and `config`."""

import dataclasses
import json
from typing import Any

from . import discovery as discovery_payload, probe, topics
from .board import read_health
from .config import BayConfig, Config


def status(config: Config, *, as_json: bool) -> int:
    """Print what the broker has of each bay; return 0 if the bridge is online."""
    found = probe.retained(config, f"paybay/{config.node}/#")
    online = found.get(topics.status(config.node)) == b"online"
    if as_json:
        bays = {
            bay.id: _state(found.get(topics.bay(config.node, bay.id, "state"))) or None
            for bay in config.bays
        }
        values = {"node": config.node, "online": online, "bays": bays}
        print(json.dumps(values, indent=2))
        return 0 if online else 1
    print(f"bridge {config.node}: {'online' if online else 'offline'}")
    print(f"{'bay':<12}{'relay':<7}{'phase':<9}{'order':<42}{'left s':>10}  last")
    for bay in config.bays:
        print(_row(bay, _state(found.get(topics.bay(config.node, bay.id, "state")))))
    return 0 if online else 1


def discovery(config: Config, *, remove: bool) -> int:
    """Print the discovery payload, or take it from the broker."""
    if remove:
        probe.clear(config, topics.discovery(config.node))
        print(f"removed {topics.discovery(config.node)}")
    else:
        print(topics.discovery(config.node))
        print(json.dumps(discovery_payload.payload(config, read_health()), indent=2))
    return 0


def show_config(config: Config) -> int:
    """Print the configuration with its defaults; secrets are not even read."""
    print(json.dumps(dataclasses.asdict(config), indent=2, default=str))
    return 0


def _state(payload: bytes | None) -> dict[str, Any]:
    """Return a state's values, or none."""
    try:
        values = json.loads(payload or b"{}")
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _row(bay: BayConfig, state: dict[str, Any]) -> str:
    """Return one bay's line."""
    left = state.get("remaining_s")
    last = state.get("last") or {}
    return (
        f"{bay.id:<12}{state.get('relay', '?'):<7}{state.get('phase', '?'):<9}"
        f"{state.get('order_id') or '-':<42}{'-' if left is None else left:>10}  "
        f"{last.get('outcome', '-')} {last.get('ran_s', '')}"
    ).rstrip()
