"""When an extension that failed may be tried again."""

from ..domain.clock import Clock
from ..ledger.deliveries import Delivery

AGAIN_MS = 5_000


class Extensions:
    """Keeps a device that refuses from being asked without a pause."""

    def __init__(self, clock: Clock) -> None:
        """Count with this clock."""
        self._clock = clock
        self._tried: tuple[int, int] | None = None

    def tried(self, delivery: Delivery) -> None:
        """Take note of a try, before anything can go wrong with it."""
        self._tried = delivery.id, self._clock.monotonic_ms()

    def proven(self) -> None:
        """Take note that the last try was proven, and that this is stored."""
        self._tried = None

    def in_ms(self, delivery: Delivery) -> int:
        """Return in how long another try makes sense; 0 is now."""
        delivery_id, at_ms = self._tried or (None, 0)
        if delivery_id != delivery.id:
            return 0
        return max(0, at_ms + AGAIN_MS - self._clock.monotonic_ms())
