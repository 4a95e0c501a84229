"""An independent witness of the simulated pins: samples their levels all the time.

It knows nothing of the bridge or PayBay, only the file that stands for the board:
one byte of 0 or 1 for each BCM pin.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
import mmap
from pathlib import Path
import threading
import time
from types import TracebackType
from typing import Self

from .waiting import News

PERIOD_S = 0.002
PINS = 64


@dataclass(frozen=True, kw_only=True)
class Change:
    """A pin's new level: `at` by the wall clock, `mono_s` by the monotonic one."""

    pin: int
    high: bool
    at: float
    mono_s: float


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A pin being high; without `end` it still is."""

    start: Change
    end: Change | None

    @property
    def seconds(self) -> float:
        """Return how long it lasted, or has lasted until now."""
        until_s = time.monotonic() if self.end is None else self.end.mono_s
        return until_s - self.start.mono_s


def watch(board: Path, ended: threading.Event) -> Iterator[list[Change]]:
    """Sample a board's file until `ended` is set; give what changed together."""
    before = bytes(PINS)
    with (
        board.open("rb") as file,
        mmap.mmap(file.fileno(), PINS, access=mmap.ACCESS_READ) as pins,
    ):
        while not ended.wait(PERIOD_S):
            levels = pins[:]
            if levels != before:
                yield _changes(before, levels)
                before = levels


def _changes(before: bytes, levels: bytes) -> list[Change]:
    at, mono_s = time.time(), time.monotonic()
    return [
        Change(pin=pin, high=levels[pin] != 0, at=at, mono_s=mono_s)
        for pin in range(PINS)
        if before[pin] != levels[pin]
    ]


class Recorder:
    """Keeps every change of level that lasts longer than a sample or two."""

    def __init__(self, board: Path) -> None:
        """Watch the board in this file, making it with all pins low if need be."""
        self.changes: list[Change] = []
        self._board = board
        self._high: set[int] = set()
        self._news = News()
        self._loop = asyncio.get_running_loop()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    async def __aenter__(self) -> Self:
        """Begin."""
        if not self._board.exists():
            self._board.parent.mkdir(parents=True, exist_ok=True)
            self._board.write_bytes(bytes(PINS))
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        self._ended.set()
        self._thread.join()

    def is_high(self, pin: int) -> bool:
        """Return a pin's level at the last sample."""
        return pin in self._high

    def stretches(self, pin: int, since_s: float = 0) -> list[Stretch]:
        """Return when a pin was high, from this monotonic time on."""
        found: list[Stretch] = []
        for change in list(self.changes):
            if change.pin != pin or change.mono_s < since_s:
                continue
            if change.high:
                found.append(Stretch(start=change, end=None))
            elif found:
                found[-1] = Stretch(start=found[-1].start, end=change)
        return found

    def on_seconds(self, pin: int, since_s: float = 0) -> float:
        """Return how long a pin was high in all, from this monotonic time on."""
        return sum(stretch.seconds for stretch in self.stretches(pin, since_s))

    async def wait_for(
        self, pin: int, *, high: bool, since_s: float = 0, within_s: float = 30
    ) -> Change:
        """Return the first such change from this monotonic time on; raise LateError."""

        def look() -> Change | None:
            found = (c for c in self.changes if (c.pin, c.high) == (pin, high))
            return next((c for c in found if c.mono_s >= since_s), None)

        what = f"GPIO {pin} going {'high' if high else 'low'}"
        return await self._news.until(look, what, within_s=within_s)

    def _run(self) -> None:
        for changes in watch(self._board, self._ended):
            self.changes += changes
            self._high ^= {change.pin for change in changes}
            self._loop.call_soon_threadsafe(self._news.tell)
