"""Make the sensors of all bays."""

from functools import cache
from pathlib import Path
from typing import Any

from ..config import BayConfig
from ..config_sensor import SensorConfig
from .analog import AnalogSensor
from .base import CurrentSensor, SensorError
from .i2c import Ads1115, Ina219, open_bus


def make_sensors(
    bays: tuple[BayConfig, ...], factory: Any, simulate: Path | None
) -> dict[str, CurrentSensor]:
    """Return each metered bay's sensor by bay id; raise SensorError."""
    buses = cache(open_bus)
    sensors: dict[str, CurrentSensor] = {}
    for bay in bays:
        if bay.sensor is None:
            continue
        if simulate is not None:
            from .simulated import SimulatedSensor  # noqa: PLC0415 - a Pi needs none of this

            sensors[bay.id] = SimulatedSensor(simulate, bay)
            continue
        try:
            sensors[bay.id] = _make(bay.sensor, factory, buses)
        except Exception as error:
            raise SensorError(f"bay {bay.id}, {bay.sensor.kind}: {error}") from error
    return sensors


def _make(config: SensorConfig, factory: Any, buses: Any) -> CurrentSensor:
    """Return one sensor."""
    if config.kind == "ina219":
        return Ina219(buses(config.i2c_bus), config.i2c_address, config.shunt_ohm)
    if config.kind == "ads1115":
        bus = buses(config.i2c_bus)
        return AnalogSensor(config, Ads1115(bus, config.i2c_address, config.channel))
    from .mcp3008 import Mcp3008Input  # noqa: PLC0415 - gpiozero is slow to import

    source = Mcp3008Input(config.channel, config.reference_volt, factory)
    return AnalogSensor(config, source)
