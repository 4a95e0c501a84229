"""Tells every minute that the bridge lives, and how its board is."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
import json

from . import __version__
from .board import BoardHealth, read_health
from .clock import Clock

PERIOD_S = 60.0


class Health:
    """Publishes the node's `health`, retained."""

    def __init__(
        self,
        clock: Clock,
        publish: Callable[[str], None],
        read: Callable[[], BoardHealth] = read_health,
    ) -> None:
        """Look once, so that `board` says what there is to see."""
        self._clock = clock
        self._publish = publish
        self._read = read
        self.board = read()
        self._started_at = _iso(clock.wall_s())

    async def run(self) -> None:
        """Look, in a thread, and tell until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_S)
            self.board = await asyncio.to_thread(self._read)
            self.tell()

    def tell(self) -> None:
        """Publish what was seen last."""
        values = {
            "v": 1,
            "boot_id": self._clock.boot_id,
            "version": __version__,
            "started_at": self._started_at,
            "seen_at": _iso(self._clock.wall_s()),
            "temperature_c": self.board.temperature_c,
            "under_voltage": self.board.under_voltage,
        }
        self._publish(json.dumps(values, separators=(",", ":")))


def _iso(wall_s: float) -> str:
    """Return Unix time for people: ISO 8601 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(wall_s), UTC).isoformat()
