"""Judges the current of one bay: too much, not wanted, gone, or not known."""

import threading

from .config_sensor import CurrentLimits
from .held import Held
from .reading import Reading

OVER_CURRENT = "over_current"
WELDED = "welded"
SENSOR_STALE = "sensor_stale"
SECONDS_PER_HOUR = 3600


class CurrentMonitor:
    """Fed by the sensor's thread, asked by the guard and the event loop.

    - `over_current`: above the limit for a while, or far above it once; it heals
      by itself after a rest.
    - `welded`: a current flows though the relay is off; only a reset heals it.
    - `sensor_stale`: no measurement for a while; the next one heals it.
    """

    def __init__(self, limits: CurrentLimits, now_s: float) -> None:
        """Know nothing yet; times are `up_s`."""
        self._limits = limits
        self._lock = threading.Lock()
        self._fresh_s = now_s
        self._tripped_s: float | None = None
        self._is_welded = False
        self._too_much, self._unwanted, self._too_little = Held(), Held(), Held()
        self._amps: float | None = None
        self._energy_wh = 0.0
        self._plugged: bool | None = None

    @property
    def reading(self) -> Reading:
        """Return what is known."""
        has_voltage = self._limits.voltage_v is not None
        return Reading(
            amps=self._amps,
            energy_wh=self._energy_wh if has_voltage else None,
            plugged=self._plugged,
        )

    @property
    def is_welded(self) -> bool:
        """Return whether the contact has stuck and nobody has reset that."""
        return self._is_welded

    def restore(self) -> None:
        """Go on with a welded contact that was known before a restart."""
        self._is_welded = True

    def begin(self) -> None:
        """Expect a new load: the relay is about to go on."""
        with self._lock:
            self._plugged = None
            self._too_little = Held()

    def take(self, amps: float, *, is_on: bool, now_s: float) -> None:
        """Judge one measurement; `is_on` unless the relay was off all the while."""
        with self._lock:
            self._count_energy(amps, now_s)
            self._amps, self._fresh_s = amps, now_s
            self._judge_too_much(amps, now_s)
            self._judge_unwanted(amps, now_s, is_on=is_on)
            self._judge_load(amps, now_s, is_on=is_on)

    def reason(self, now_s: float) -> str | None:
        """Return why the relay must be off, or None."""
        with self._lock:
            if self._is_welded:
                return WELDED
            if self._tripped_s is not None:
                if now_s - self._tripped_s < self._limits.trip_rest_s:
                    return OVER_CURRENT
                self._tripped_s = None
            is_stale = now_s - self._fresh_s > self._limits.stale_after_s
            if is_stale:
                self._amps = None
            return SENSOR_STALE if is_stale else None

    def reset(self) -> None:
        """Forget a trip, and a welded contact once no current flows."""
        with self._lock:
            self._tripped_s = None
            if self._amps is not None and self._amps < self._limits.load_min_a:
                self._is_welded = False

    def _count_energy(self, amps: float, now_s: float) -> None:
        """Add what has flowed since the last measurement; a gap counts as nothing."""
        passed_s = now_s - self._fresh_s
        if self._limits.voltage_v is not None and passed_s < self._limits.stale_after_s:
            watts = amps * self._limits.voltage_v
            self._energy_wh += watts * passed_s / SECONDS_PER_HOUR

    def _judge_too_much(self, amps: float, now_s: float) -> None:
        limits = self._limits
        if limits.trip_current_a is None or limits.instant_trip_a is None:
            return
        held_s = self._too_much.note(holds=amps > limits.trip_current_a, now_s=now_s)
        if amps >= limits.instant_trip_a or held_s >= limits.trip_after_s:
            self._tripped_s = now_s

    def _judge_unwanted(self, amps: float, now_s: float, *, is_on: bool) -> None:
        flows = not is_on and amps >= self._limits.load_min_a
        if self._unwanted.note(holds=flows, now_s=now_s) >= self._limits.welded_after_s:
            self._is_welded = True

    def _judge_load(self, amps: float, now_s: float, *, is_on: bool) -> None:
        if not is_on:
            self._plugged = None
            return
        draws = amps >= self._limits.load_min_a
        low_s = self._too_little.note(holds=not draws, now_s=now_s)
        if draws:
            self._plugged = True
        elif self._plugged and low_s >= self._limits.unplugged_after_s:
            self._plugged = False
