"""A bay's only timer."""

import asyncio
from collections.abc import Callable

from .clock import Clock


class Timer:
    """At most one pending call; setting it again replaces it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: Clock, work: Callable[[], None]
    ) -> None:
        """Call `work` when the time comes."""
        self._loop = loop
        self._clock = clock
        self._work = work
        self._handle: asyncio.TimerHandle | None = None

    def set(self, up_s: float | None) -> None:
        """Call at this moment of the clock instead of any earlier set one, or never."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if up_s is not None:
            self._handle = self._loop.call_at(
                self._clock.monotonic_at(up_s), self._work
            )
