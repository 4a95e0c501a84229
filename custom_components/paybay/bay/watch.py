"""What a bay knows beyond the ledger: how long this stretch has lasted, and until when.

The ledger has wall-clock times; a running session counts by the monotonic clock, which
a wrong or late-set wall clock cannot lengthen or cut. This is where one becomes the
other, once, when a stretch is first seen.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.bay import BayConfig, BayStatus
from ..domain.clock import Clock
from ..domain.orders import Order
from ..domain.relays import RelayReport
from ..domain.session import DEVICE_GRACE_MS, Stretch, View
from ..drivers.base import RelayDriver
from ..ledger.deliveries import Delivery, DeliveryState
from ..ledger.sessions import Desk

GUARD_MS = 1_000
"""How long after the planned end the guard switches off on its own."""
RESUME_PAUSE_MS = 15_000
_DEVICE_REASONS = frozenset({"interrupted", "device_forgot"})
_SAME_END_MS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a bay shows. `ends_ms` is Unix time, only while a session runs."""

    status: BayStatus
    ends_ms: int | None = None
    order_id: str | None = None


@dataclass(slots=True)
class _Anchor:
    """When a stretch began, on the monotonic clock."""

    delivery_id: int
    began_ms: int
    unsure: bool
    frozen_ms: int | None = None


@dataclass(slots=True)
class _Pause:
    """When a pause began, and how many tries of our own are left."""

    order_id: str
    began_ms: int
    tries: int = 1
    next_try_ms: int = 0


