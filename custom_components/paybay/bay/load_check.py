"""Waiting for the load of a bay that was just switched on."""

import asyncio
from collections.abc import Callable

from ..domain.load import NOT_SEEN, Load, LoadWait, expected
from ..domain.meter import Reading
from .energy import Meter
from .tools import Tools


class LoadCheck:
    """Watches one bay's power sensor after a start, unless somebody is in a hurry."""

    def __init__(self, tools: Tools) -> None:
        """Begin without a wait."""
        self._tools = tools
        self._news = asyncio.Event()
        self._hurried = False
        self.left = False
        """Whether the bay is being closed: what is not known by now stays open."""

    def expect(self, for_ms: int) -> LoadWait | None:
        """Before the relay is switched on for a time: note what is to be seen after."""
        self._hurried = self.left
        meter = self._tools.meter
        before = meter.read() if meter else Reading()
        return expected(self._tools.config, for_ms, before)

    def hurry(self, *, leave: bool = False) -> None:
        """Let nobody wait for a load that no longer matters."""
        self._hurried, self.left = True, self.left or leave
        self._news.set()

    async def why_not(self, wait: LoadWait | None) -> str | None:
        """Wait for the load; return the reason if it was not seen in time.

        The wait ends early, without a reason, when the relay is no longer on: then the
        rules of interruptions hold.
        """
        if wait is None or self._tools.meter is None:
            return None
        stop_watching = self._watch(self._tools.meter)
        try:
            load = await self._outcome(self._tools.meter, wait)
        finally:
            for stop in stop_watching:
                stop()
        return load.value if load in NOT_SEEN else None

    def _watch(self, meter: Meter) -> tuple[Callable[[], None], ...]:
        return meter.watch(self._news.set), self._tools.driver.watch(self._news.set)

    async def _outcome(self, meter: Meter, wait: LoadWait) -> Load:
        clock = self._tools.clock
        began_ms = clock.monotonic_ms()
        while True:
            waited_ms = clock.monotonic_ms() - began_ms
            load = wait.judge(meter.read(), waited_ms)
            if load is not Load.AWAITED or self._hurried or not self._is_on():
                return load
            self._news.clear()
            cancel = clock.call_later(wait.within_ms - waited_ms, self._news.set)
            await self._news.wait()
            cancel()

    def _is_on(self) -> bool:
        report = self._tools.driver.report()
        return report.contact and report.on is True
