"""What the drivers of devices that keep time share: reports, and waiting for one."""

import asyncio
from collections.abc import Callable
from typing import Protocol, override

from ..domain.clock import Clock
from ..domain.relays import OUT_OF_REACH, RelayReport
from .base import RelayDriver


class DeviceState(Protocol):
    """What a device told last."""

    def report(self, now_ms: int) -> RelayReport:
        """Return it, counted down to `now_ms` of the monotonic clock."""


class DeviceLink(Protocol):
    """The way to one bay of a device."""

    @property
    def state(self) -> DeviceState | None:
        """Return what it told last, or None while it is out of reach."""

    def open(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Listen, telling each change; return how to stop."""


class TimekeeperDriver[LinkT: DeviceLink](RelayDriver):
    """Drives one relay of a device that ends a session by itself."""

    keeps_time = True

    def __init__(self, link: LinkT, clock: Clock, confirm_timeout_s: float) -> None:
        """`confirm_timeout_s` is how long the device may take to prove a start."""
        self._link = link
        self._clock = clock
        self._confirm_timeout_s = confirm_timeout_s
        self._moved = asyncio.Event()
        self._on_change: Callable[[], None] = lambda: None

    @override
    def report(self) -> RelayReport:
        state = self._link.state
        return state.report(self._clock.monotonic_ms()) if state else OUT_OF_REACH

    @override
    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        self._on_change = on_change
        return self._link.open(self._changed)

    async def until(self, holds: Callable[[RelayReport], bool]) -> bool:
        """Wait for a report; return whether it came in time."""
        try:
            async with asyncio.timeout(self._confirm_timeout_s):
                while not holds(self.report()):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _changed(self) -> None:
        self._moved.set()
        self._on_change()


def runs(report: RelayReport, order_id: str) -> bool:
    """Return whether the relay is on for this order."""
    return report.contact and bool(report.on) and report.order_id == order_id


def is_off(report: RelayReport) -> bool:
    """Return whether the relay is off, as the device says itself."""
    return report.contact and report.on is False