class SessionWatch:
    """Keeps time for one bay and guards the end of its session."""

    def __init__(
        self,
        config: BayConfig,
        driver: RelayDriver,
        clock: Clock,
        on_overdue: Callable[[str], None],
    ) -> None:
        """`on_overdue` gets the order id of a session that nobody ended in time."""
        self._config = config
        self._driver = driver
        self._clock = clock
        self._on_overdue = on_overdue
        self._anchor: _Anchor | None = None
        self._pause: _Pause | None = None
        self._cancel_guard: Callable[[], None] | None = None
        self._ends: tuple[int, int] | None = None

    def look(self, desk: Desk) -> View:
        """Put together everything a decision depends on."""
        report = self._driver.report()
        stretch = self._stretch(desk.delivery, report)
        pause = self._paused(desk) if stretch is None else None
        mono_ms = self._clock.monotonic_ms()
        return View(
            now_ms=self._clock.now_ms(),
            config=self._config,
            report=report,
            keeps_time=self._driver.keeps_time,
            order=desk.order,
            stretch=stretch,
            paused_ms=mono_ms - pause.began_ms if pause else 0,
            resume_in_ms=self._resume_in_ms(desk.order, pause),
            waiting=next(iter(desk.waiting), None),
        )

    def begin(self, delivery: Delivery, extra_ms: int = 0) -> None:
        """Count a stretch from now on, and guard its end before any network.

        `extra_ms` is what the proof of start may take.
        """
        self._anchor = _Anchor(delivery.id, self._clock.monotonic_ms(), unsure=False)
        self._guard(delivery.order_id, delivery.planned_ms + extra_ms)

    def freeze(self) -> None:
        """Stop counting: the relay is being switched off, whatever follows."""
        if self._anchor and self._anchor.frozen_ms is None:
            gone_ms = self._clock.monotonic_ms() - self._anchor.began_ms
            self._anchor.frozen_ms = gone_ms

    def forget(self) -> None:
        """Stop counting and guarding."""
        self._anchor = None
        if self._cancel_guard:
            self._cancel_guard()
            self._cancel_guard = None

    def tried_to_resume(self) -> None:
        """Count a try of our own to go on after a pause."""
        if self._pause:
            self._pause.tries -= 1
            self._pause.next_try_ms = self._clock.monotonic_ms() + RESUME_PAUSE_MS

    def face(self, desk: Desk, problem: str | None) -> Face:
        """Return what to show now."""
        report = self._driver.report()
        order_id = desk.order.id if desk.order else None
        status = _status(desk, report, problem)
        return Face(status=status, ends_ms=self._ends_ms(desk), order_id=order_id)

    def _stretch(
        self, delivery: Delivery | None, report: RelayReport
    ) -> Stretch | None:
        if delivery is None:
            self.forget()
            return None
        anchor = self._anchored(delivery)
        if report.contact:
            anchor.unsure = anchor.unsure and not report.on
        else:
            anchor.unsure = True
        return Stretch(
            planned_ms=delivery.planned_ms,
            elapsed_ms=self.elapsed_ms(delivery),
            known_ms=delivery.ran_ms,
            proven=delivery.state is DeliveryState.ON,
            unsure=anchor.unsure,
        )

    def _anchored(self, delivery: Delivery) -> _Anchor:
        """Return the stretch's anchor; after a restart, make one from the ledger.

        A clock that is behind the ledger is not trusted: the checkpoint decides.
        """
        if self._anchor is None or self._anchor.delivery_id != delivery.id:
            now_ms = self._clock.now_ms()
            trusted = now_ms >= delivery.checkpoint_ms
            gone_ms = now_ms - delivery.started_ms if trusted else delivery.ran_ms
            began_ms = self._clock.monotonic_ms() - gone_ms
            self._anchor = _Anchor(delivery.id, began_ms, unsure=True)
            self._guard(delivery.order_id, delivery.planned_ms - gone_ms)
        return self._anchor

    def elapsed_ms(self, delivery: Delivery) -> int:
        """Count by the device if it does, else by the monotonic clock."""
        report = self._driver.report()
        mine = report.contact and report.order_id == delivery.order_id
        if mine and report.remaining_ms is not None:
            return delivery.planned_ms - report.remaining_ms
        anchor = self._anchored(delivery)
        if anchor.frozen_ms is not None:
            return anchor.frozen_ms
        return self._clock.monotonic_ms() - anchor.began_ms

    def _guard(self, order_id: str, for_ms: int) -> None:
        if self._cancel_guard:
            self._cancel_guard()
        grace_ms = DEVICE_GRACE_MS if self._driver.keeps_time else 0
        delay_ms = max(0, for_ms) + grace_ms + GUARD_MS
        self._cancel_guard = self._clock.call_later(
            delay_ms, lambda: self._on_overdue(order_id)
        )

    def _paused(self, desk: Desk) -> _Pause | None:
        if desk.order is None:
            self._pause = None
        elif self._pause is None or self._pause.order_id != desk.order.id:
            gone_ms = max(0, self._clock.now_ms() - desk.ended_ms)
            began_ms = self._clock.monotonic_ms() - gone_ms
            self._pause = _Pause(desk.order.id, began_ms)
        return self._pause

    def _resume_in_ms(self, order: Order | None, pause: _Pause | None) -> int | None:
        """Try a lost device again and again, against a human's hand only once."""
        if pause is None or order is None:
            return 0
        if order.reason not in _DEVICE_REASONS and pause.tries <= 0:
            return None
        return max(0, pause.next_try_ms - self._clock.monotonic_ms())

    def _ends_ms(self, desk: Desk) -> int | None:
        """Return the end of the stretch; the same one until it really moves."""
        if desk.delivery is None:
            self._ends = None
            return None
        elapsed_ms = self.elapsed_ms(desk.delivery)
        ends_ms = self._clock.now_ms() + desk.delivery.planned_ms - elapsed_ms
        known_id, known_ms = self._ends or (None, 0)
        if known_id == desk.delivery.id and abs(known_ms - ends_ms) < _SAME_END_MS:
            return known_ms
        self._ends = desk.delivery.id, ends_ms
        return ends_ms


def _status(desk: Desk, report: RelayReport, problem: str | None) -> BayStatus:
    if not report.contact:
        return BayStatus.OFFLINE
    if desk.delivery is not None:
        proven = desk.delivery.state is DeliveryState.ON
        return BayStatus.CHARGING if proven else BayStatus.STARTING
    if desk.order is not None:
        return BayStatus.PAUSED
    if report.fault or problem:
        return BayStatus.PROBLEM
    if desk.waiting:
        return BayStatus.STARTING
    return BayStatus.RESERVED if desk.offered else BayStatus.AVAILABLE
