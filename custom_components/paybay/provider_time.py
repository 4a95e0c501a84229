"""What time it is at the provider, so that a wrong clock here judges no payment late.

Wall clocks of small computers are wrong by hours: no battery, or no time server
answered yet. A payment's own time is the provider's. Held against a wrong clock, honest
payments look late, or late ones fresh.
"""

from typing import NamedTuple

from .domain.clock import Clock

AGREE_MS = 30_000
"""Clocks that differ by less are taken for the same: an answer may take that long."""
KEEP_MS = 900_000
"""How long a word of the provider counts; it is asked every few minutes."""
_AHEAD_MS = 5_000


class _Word(NamedTuple):
    """What the provider said, and when we heard that on the monotonic clock."""

    said_ms: int
    heard_ms: int


class ProviderTime:
    """Counts on from the provider's last word by the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet; times are then believed as they are."""
        self._clock = clock
        self._word: _Word | None = None

    def heard(self, said_ms: int) -> None:
        """Take the provider's word for the time, in Unix ms; from any thread."""
        self._word = _Word(said_ms, self._clock.monotonic_ms())

    def by_our_clock(self, at_ms: int, now_ms: int) -> int:
        """Return a time of the provider's as our clock would have told it.

        `now_ms` is what our clock says now. Unchanged if both clocks agree, or the
        provider has not told its time lately, or what it told does not fit.
        """
        there_ms = self._now_ms()
        if there_ms is None or there_ms + _AHEAD_MS < at_ms:
            return at_ms
        off_ms = now_ms - there_ms
        return at_ms if abs(off_ms) < AGREE_MS else at_ms + off_ms

    def _now_ms(self) -> int | None:
        word = self._word
        if word is None:
            return None
        since_ms = self._clock.monotonic_ms() - word.heard_ms
        return word.said_ms + since_ms if since_ms <= KEEP_MS else None
