"""Claim the output pins of all bays, with their relays off."""

import importlib
from pathlib import Path
from typing import Any

from .config import BayConfig, Config
from .relay import Relay

FACTORIES = {
    "rpigpio": ("gpiozero.pins.rpigpio", "RPiGPIOFactory"),
    "pigpio": ("gpiozero.pins.pigpio", "PiGPIOFactory"),
    "native": ("gpiozero.pins.native", "NativeFactory"),
    "mock": ("gpiozero.pins.mock", "MockFactory"),
    "lgpio": ("pi_relay_bridge.lgpio_pins", "LevelFactory"),
}


class PinsError(Exception):
    """The pins cannot be had; the text says why."""


def make_factory(config: Config, simulate: Path | None) -> Any:
    """Return the configured factory and no other: gpiozero falls back silently."""
    try:
        if simulate is not None:
            from .controls import Controls  # noqa: PLC0415 - a Pi needs none of this
            from .simulate import Levels  # noqa: PLC0415
            from .simulated_pins import SimulatedFactory  # noqa: PLC0415

            return SimulatedFactory(Levels(simulate), Controls(simulate))
        module, name = FACTORIES[config.pin_factory]
        return getattr(importlib.import_module(module), name)()
    except Exception as error:
        raise PinsError(f"pin factory {config.pin_factory}: {error}") from error


def claim_off(bays: tuple[BayConfig, ...], factory: Any) -> dict[str, Relay]:
    """Return each bay's relay by bay id, switched off; raise PinsError."""
    relays = {}
    problems = []
    for bay in bays:
        try:
            relays[bay.id] = _claim(bay, factory)
        except Exception as error:  # noqa: BLE001 - one bad pin must not leave the others on
            problems.append(f"bay {bay.id}, GPIO {bay.pin}: {error}")
    if problems:
        raise PinsError("; ".join(problems))
    return relays


def _claim(bay: BayConfig, factory: Any) -> Relay:
    """Return one bay's relay, off."""
    from gpiozero import OutputDevice  # noqa: PLC0415 - slow to import, and check may not need it

    device = OutputDevice(
        bay.pin, active_high=bay.active_high, initial_value=False, pin_factory=factory
    )
    return Relay(bay.id, device)
