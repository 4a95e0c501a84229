"""What a bay's current sensor tells. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The current in amperes, the energy in Wh since the program started.

    `plugged` is True while a load draws, False after it left, None if unknown: the
    relay is off, or nothing has drawn yet. All are None without a sensor.
    """

    amps: float | None = None
    energy_wh: float | None = None
    plugged: bool | None = None
