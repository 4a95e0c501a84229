"""Waiting for conditions, never for a number of seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
import time
from typing import Any

EVERY_S = 0.05


class LateError(Exception):
    """Something did not happen in time; the text says what."""


class News:
    """Wakes those who wait for something that others report."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Let everybody look again. Call it in the event loop."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def next(self, *, within_s: float) -> None:
        """Return when the next news come; raise LateError."""
        try:
            await asyncio.wait_for(self._event.wait(), within_s)
        except TimeoutError:
            raise late("news", within_s) from None

    async def until[T](
        self, look: Callable[[], T | None], what: str, *, within_s: float = 30
    ) -> T:
        """Return what `look` finds, as soon as it finds it; raise LateError."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    event = self._event
                    found = look()
                    if found is not None:
                        return found
                    await event.wait()
        except TimeoutError:
            raise late(what, within_s) from None


async def poll[T](
    look: Callable[[], Awaitable[T | None]],
    what: str,
    *,
    within_s: float = 30,
    every_s: float = EVERY_S,
) -> T:
    """Return what `look` finds where nobody reports; raise LateError."""
    deadline = time.monotonic() + within_s
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise late(what, within_s)
        await asyncio.sleep(every_s)


def late(what: str, within_s: float) -> LateError:
    """Return the error for something that should have happened."""
    return LateError(f"{what}: not within {within_s:g} s")


async def to_its_end(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do something completely, even if we are cancelled meanwhile."""
    task = asyncio.create_task(work())
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
