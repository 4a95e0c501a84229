"""The current sensors: whether their bus is on, and whether they answer."""

from collections.abc import Callable
from pathlib import Path

from ..config import BayConfig, Config
from ..findings import Finding, error, ok, warn
from ..sensors.base import SensorError
from ..sensors.i2c import SharedBus, open_bus


def check_sensors(
    config: Config,
    root: Path = Path("/"),
    open_bus: Callable[[int], SharedBus] = open_bus,
) -> list[Finding]:
    """Return what was found of each metered bay's sensor."""
    return [
        _spi(bay, root) if bay.sensor.kind == "mcp3008" else _i2c(bay, root, open_bus)
        for bay in config.bays
        if bay.sensor is not None
    ]


def _spi(bay: BayConfig, root: Path) -> Finding:
    """Say whether the converter's bus is on."""
    name = f"bay {bay.id} sensor"
    if (root / "dev/spidev0.0").exists():
        return ok(
            name, "the SPI bus is on; whether the converter answers shows in amps"
        )
    text = "the SPI bus is off: gpiozero falls back to slow software SPI"
    return warn(name, text, "add dtparam=spi=on to config.txt, then reboot")


def _i2c(bay: BayConfig, root: Path, open_bus: Callable[[int], SharedBus]) -> Finding:
    """Say whether a chip answers at its address."""
    assert bay.sensor is not None  # noqa: S101 - the caller looked
    sensor, name = bay.sensor, f"bay {bay.id} sensor"
    device = f"/dev/i2c-{sensor.i2c_bus}"
    if not (root / device.lstrip("/")).exists():
        advice = "add dtparam=i2c_arm=on to config.txt, modprobe i2c-dev, reboot"
        return error(name, f"there is no {device}", advice)
    try:
        bus = open_bus(sensor.i2c_bus)
        with bus.lock:
            bus.read(sensor.i2c_address, 0)
    except (OSError, SensorError) as problem:
        text = f"nothing answers at 0x{sensor.i2c_address:02x} on {device}: {problem}"
        return error(name, text, "check wiring and address; i2cdetect -y shows them")
    return ok(name, f"{sensor.kind} answers at 0x{sensor.i2c_address:02x} on {device}")
