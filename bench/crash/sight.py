"""When PayBay could not reach its plain relays, as seen from outside."""

import asyncio
from contextlib import suppress
import time

from demo.home import UNKNOWN
from demo.running import RunningSite
from demo.waiting import LateError, poll

from .evidence import Span

LOOK_S = 0.05
NOTICED_WITHIN_S = 5.0


class Sight:
    """Notes each time from a kill until Home Assistant knows all plain relays again."""

    def __init__(self, site: RunningSite) -> None:
        self._site = site
        self._spans: list[Span] = []
        self._lost_s: float | None = None
        self._last_s = 0.0
        self._clear = asyncio.Event()
        self._clear.set()

    def lost(self) -> None:
        """Say that something in between was just killed."""
        self._last_s = time.time()
        if self._lost_s is None:
            self._lost_s = self._last_s
        self._clear.clear()

    @property
    def spans(self) -> list[Span]:
        """Return all times without sight; one that lasts is without end."""
        open_ones = [] if self._lost_s is None else [(self._lost_s, float("inf"))]
        return [*self._spans, *open_ones]

    async def wait_clear(self, within_s: float) -> None:
        """Return once everything can be seen; raise LateError."""
        try:
            await asyncio.wait_for(self._clear.wait(), within_s)
        except TimeoutError:
            raise LateError("Home Assistant does not see its relays again") from None

    async def watch(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self._lost_s is not None and await self._is_back(self._last_s):
                self._spans.append((self._lost_s, time.time()))
                self._lost_s = None
                self._clear.set()

    async def _is_back(self, since_s: float) -> bool:
        """Wait until the loss was noticed, then look for it being over."""

        async def noticed() -> bool | None:
            return not self._sees_all() or None

        left_s = max(0, since_s + NOTICED_WITHIN_S - time.time())
        with suppress(LateError):
            await poll(noticed, "Home Assistant losing its relays", within_s=left_s)
        return self._sees_all() and self._last_s == since_s

    def _sees_all(self) -> bool:
        states = self._site.home.states
        relays = (states.get(bay.relay) for bay in self._site.spec.plain_bays)
        return all(state and state.value not in UNKNOWN for state in relays)
