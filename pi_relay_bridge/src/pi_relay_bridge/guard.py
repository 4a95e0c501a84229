"""A thread of its own: ends what must end, vouches for the program to systemd.

It shares nothing with the event loop but the table of hard deadlines and of cuts, so
that a loop that hangs cannot keep a relay on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import logging
import threading
from typing import Protocol

from .relay import RelayError
from .throttle import Throttle

PERIOD_S = 0.25
GRACE_S = 1.0
STALE_BEAT_S = 5.0
STALE_ROUND_S = 2.0
OVERDUE = "overdue"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A relay switched off by another thread than the loop: when, and why."""

    at_s: float
    reason: str


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
        interlocks: Mapping[int, Callable[[], str | None]],
        vouched: Callable[[], bool],
        feed: Callable[[], None],
    ) -> None:
        """Watch these relays; `feed` while the loop beats and `vouched` says yes.

        `interlocks` give the reason for which a pin must be off, or None.
        """
        self._relays = relays
        self._now = now
        self._interlocks = interlocks
        self._vouched = vouched
        self._feed = feed
        self._lock = threading.Lock()
        self._deadlines: dict[int, float] = {}
        self._cuts: dict[int, Cut] = {}
        self._disobedient: set[int] = set()
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
        """Set a pin's hard deadline before it goes on; forget what was before."""
        with self._lock:
            self._deadlines[pin] = deadline_s
            self._cuts.pop(pin, None)
            self._disobedient.discard(pin)

    def move(self, pin: int, deadline_s: float) -> None:
        """Put another deadline in place of an armed pin's; a cut stays a cut."""
        with self._lock:
            self._deadlines[pin] = deadline_s

    def release(self, pin: int) -> None:
        """Forget a pin that is off."""
        with self._lock:
            self._deadlines.pop(pin, None)
            self._disobedient.discard(pin)

    def cut(self, pin: int, reason: str) -> None:
        """Switch an armed pin off now and keep when and why; any thread may call."""
        with self._lock:
            if pin in self._deadlines and pin not in self._cuts:
                self._cut(pin, reason)

    def cut_of(self, pin: int) -> Cut | None:
        """Return how a pin was switched off past the loop since it was last armed."""
        return self._cuts.get(pin)

    def check(self) -> None:
        """Do one round: switch off what must be, feed the watchdog if well."""
        now_s = self._now()
        with self._lock:
            for pin in self._deadlines:
                self._check(pin, now_s)
        is_well = (
            now_s - self._beat_s < STALE_BEAT_S
            and now_s - self._round_s < STALE_ROUND_S
        )
        self._round_s = now_s
        if is_well and self._vouched():
            self._feed()

    def _check(self, pin: int, now_s: float) -> None:
        """Cut one armed pin if it is time, or its interlock says so."""
        if pin in self._disobedient:
            self._switch_off(pin)
        elif pin not in self._cuts:
            is_overdue = now_s > self._deadlines[pin] + GRACE_S
            reason = OVERDUE if is_overdue else self._interlocks[pin]()
            if reason is not None:
                self._cut(pin, reason)

    def _run(self) -> None:
        """Do rounds until stopped, whatever a round raises."""
        while not self._stopping.wait(PERIOD_S):
            try:
                self.check()
            except Exception:  # noqa: BLE001 - the guard outlives any error
                _LOG.exception("guard: a round failed")

    def _cut(self, pin: int, reason: str) -> None:
        """Note the cut first: a start that runs into it looks, and switches off."""
        self._cuts[pin] = Cut(at_s=self._now(), reason=reason)
        _LOG.warning("guard: GPIO %d goes off (%s)", pin, reason)
        self._switch_off(pin)

    def _switch_off(self, pin: int) -> None:
        """Switch one pin off; the next round tries again if it fails."""
        try:
            self._relays[pin].off()
        except RelayError as error:
            self._disobedient.add(pin)
            if self._throttle.allows(str(pin), self._now()):
                _LOG.error("guard: GPIO %d does not switch off (%s)", pin, error)
        else:
            self._disobedient.discard(pin)
