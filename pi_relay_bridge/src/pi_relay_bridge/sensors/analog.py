"""The current behind an analogue input: RMS of a mains wave, or a DC mean."""

from collections.abc import Callable, Sequence
import math
import time

from ..config_sensor import SensorConfig
from .base import SensorError, VoltSource

CYCLES = 10
LEAST_SAMPLES_PER_CYCLE = 8
DC_SAMPLES = 16


class AnalogSensor:
    """Measures through a converter, by the calibration of its configuration."""

    def __init__(
        self,
        config: SensorConfig,
        source: VoltSource,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read `source`; an AC measurement takes ten cycles of the mains."""
        self._config = config
        self._source = source
        self._now = now

    def read_a(self) -> float:
        """Return the current in amperes; raise SensorError or the source's errors."""
        amps = self._ac_v() if self._config.mode == "ac" else self._dc_v()
        amps *= self._config.amps_per_volt
        return amps if amps >= self._config.noise_a else 0.0

    def _ac_v(self) -> float:
        """Return the RMS voltage of whole cycles."""
        samples = []
        end_s = self._now() + CYCLES / self._config.mains_hz
        while self._now() < end_s:
            samples.append(self._source.read_v())
        if len(samples) < CYCLES * LEAST_SAMPLES_PER_CYCLE:
            raise SensorError(f"only {len(samples)} samples in {CYCLES} cycles")
        return rms(samples)

    def _dc_v(self) -> float:
        """Return the mean voltage above the one of no current, whatever its sign."""
        mean_v = sum(self._source.read_v() for _ in range(DC_SAMPLES)) / DC_SAMPLES
        return abs(mean_v - self._config.zero_volt)


def rms(samples: Sequence[float]) -> float:
    """Return the root of the mean square around the samples' own mean."""
    mean = sum(samples) / len(samples)
    return math.sqrt(sum((each - mean) ** 2 for each in samples) / len(samples))
