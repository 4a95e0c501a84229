"""What the board tells of its own health: supply voltage and temperature."""

from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys/class")
# The Raspberry Pi kernel's driver raspberrypi-hwmon: 1 while the firmware sees the
# supply below 4.63 V.
_VOLTAGE_MONITOR = "rpi_volt"
_UNDER_VOLTAGE = "in0_lcrit_alarm"
_TEMPERATURE = Path("thermal/thermal_zone0/temp")


@dataclass(frozen=True, kw_only=True)
class BoardHealth:
    """None is what this board does not tell."""

    temperature_c: float | None = None
    under_voltage: bool | None = None


def read_health(sysfs: Path = SYSFS) -> BoardHealth:
    """Return the board's health; reading may take some milliseconds."""
    temperature = _number(sysfs / _TEMPERATURE)
    alarm = None
    for monitor in sorted(sysfs.glob("hwmon/hwmon*")):
        if _text(monitor / "name") == _VOLTAGE_MONITOR:
            alarm = _number(monitor / _UNDER_VOLTAGE)
    return BoardHealth(
        temperature_c=None if temperature is None else round(temperature / 1000, 1),
        under_voltage=None if alarm is None else alarm != 0,
    )


def _text(path: Path) -> str | None:
    """Return a small file's text, or None."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _number(path: Path) -> int | None:
    """Return the number in a file, or None."""
    try:
        return int(_text(path) or "")
    except ValueError:
        return None
