"""Kills Home Assistant, the bridge and the broker, and brings them back."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
import time
from typing import Any

from demo.running import RunningSite
from demo.waiting import LateError, News, poll

from .evidence import Kill
from .sight import Sight

PARTS = ("home", "bridge", "broker")
GAP_S = (0.3, 7.0)
AIMED_WITHIN_S = 6.0
AIM_S = (0.0, 0.5)
DOWN_S = (0.0, 2.0)
KILLED_AT_START = 0.15
BACK_WITHIN_S = 180.0
HOME_UP_S = (2.0, 9.0)


class Killer:
    """One site's killer. `paid` tells of each payment: half of the kills aim at one."""

    def __init__(
        self, site: RunningSite, sight: Sight, paid: News, rng: Random
    ) -> None:
        self.kills: list[Kill] = []
        self.starts_s: list[float] = []
        self.failures: list[str] = []
        self._site = site
        self._sight = sight
        self._paid = paid
        self._rng = rng
        self._raising: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def count(self) -> dict[str, int]:
        """Return the kills by part."""
        return {p: sum(kill.part == p for kill in self.kills) for p in PARTS}

    async def kill(self, number: int, on_kill: Callable[[], None]) -> None:
        """Kill this many times, each part as often as the others."""
        parts: list[str] = []
        while len(self.kills) < number:
            parts = parts or self._rng.sample(PARTS * 2, len(PARTS) * 2)
            await self._wait_for_a_moment()
            await self._kill(parts.pop())
            on_kill()

    async def settle(self) -> None:
        """Return once everything that was killed is back; raise LateError."""
        await asyncio.gather(*self._tasks)
        if self._raising is not None:
            await self._raising
        await self._sight.wait_clear(BACK_WITHIN_S)

    async def kill_home(self) -> None:
        """Kill Home Assistant once more and wait until it is back."""
        await self._kill_home()
        await self.settle()

    async def _wait_for_a_moment(self) -> None:
        if self._rng.random() < 0.5:  # noqa: PLR2004 - a coin
            with suppress(LateError):
                await self._paid.next(within_s=AIMED_WITHIN_S)
            await asyncio.sleep(self._rng.uniform(*AIM_S))
        else:
            await asyncio.sleep(self._rng.uniform(*GAP_S))

    async def _kill(self, part: str) -> None:
        match part:
            case "home":
                if self._rng.random() > KILLED_AT_START and self._raising:
                    await self._raising
                    await asyncio.sleep(self._rng.uniform(*HOME_UP_S))
                await self._kill_home()
            case "broker":
                await self._kill_broker()
            case "bridge":
                await self._kill_bridge()

    async def _kill_home(self) -> None:
        if self._raising is not None:
            self._raising.cancel()
            with suppress(asyncio.CancelledError):
                await self._raising
            self._cut_short("home")
        self._sight.lost()
        at_s = time.time()
        await self._site.kill_home()
        index = self._note("home", at_s)
        self._raising = asyncio.create_task(self._raise_home(index))

    async def _raise_home(self, index: int) -> None:
        site, began_s = self._site, time.monotonic()
        await site.home_assistant.start()
        await site.home.connect(within_s=BACK_WITHIN_S)
        await site.home_assistant.wait_ready(within_s=BACK_WITHIN_S)
        self.starts_s.append(time.monotonic() - began_s)
        self._over(index)

    async def _kill_broker(self) -> None:
        await self._earlier("broker")
        self._sight.lost()
        at_s = time.time()
        await self._site.broker.kill()
        index, down_s = self._note("broker", at_s), self._rng.uniform(*DOWN_S)
        self._later("broker", self._raise_broker(index, down_s))

    async def _raise_broker(self, index: int, down_s: float) -> None:
        await asyncio.sleep(down_s)
        await self._site.broker.start()
        await self._site.broker.wait_ready()
        self._over(index)

    async def _kill_bridge(self) -> None:
        await self._earlier("bridge")
        off_before = len(self._site.bridge.off_at_mono_s)
        at_s = time.time()
        await self._site.bridge.kill()
        index = self._note("bridge", at_s)
        self._later("bridge", self._see_bridge_off(index, off_before))

    async def _see_bridge_off(self, index: int, off_before: int) -> None:
        """Wait until the supervisor has switched everything off and started again."""
        bridge = self._site.bridge

        async def is_off() -> bool | None:
            return len(bridge.off_at_mono_s) > off_before or None

        async def runs() -> bool | None:
            return bridge.part.runs or None

        await poll(
            is_off, "the supervisor's `off`", within_s=BACK_WITHIN_S, every_s=0.01
        )
        self._over(index)
        await poll(runs, "the bridge's next start", within_s=BACK_WITHIN_S)

    def _note(self, part: str, at_s: float) -> int:
        self.kills.append(Kill(part=part, at_s=at_s, over_s=float("inf")))
        return len(self.kills) - 1

    def _over(self, index: int) -> None:
        kill = self.kills[index]
        self.kills[index] = Kill(part=kill.part, at_s=kill.at_s, over_s=time.time())

    def _cut_short(self, part: str) -> None:
        """End a death by the next one of the same part."""
        for index, kill in enumerate(self.kills):
            if kill.part == part and kill.over_s == float("inf"):
                self._over(index)

    async def _earlier(self, part: str) -> None:
        """Let an earlier death of the same part be over first."""
        for task in [task for task in self._tasks if task.get_name() == part]:
            await task
            self._tasks.remove(task)

    def _later(self, part: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=part))
