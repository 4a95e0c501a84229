"""The commands that only look: `check`, `status`, `discovery`."""

import json
from pathlib import Path
from typing import Any

from . import discovery as discovery_payload, probe, topics
from .board import read_health
from .config import BayConfig, Config
from .pins import PinsError, make_factory

FIRMWARE_CONFIG = Path("/boot/firmware/config.txt")
UART_PINS = (14, 15)
LAST_PULLED_UP = 8


def check(config: Config) -> int:
    """Print what is right and wrong, in plain words; return 0 if all is right."""
    print(f"ok    configuration: node {config.node}, {len(config.bays)} bays")
    for bay in config.bays:
        for hint in _wiring_hints(bay):
            print(f"hint  bay {bay.id}: {hint}")
    if not _is_strict_gpiod():
        print(
            "hint  dtparam=strict_gpiod is not set: if the bridge is killed, a relay\n"
            "      stays on until `pi-relay-bridge off` runs; the systemd unit runs it"
        )
    results = [_check_factory(config), _check_broker(config)]
    return 0 if all(results) else 1


def status(config: Config) -> int:
    """Print what the broker has of each bay; return 0 if the bridge is online."""
    found = probe.retained(config, f"paybay/{config.node}/#")
    online = found.get(topics.status(config.node)) == b"online"
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


def _check_factory(config: Config) -> bool:
    """Say whether the pin library works."""
    try:
        make_factory(config, None)
    except PinsError as error:
        print(f"FAIL  {error}")
        return False
    print(f"ok    pin factory {config.pin_factory}")
    return True


def _check_broker(config: Config) -> bool:
    """Say whether the broker lets us in."""
    try:
        with probe.visit(config):
            print(f"ok    broker at {config.mqtt.host}:{config.mqtt.port}")
    except probe.ProbeError as error:
        print(f"FAIL  {error}")
        return False
    return True


def _wiring_hints(bay: BayConfig) -> list[str]:
    """Return what is unwise about a bay's pin."""
    hints = []
    if bay.pin in UART_PINS:
        hints.append(f"GPIO {bay.pin} is the serial console's, busy while the Pi boots")
    if bay.active_high and bay.pin <= LAST_PULLED_UP:
        hints.append(f"GPIO {bay.pin} is high while the Pi boots: better GPIO 9 to 27")
    return hints


def _is_strict_gpiod() -> bool:
    """Return whether the firmware lets go of outputs when their process dies."""
    try:
        lines = FIRMWARE_CONFIG.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return any(
        line.strip().startswith("dtparam=") and "strict_gpiod" in line for line in lines
    )


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
