"""A thread that reads one bay's sensor, so that nothing else waits for it."""

from collections.abc import Callable
import logging
import math
import threading

from .monitor import CurrentMonitor
from .ports import RelayPort
from .sensors.base import CurrentSensor
from .throttle import Throttle

PERIOD_S = 0.2
LEAST_PAUSE_S = 0.01
ABSURD_A = 10_000

_LOG = logging.getLogger(__name__)


class Sampler:
    """Feeds a monitor; calls `on_trouble` with the reason when the relay must go off.

    A sensor that fails, hangs or tells nonsense feeds nothing: the monitor then calls
    it stale.
    """

    def __init__(
        self,
        name: str,
        sensor: CurrentSensor,
        relay: RelayPort,
        monitor: CurrentMonitor,
        *,
        now: Callable[[], float],
        on_trouble: Callable[[str], None],
    ) -> None:
        """Read `sensor` for the bay called `name`."""
        self._name = name
        self._sensor = sensor
        self._relay = relay
        self._monitor = monitor
        self._now = now
        self._on_trouble = on_trouble
        self._throttle = Throttle()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"sensor {name}", daemon=True
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; one that hangs in its sensor is left behind."""
        self._stopping.set()
        self._thread.join(timeout=1)

    def sample(self) -> None:
        """Measure once and judge."""
        was_on = self._relay.is_on
        amps = self._sensor.read_a()
        if not math.isfinite(amps) or not 0 <= amps < ABSURD_A:
            raise ValueError(f"{amps} A cannot be")
        is_on = was_on or self._relay.is_on
        self._monitor.take(amps, is_on=is_on, now_s=self._now())
        reason = self._monitor.reason(self._now())
        if reason is not None and is_on:
            self._on_trouble(reason)

    def _run(self) -> None:
        """Measure until stopped, whatever a sensor raises."""
        while not self._stopping.is_set():
            begun_s = self._now()
            try:
                self.sample()
            except Exception as error:  # noqa: BLE001 - each sensor library has errors of its own
                if self._throttle.allows("sensor", begun_s):
                    _LOG.warning("bay %s: the sensor failed: %r", self._name, error)
            passed_s = self._now() - begun_s
            self._stopping.wait(max(PERIOD_S - passed_s, LEAST_PAUSE_S))
