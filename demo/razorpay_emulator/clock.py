"""The emulator's clock: the wall clock, moved and compressed on demand."""

import asyncio
from contextlib import suppress
import time


class Clock:
    """Tell emulated Unix time and wake sleepers when it is moved."""

    def __init__(self, *, scale: float = 1.0, offset_s: float = 0.0) -> None:
        """Start at the wall clock plus `offset_s`, running `scale` times as fast."""
        self._scale = scale
        self._zero_s = time.time() + offset_s
        self._zero_monotonic_s = time.monotonic()
        self._moved = asyncio.Event()

    @property
    def scale(self) -> float:
        """Return how many emulated seconds pass in one real second."""
        return self._scale

    @property
    def offset_s(self) -> float:
        """Return how far the emulated time is ahead of the wall clock."""
        return self.time() - time.time()

    def time(self) -> float:
        """Return the emulated Unix time in seconds."""
        return self._zero_s + (time.monotonic() - self._zero_monotonic_s) * self._scale

    def now(self) -> int:
        """Return the emulated Unix time in whole seconds, as Razorpay writes it."""
        return int(self.time())

    def advance(self, seconds: float) -> None:
        """Move the clock (backwards when negative) and wake every sleeper."""
        self._rebase(self.time() + seconds)

    def set_scale(self, scale: float) -> None:
        """Change the speed without a jump in time."""
        now = self.time()
        self._scale = scale
        self._rebase(now)

    async def sleep(self, seconds: float) -> None:
        """Wait for emulated seconds; an `advance` in between counts."""
        await self.sleep_until(self.time() + seconds)

    async def sleep_until(self, moment_s: float) -> None:
        """Wait until the emulated time reaches `moment_s`."""
        while (left_s := moment_s - self.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left_s / self._scale)

    def _rebase(self, now_s: float) -> None:
        self._zero_s = now_s
        self._zero_monotonic_s = time.monotonic()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
