"""What a bay shows."""

from dataclasses import dataclass

from ..domain.bay import BayStatus
from ..domain.clock import Clock
from ..domain.relays import RelayReport
from ..ledger.deliveries import DeliveryState
from ..ledger.sessions import Desk
from .stretch_clock import StretchClock

_SAME_END_MS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a bay shows. `ends_ms` is Unix time, only while a session runs."""

    status: BayStatus
    ends_ms: int | None = None
    order_id: str | None = None


class FacePainter:
    """Makes faces; an end that has not really moved is shown as before."""

    def __init__(self, stretch: StretchClock, clock: Clock) -> None:
        """Read the running stretch."""
        self._stretch = stretch
        self._clock = clock
        self._ends: tuple[int, int] | None = None

    def paint(self, desk: Desk, report: RelayReport, problem: str | None) -> Face:
        """Return what to show now."""
        order_id = desk.order.id if desk.order else None
        status = _status(desk, report, problem)
        return Face(status=status, ends_ms=self._ends_ms(desk), order_id=order_id)

    def _ends_ms(self, desk: Desk) -> int | None:
        """Return the end of the stretch; the same one until it really moves."""
        if desk.delivery is None:
            self._ends = None
            return None
        elapsed_ms = self._stretch.elapsed_ms(desk.delivery)
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
