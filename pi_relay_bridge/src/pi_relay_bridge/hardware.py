"""All of the board that `run` holds: relays, emergency stops, sensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .config import Config
from .pins import PinsError, claim_off, make_factory
from .relay import Relay
from .sensors.base import CurrentSensor, SensorError
from .sensors.make import make_sensors
from .watch import Watch, make_watch


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """The relays, by bay id, are off; the sensors, by bay id, wait to be read."""

    relays: Mapping[str, Relay]
    watch: Watch
    sensors: Mapping[str, CurrentSensor]


def claim(config: Config, simulate: Path | None, now: Callable[[], float]) -> Hardware:
    """Switch all relays off, then claim the rest; raise PinsError."""
    factory = make_factory(config, simulate)
    relays = claim_off(config.bays, factory)
    watch = make_watch(config, factory, now)
    try:
        sensors = make_sensors(config.bays, factory, simulate)
    except SensorError as error:
        raise PinsError(str(error)) from error
    return Hardware(relays=relays, watch=watch, sensors=sensors)
