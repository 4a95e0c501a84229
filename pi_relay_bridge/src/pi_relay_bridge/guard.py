"""A thread of its own: ends overdue sessions, vouches for the program to systemd.

It shares nothing with the event loop but the table of hard deadlines, so that a loop
that hangs cannot keep a relay on.
"""

from collections.abc import Callable, Mapping
import logging
import threading
from typing import Protocol

from .relay import RelayError
from .throttle import Throttle

PERIOD_S = 0.25
GRACE_S = 1.0
STALE_BEAT_S = 5.0
STALE_ROUND_S = 2.0

_LOG = logging.getLogger(__name__)


class Switchable(Protocol):
    """A relay as the guard knows it."""

    def off(self) -> None:
        """Switch off; raise RelayError."""


class Guard:
    """Hard deadlines by pin, in seconds of `now`."""

    def __init__(
        self,
        relays: Mapping[int, Switchable],
        *,
        now: Callable[[], float],
        vouched: Callable[[], bool],
        feed: Callable[[], None],
    ) -> None:
        """Watch these relays; `feed` while the loop beats and `vouched` says yes."""
        self._relays = relays
        self._now = now
        self._vouched = vouched
        self._feed = feed
        self._lock = threading.Lock()
        self._deadlines: dict[int, float] = {}
        self._cuts: dict[int, float] = {}
        self._beat_s = self._round_s = now()
        self._throttle = Throttle()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guard", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for its last round."""
        self._stopping.set()
        self._thread.join(timeout=STALE_ROUND_S)

    def beat(self) -> None:
        """Note that the event loop is alive."""
        self._beat_s = self._now()

    def arm(self, pin: int, deadline_s: float) -> None:
        """Set a pin's hard deadline, in place of any earlier one."""
        with self._lock:
            self._deadlines[pin] = deadline_s
            self._cuts.pop(pin, None)

    def release(self, pin: int) -> None:
        """Forget a pin that is off."""
        with self._lock:
            self._deadlines.pop(pin, None)

    def cut_at(self, pin: int) -> float | None:
        """Return when the guard itself switched off the pin since it was last armed."""
        return self._cuts.get(pin)

    def check(self) -> None:
        """Do one round: switch off what is overdue, feed the watchdog if well."""
        now_s = self._now()
        with self._lock:
            for pin, deadline_s in self._deadlines.items():
                if now_s > deadline_s + GRACE_S and pin not in self._cuts:
                    self._cut(pin)
        is_well = (
            now_s - self._beat_s < STALE_BEAT_S
            and now_s - self._round_s < STALE_ROUND_S
        )
        self._round_s = now_s
        if is_well and self._vouched():
            self._feed()

    def _run(self) -> None:
        """Do rounds until stopped, whatever a round raises."""
        while not self._stopping.wait(PERIOD_S):
            try:
                self.check()
            except Exception:  # noqa: BLE001 - the guard outlives any error
                _LOG.exception("guard: a round failed")

    def _cut(self, pin: int) -> None:
        """Switch off one overdue pin; the next round tries again if it fails."""
        try:
            self._relays[pin].off()
        except RelayError as error:
            if self._throttle.allows(str(pin), self._now()):
                _LOG.error(
                    "guard: GPIO %d is overdue and does not switch off (%s)", pin, error
                )
        else:
            self._cuts[pin] = self._now()
            _LOG.warning("guard: GPIO %d was overdue and is off now", pin)
