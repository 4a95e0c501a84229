"""How long the relay has been on for an order, and a guard on its end.

The ledger has wall-clock times; a running stretch counts by the monotonic clock, which
a wrong or late-set wall clock cannot lengthen or cut. This is where one becomes the
other, once, when a stretch is first seen.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.clock import Clock
from ..domain.view import DEVICE_GRACE_MS
from ..drivers.base import RelayDriver
from ..ledger.deliveries import Delivery

GUARD_MS = 1_000
"""How long after the planned end the guard switches off on its own."""


@dataclass(slots=True)
class _Anchor:
    """When a stretch began, on the monotonic clock.

    `span_ms` is how long the relay may be on from then, for all who queue.
    """

    delivery_id: int
    session_id: str
    span_ms: int
    began_ms: int
    unsure: bool
    off_ms: int | None = None
    frozen_ms: int | None = None
    on_since_ms: int | None = None
    seen_on_ms: int = 0


class StretchClock:
    """Counts the open stretch of one bay and guards its end."""

    def __init__(
        self, driver: RelayDriver, clock: Clock, on_overdue: Callable[[str], None]
    ) -> None:
        """`on_overdue` gets the id of a session that nobody ended in time."""
        self._driver = driver
        self._clock = clock
        self._on_overdue = on_overdue
        self._anchor: _Anchor | None = None
        self._cancel_guard: Callable[[], None] | None = None

    @property
    def session_id(self) -> str | None:
        """Return the session that the relay is on for, as far as is known here."""
        return self._anchor.session_id if self._anchor else None

    def begin(self, delivery: Delivery, *, extra_ms: int = 0, gone_ms: int = 0) -> None:
        """Count a stretch from now on, and guard its end before any network.

        `extra_ms` is what the proof of start may take, `gone_ms` what the relay was on
        before there was proof.
        """
        self._anchor = self._anchor_of(delivery, gone_ms=gone_ms, unsure=False)
        self._guard(self._anchor, extra_ms)

    def hold(self, delivery: Delivery, total_ms: int) -> None:
        """Guard the end of a session that shall last `total_ms` in all."""
        anchor = self._anchored(delivery)
        anchor.span_ms = total_ms - delivery.offset_ms
        self._guard(anchor)

    def hand_over(self, delivery: Delivery, following: Delivery) -> None:
        """Count for the next order from where this one's time ended."""
        anchor = self._anchored(delivery)
        anchor.delivery_id = following.id
        anchor.span_ms -= delivery.planned_ms
        anchor.began_ms += delivery.planned_ms

    def look(self, delivery: Delivery) -> tuple[int, bool]:
        """Return how long a stretch has lasted, and whether that is unsure.

        It is until the relay was seen on after a restart or a lost contact.
        """
        anchor = self._anchored(delivery)
        self.glance()
        return self.elapsed_ms(delivery), anchor.unsure

    def glance(self) -> None:
        """Meter a relay that was seen to change, before any turn gets to it."""
        anchor, report = self._anchor, self._driver.report()
        if anchor is None:
            return
        self._meter(anchor, on=bool(report.contact and report.on))
        if not report.contact:
            anchor.unsure = True
            self._go_on(anchor)
        elif report.on:
            anchor.unsure = False
            self._go_on(anchor)
        elif anchor.off_ms is None and not self._driver.keeps_time:
            anchor.off_ms = self._clock.monotonic_ms()

    def _meter(self, anchor: _Anchor, *, on: bool) -> None:
        """Count the time a relay was seen on, proof or not."""
        mono_ms = self._clock.monotonic_ms()
        if anchor.on_since_ms is not None:
            anchor.seen_on_ms += mono_ms - anchor.on_since_ms
        anchor.on_since_ms = mono_ms if on else None

    def seen_on_ms(self) -> int:
        """Return how long a plain switch was seen on since the stretch was begun."""
        self.glance()
        if self._anchor is None or self._driver.keeps_time:
            return 0
        return self._anchor.seen_on_ms

    def guard_again(self) -> None:
        """Guard an end that has passed while turns fail."""
        anchor, report = self._anchor, self._driver.report()
        if anchor is None or not report.on or self._cancel_guard is not None:
            return
        if self._clock.monotonic_ms() - anchor.began_ms >= anchor.span_ms:
            self._guard(anchor)

    def _go_on(self, anchor: _Anchor) -> None:
        """Leave the time a relay was seen off out of its stretch."""
        if anchor.off_ms is None:
            return
        anchor.began_ms += self._clock.monotonic_ms() - anchor.off_ms
        anchor.off_ms = None
        self._guard(anchor)

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

    def _anchored(self, delivery: Delivery) -> _Anchor:
        """Return the stretch's anchor; after a restart, make one from the ledger.

        Only the time since the checkpoint is taken from the wall clock, which may
        have been set before; one that is behind the checkpoint is not trusted at all.
        """
        if self._anchor is None or self._anchor.delivery_id != delivery.id:
            unseen_ms = max(0, self._clock.now_ms() - delivery.checkpoint_ms)
            gone_ms = delivery.ran_ms + unseen_ms
            self._anchor = self._anchor_of(delivery, gone_ms, unsure=True)
            self._guard(self._anchor)
        return self._anchor

    def _anchor_of(self, delivery: Delivery, gone_ms: int, *, unsure: bool) -> _Anchor:
        return _Anchor(
            delivery.id,
            delivery.session_id,
            delivery.longest_ms - delivery.offset_ms,
            self._clock.monotonic_ms() - gone_ms,
            unsure,
        )

    def elapsed_ms(self, delivery: Delivery) -> int:
        """Count by the device while it has time left, else by the monotonic clock."""
        ran_ms, left_ms = self._by_device(delivery)
        if left_ms > 0:
            return ran_ms - delivery.offset_ms
        anchor = self._anchored(delivery)
        if anchor.frozen_ms is not None:
            return anchor.frozen_ms
        until_ms = anchor.off_ms or self._clock.monotonic_ms()
        return until_ms - anchor.began_ms

    def given_ms(self, delivery: Delivery) -> int | None:
        """Return how long in all the device says the session will last."""
        ran_ms, left_ms = self._by_device(delivery)
        return ran_ms + left_ms if left_ms > 0 else None

    def _by_device(self, delivery: Delivery) -> tuple[int, int]:
        """Return what a device says the session has run and has left; 0 if nothing.

        One that does not count up is taken to have the end it was last given.
        """
        report = self._driver.report()
        mine = report.contact and report.order_id == delivery.session_id
        if not mine or report.remaining_ms is None or report.remaining_ms <= 0:
            return 0, 0
        if report.ran_ms is None:
            return delivery.granted_ms - report.remaining_ms, report.remaining_ms
        return report.ran_ms, report.remaining_ms

    def _guard(self, anchor: _Anchor, extra_ms: int = 0) -> None:
        """Have the relay switched off soon after its session's end, come what may."""
        self._unguard()
        left_ms = anchor.began_ms + anchor.span_ms - self._clock.monotonic_ms()
        grace_ms = DEVICE_GRACE_MS if self._driver.keeps_time else 0
        self._cancel_guard = self._clock.call_later(
            max(0, left_ms + extra_ms) + grace_ms + GUARD_MS,
            lambda: self._unheeded(anchor.session_id),
        )

    def _unheeded(self, session_id: str) -> None:
        self._cancel_guard = None
        self._on_overdue(session_id)
