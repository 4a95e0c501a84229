"""Put together what watches over the bays: emergency stops, sensors, supervisors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .config import BayConfig, Config
from .estop import Estop
from .monitor import CurrentMonitor
from .pins import PinsError
from .supervisor import Supervisor

# Relays that switch disturb long wires: a stop must be open for so long to count.
_DEBOUNCE_S = 0.01


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The supervisors and monitors by bay id; each stop with the bays it stops."""

    supervisors: Mapping[str, Supervisor]
    monitors: Mapping[str, CurrentMonitor]
    estops: tuple[tuple[Estop, tuple[BayConfig, ...]], ...]


def make_watch(config: Config, factory: Any, now: Callable[[], float]) -> Watch:
    """Claim the stops' pins and look at them; raise PinsError."""
    pins: dict[int, list[BayConfig]] = {}
    for bay in config.bays:
        for pin in {bay.estop_pin, config.estop_pin}:
            if pin is not None:
                pins.setdefault(pin, []).append(bay)
    stops = {
        pin: _claim(pin, factory, now, by_reset=config.estop_release == "reset")
        for pin in pins
    }
    monitors = {
        bay.id: CurrentMonitor(bay.sensor.limits, now())
        for bay in config.bays
        if bay.sensor is not None
    }
    supervisors = {
        bay.id: Supervisor(
            [stops[pin] for pin, bays in pins.items() if bay in bays],
            monitors.get(bay.id),
            now,
        )
        for bay in config.bays
    }
    return Watch(
        supervisors=supervisors,
        monitors=monitors,
        estops=tuple((stops[pin], tuple(bays)) for pin, bays in pins.items()),
    )


def _claim(
    pin: int, factory: Any, now: Callable[[], float], *, by_reset: bool
) -> Estop:
    """Return the stop on one pin; raise PinsError."""
    from gpiozero import DigitalInputDevice  # noqa: PLC0415 - slow to import, and check may not need it

    try:
        device = DigitalInputDevice(
            pin, pull_up=True, bounce_time=_DEBOUNCE_S, pin_factory=factory
        )
    except Exception as error:
        raise PinsError(f"emergency stop, GPIO {pin}: {error}") from error
    return Estop(pin, device, now=now, by_reset=by_reset)
