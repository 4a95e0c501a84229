"""A sensor that measures what the controls of a simulated board say."""

from pathlib import Path
import time

from ..config import BayConfig
from ..controls import Controls
from ..simulate import Levels

HANGS_S = 0.5


class SimulatedSensor:
    """Sees the load while the relay's contact is closed."""

    def __init__(self, directory: Path, bay: BayConfig) -> None:
        """Measure one bay of the board in this directory."""
        self._levels = Levels(directory)
        self._controls = Controls(directory)
        self._bay = bay

    def read_a(self) -> float:
        """Return the current in amperes; raise OSError if told to fail."""
        load = self._controls.load(self._bay.id)
        if load.sensor == "error":
            raise OSError("simulated sensor error")
        while load.sensor == "stale":
            time.sleep(HANGS_S)
            load = self._controls.load(self._bay.id)
        is_on = self._levels.get(self._bay.pin) == self._bay.active_high
        return load.load_a if is_on or load.welded else 0.0
