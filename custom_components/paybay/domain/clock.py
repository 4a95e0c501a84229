"""Time, as the core sees it: a wall clock to record, a monotonic one to count."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Protocol


class Clock(Protocol):
    """Where the core gets its time from; tests have their own."""

    def now_ms(self) -> int:
        """Return Unix time in milliseconds; may jump."""

    def monotonic_ms(self) -> int:
        """Return milliseconds that never jump; from an arbitrary start."""

    def zone(self) -> tzinfo:
        """Return the owner's time zone."""

    def call_later(
        self, delay_ms: int, action: Callable[[], None]
    ) -> Callable[[], None]:
        """Run `action` once after `delay_ms` monotonic milliseconds.

        Return a function that cancels it; cancelling late is harmless.
        """
