"""Home Assistant's time, as the core wants it."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from datetime import tzinfo
from typing import override

from homeassistant.util import dt as dt_util

from .domain.clock import Clock


class LoopClock(Clock):
    """The wall clock to record, the event loop's monotonic clock to count."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Count with this loop."""
        self._loop = loop

    @override
    def now_ms(self) -> int:
        return int(dt_util.utcnow().timestamp() * 1000)

    @override
    def monotonic_ms(self) -> int:
        return int(self._loop.time() * 1000)

    @override
    def zone(self) -> tzinfo:
        return dt_util.get_default_time_zone()

    @override
    def call_later(
        self, delay_ms: int, action: Callable[[], None]
    ) -> Callable[[], None]:
        return self._loop.call_later(delay_ms / 1000, action).cancel
