"""All that can forbid one bay's relay to be on. Any thread may ask."""

from collections.abc import Callable, Sequence

from .estop import ESTOP, Estop
from .monitor import WELDED, CurrentMonitor
from .reading import Reading


class Supervisor:
    """A bay's emergency stops and its current, where it has them."""

    def __init__(
        self,
        estops: Sequence[Estop],
        monitor: CurrentMonitor | None,
        now: Callable[[], float],
    ) -> None:
        """Ask these."""
        self._estops = estops
        self._monitor = monitor
        self._now = now

    @property
    def estop(self) -> bool | None:
        """Return whether a stop is pressed or not yet released; None without one."""
        if not self._estops:
            return None
        pressed = [estop.look() for estop in self._estops]
        return any(pressed)

    @property
    def reading(self) -> Reading:
        """Return what the sensor tells now."""
        return Reading() if self._monitor is None else self._monitor.reading

    @property
    def latched(self) -> str | None:
        """Return the fault that must outlive a restart."""
        return WELDED if self._monitor and self._monitor.is_welded else None

    def restore(self, latched: str | None) -> None:
        """Go on with the fault of before the restart."""
        if self._monitor and latched == WELDED:
            self._monitor.restore()

    def begin(self) -> None:
        """Expect a new load: the relay is about to go on."""
        if self._monitor:
            self._monitor.begin()

    def reason(self) -> str | None:
        """Return why the relay must be off now, as a word, or None."""
        if self.estop:
            return ESTOP
        return self._monitor.reason(self._now()) if self._monitor else None

    def reset(self) -> None:
        """Forget the faults whose cause is gone."""
        for estop in self._estops:
            estop.reset()
        if self._monitor:
            self._monitor.reset()
