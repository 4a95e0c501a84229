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
from ..domain.session import DEVICE_GRACE_MS, INTERRUPTED, Stretch, View
from ..drivers.base import RelayDriver
from ..ledger.deliveries import Delivery, DeliveryState
from ..ledger.sessions import Desk

GUARD_MS = 1_000
"""How long after the planned end the guard switches off on its own."""
RESUME_PAUSE_MS = 15_000
_DEVICE_REASONS = frozenset({INTERRUPTED, "device_forgot"})
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
    order_id: str
    planned_ms: int
    began_ms: int
    unsure: bool
    off_ms: int | None = None
    frozen_ms: int | None = None


@dataclass(slots=True)
class _Pause:
    """When a pause began, and how many tries of our own are left."""

    order_id: str
    ended_ms: int
    began_ms: int
    tries: int = 1
    next_try_ms: int = 0


@dataclass(slots=True)
class _Windows:
    """Until when a waiting order may start and be claimed, on the monotonic clock."""

    start_by_ms: int
    claim_by_ms: int


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
        self._windows: dict[str, _Windows] = {}
        self._cancel_guard: Callable[[], None] | None = None
        self._ends: tuple[int, int] | None = None

    def look(self, desk: Desk) -> View:
        """Put together everything a decision depends on."""
        report = self._driver.report()
        stretch = self._stretch(desk)
        pause = self._paused(desk) if stretch is None else None
        mono_ms = self._clock.monotonic_ms()
        claimed = (order for order in desk.waiting if order.claimed_by)
        waiting = next(claimed, next(iter(desk.waiting), None))
        windows = self._waiting(desk).get(waiting.id) if waiting else None
        return View(
            config=self._config,
            report=report,
            keeps_time=self._driver.keeps_time,
            order=desk.order,
            stretch=stretch,
            paused_ms=mono_ms - pause.began_ms if pause else 0,
            resume_in_ms=self._resume_in_ms(desk.order, pause),
            waiting=waiting,
            start_window_ms=windows.start_by_ms - mono_ms if windows else 0,
            claim_window_ms=windows.claim_by_ms - mono_ms if windows else 0,
        )

    def begin(self, delivery: Delivery, extra_ms: int = 0) -> None:
        """Count a stretch from now on, and guard its end before any network.

        `extra_ms` is what the proof of start may take.
        """
        self._anchor = self._anchor_of(delivery, gone_ms=0, unsure=False)
        self._guard(delivery.order_id, delivery.planned_ms + extra_ms)

    def glance(self) -> None:
        """Meter a relay that was seen to change, before any turn gets to it."""
        anchor, report = self._anchor, self._driver.report()
        if anchor is None:
            return
        if not report.contact:
            anchor.unsure = True
            self._go_on(anchor)
        elif report.on:
            anchor.unsure = False
            self._go_on(anchor)
        elif anchor.off_ms is None and not self._driver.keeps_time:
            anchor.off_ms = self._clock.monotonic_ms()

    def guard_again(self) -> None:
        """Guard an end that has passed while turns fail."""
        anchor, report = self._anchor, self._driver.report()
        if anchor is None or not report.on or self._cancel_guard is not None:
            return
        if self._clock.monotonic_ms() - anchor.began_ms >= anchor.planned_ms:
            self._guard(anchor.order_id, 0)

    def _go_on(self, anchor: _Anchor) -> None:
        """Leave the time a relay was seen off out of its stretch."""
        if anchor.off_ms is None:
            return
        mono_ms = self._clock.monotonic_ms()
        anchor.began_ms += mono_ms - anchor.off_ms
        anchor.off_ms = None
        left_ms = anchor.planned_ms - (mono_ms - anchor.began_ms)
        self._guard(anchor.order_id, left_ms)

    def freeze(self) -> None:
        """Stop counting and guarding: the relay is being switched off."""
        self._unguard()
        if self._anchor and self._anchor.frozen_ms is None:
            gone_ms = self._clock.monotonic_ms() - self._anchor.began_ms
            self._anchor.frozen_ms = gone_ms

    def forget(self) -> None:
        """Stop counting and guarding."""
        self._anchor = None
        self._unguard()

    def _unguard(self) -> None:
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

    def _stretch(self, desk: Desk) -> Stretch | None:
        delivery = desk.delivery
        if delivery is None:
            self.forget()
            return None
        anchor = self._anchored(delivery)
        self.glance()
        return Stretch(
            planned_ms=delivery.planned_ms,
            elapsed_ms=self.elapsed_ms(delivery),
            known_ms=delivery.ran_ms,
            proven=delivery.state is DeliveryState.ON,
            unsure=anchor.unsure,
            accounted_ms=desk.accounted_ms,
        )

    def _anchored(self, delivery: Delivery) -> _Anchor:
        """Return the stretch's anchor; after a restart, make one from the ledger.

        Only the time since the checkpoint is taken from the wall clock, which may
        have been set before; one that is behind the checkpoint is not trusted at all.
        """
        if self._anchor is None or self._anchor.delivery_id != delivery.id:
            unseen_ms = max(0, self._clock.now_ms() - delivery.checkpoint_ms)
            gone_ms = delivery.ran_ms + unseen_ms
            self._anchor = self._anchor_of(delivery, gone_ms, unsure=True)
            self._guard(delivery.order_id, delivery.planned_ms - gone_ms)
        return self._anchor

    def _anchor_of(self, delivery: Delivery, gone_ms: int, *, unsure: bool) -> _Anchor:
        return _Anchor(
            delivery.id,
            delivery.order_id,
            delivery.planned_ms,
            self._clock.monotonic_ms() - gone_ms,
            unsure,
        )

    def elapsed_ms(self, delivery: Delivery) -> int:
        """Count by the device while it has time left, else by the monotonic clock."""
        report = self._driver.report()
        mine = report.contact and report.order_id == delivery.order_id
        if mine and report.remaining_ms is not None and report.remaining_ms > 0:
            return delivery.planned_ms - report.remaining_ms
        anchor = self._anchored(delivery)
        if anchor.frozen_ms is not None:
            return anchor.frozen_ms
        until_ms = anchor.off_ms or self._clock.monotonic_ms()
        return until_ms - anchor.began_ms

    def _guard(self, order_id: str, for_ms: int) -> None:
        if self._cancel_guard:
            self._cancel_guard()
        grace_ms = DEVICE_GRACE_MS if self._driver.keeps_time else 0
        delay_ms = max(0, for_ms) + grace_ms + GUARD_MS
        self._cancel_guard = self._clock.call_later(
            delay_ms, lambda: self._unheeded(order_id)
        )

    def _unheeded(self, order_id: str) -> None:
        self._cancel_guard = None
        self._on_overdue(order_id)

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

    def _waiting(self, desk: Desk) -> dict[str, _Windows]:
        """Take over the windows of orders that wait for the relay and nobody else.

        No window ends later than a full one from now, whatever the wall clock says.
        """
        free = () if desk.order else desk.waiting
        self._windows = {o.id: self._windows.get(o.id) or self._open(o) for o in free}
        return self._windows

    def _open(self, order: Order) -> _Windows:
        now_ms, mono_ms = self._clock.now_ms(), self._clock.monotonic_ms()
        start_ms = (order.start_by_ms or 0) - now_ms
        claim_ms = (order.claim_by_ms or 0) - now_ms
        return _Windows(
            mono_ms + min(start_ms, self._config.start_window_s * 1000),
            mono_ms + min(claim_ms, self._config.claim_window_s * 1000),
        )

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
