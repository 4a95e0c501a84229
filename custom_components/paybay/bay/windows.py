"""Pauses and start windows, on the monotonic clock."""

from dataclasses import dataclass

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.orders import Order
from ..domain.view import INTERRUPTED
from ..ledger.sessions import Desk

RESUME_PAUSE_MS = 15_000
_DEVICE_REASONS = frozenset({INTERRUPTED, "device_forgot"})


@dataclass(slots=True)
class _Pause:
    """When a pause began, and how many tries of our own are left."""

    order_id: str
    ended_ms: int
    began_ms: int
    tries: int = 1
    next_try_ms: int = 0
    rest_until_ms: int = 0


@dataclass(slots=True)
class _Window:
    """Until when a waiting order may start and be claimed, on the monotonic clock."""

    start_by_ms: int
    claim_by_ms: int
    behind: bool = False


class Pauses:
    """Knows how long the running order has been paused, and when to try again."""

    def __init__(self, clock: Clock) -> None:
        """Count with this clock."""
        self._clock = clock
        self._pause: _Pause | None = None

    def look(self, desk: Desk) -> tuple[int, int | None]:
        """Return how long the pause has lasted, and in how long to resume by ourselves.

        The second is None when only a human may go on.
        """
        pause, order = self._paused(desk), desk.order
        if pause is None or order is None:
            return 0, 0
        lasted_ms = self._clock.monotonic_ms() - pause.began_ms
        return lasted_ms, self._resume_in_ms(order, pause)

    def tried_to_resume(self) -> None:
        """Count a try of our own to go on after a pause."""
        if self._pause:
            self._pause.tries -= 1
            self._pause.next_try_ms = self._clock.monotonic_ms() + RESUME_PAUSE_MS

    def failed_to_resume(self) -> None:
        """Let the relay rest after a try that failed, whoever wants it on."""
        if self._pause:
            self._pause.rest_until_ms = self._clock.monotonic_ms() + RESUME_PAUSE_MS

    def rest_ms(self) -> int:
        """Return how long no try to go on makes sense; 0 if one does."""
        if self._pause is None:
            return 0
        return max(0, self._pause.rest_until_ms - self._clock.monotonic_ms())

    def _paused(self, desk: Desk) -> _Pause | None:
        if desk.order is None:
            self._pause = None
        elif self._pause is None or self._pause.order_id != desk.order.id:
            self._pause = _Pause(desk.order.id, desk.ended_ms, self._began_ms(desk))
        elif self._pause.ended_ms != desk.ended_ms:
            self._pause.ended_ms = desk.ended_ms
            self._pause.began_ms = self._began_ms(desk)
        return self._pause

    def _began_ms(self, desk: Desk) -> int:
        """Return when a pause began, on the monotonic clock."""
        gone_ms = max(0, self._clock.now_ms() - desk.ended_ms)
        return self._clock.monotonic_ms() - gone_ms

    def _resume_in_ms(self, order: Order, pause: _Pause) -> int | None:
        """Try a lost device again and again, against a human's hand only once."""
        if order.reason not in _DEVICE_REASONS and pause.tries <= 0:
            return None
        return max(0, pause.next_try_ms - self._clock.monotonic_ms())


class StartWindows:
    """Knows how long waiting orders may still be started and claimed."""

    def __init__(self, config: BayConfig, clock: Clock) -> None:
        """Use a bay's rules."""
        self._config = config
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._held = False
        self._newest_ms = 0
        self._old: frozenset[str] | None = None

    def boot(self, newest_ms: int) -> None:
        """Learn what time it is at least: the newest in the ledger at the start."""
        self._newest_ms = newest_ms

    def hold_claims(self) -> None:
        """Let no claim window end: those who could claim cannot hear yet."""
        self._held = True

    def release_claims(self) -> None:
        """Give everybody who waits a full claim window from now on."""
        self._held = False
        claim_by_ms = self._clock.monotonic_ms() + self._config.claim_window_s * 1000
        for window in self._windows.values():
            window.claim_by_ms = claim_by_ms

    def look(self, desk: Desk, order: Order | None) -> tuple[int, int]:
        """Return what is left of an order's start window and of its claim window."""
        if self._old is None:
            self._old = frozenset(waiting.id for waiting in desk.waiting)
        windows = self._waiting(desk)
        window = windows.get(order.id) if order else None
        if window is None or order is None:
            return 0, 0
        if window.behind and not self._is_behind():
            window = self._windows[order.id] = self._open(order)
        mono_ms = self._clock.monotonic_ms()
        claim_ms = window.claim_by_ms - mono_ms
        if self._held:
            claim_ms = self._config.claim_window_s * 1000
        return window.start_by_ms - mono_ms, claim_ms

    def is_behind(self, order: Order | None) -> bool:
        """Return whether nobody can say how long an order has waited.

        It was paid before a restart, and the clock stands before the newest that the
        ledger knows: how long we were gone is unknown until the clock is set.
        """
        window = self._windows.get(order.id) if order else None
        return window is not None and window.behind

    def _is_behind(self) -> bool:
        return self._clock.now_ms() < self._newest_ms

    def _waiting(self, desk: Desk) -> dict[str, _Window]:
        """Take over the windows of orders that wait for the relay and nobody else.

        No window ends later than a full one from now, whatever the wall clock says.
        """
        free = () if desk.order else desk.waiting
        self._windows = {o.id: self._windows.get(o.id) or self._open(o) for o in free}
        return self._windows

    def _open(self, order: Order) -> _Window:
        now_ms, mono_ms = self._clock.now_ms(), self._clock.monotonic_ms()
        start_ms = (order.start_by_ms or 0) - now_ms
        claim_ms = (order.claim_by_ms or 0) - now_ms
        return _Window(
            mono_ms + min(start_ms, self._config.start_window_s * 1000),
            mono_ms + min(claim_ms, self._config.claim_window_s * 1000),
            behind=order.id in (self._old or ()) and self._is_behind(),
        )
