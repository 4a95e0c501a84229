"""What a current sensor is, and what two kinds of them have in common."""

from typing import Protocol


class SensorError(Exception):
    """The sensor cannot be had or read; the text says why."""


class CurrentSensor(Protocol):
    """Measures one bay's current. Called from one thread, which it may hold up."""

    def read_a(self) -> float:
        """Return the current in amperes, 0 or more; raise any error if it fails."""


class VoltSource(Protocol):
    """An analogue input."""

    def read_v(self) -> float:
        """Return the voltage at the input; raise any error if it fails."""
