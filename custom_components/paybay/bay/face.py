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
    """What a bay shows. Ends are Unix times, only while a session runs.

    `ends_ms` is when the relay goes off, `order_ends_ms` when the order that has it
    now has had all it paid for; others may follow it. `waiting` counts paid orders
    that have not begun. `fault` is the device's own word for what is wrong with it.
    """

    status: BayStatus
    ends_ms: int | None = None
    order_ends_ms: int | None = None
    order_id: str | None = None
    fault: str | None = None
    in_service: bool = True
    waiting: int = 0

    @property
    def in_reach(self) -> bool:
        """Return whether the device is heard of."""
        return self.status is not BayStatus.OFFLINE


class FacePainter:
    """Makes faces; an end that has not really moved is shown as before."""

    def __init__(self, stretch: StretchClock, clock: Clock) -> None:
        """Read the running stretch."""
        self._stretch = stretch
        self._clock = clock
        self._ends: dict[str, int] = {}

    def paint(self, desk: Desk, report: RelayReport, problem: str | None) -> Face:
        """Return what to show now."""
        order_id = desk.order.id if desk.order else None
        status = _status(desk, report, problem)
        session_ends_ms, order_ends_ms = self._ends_ms(desk)
        return Face(
            status=status,
            ends_ms=session_ends_ms,
            order_ends_ms=order_ends_ms,
            order_id=order_id,
            fault=report.fault,
            in_service=desk.in_service,
            waiting=len(desk.waiting),
        )

    def _ends_ms(self, desk: Desk) -> tuple[int | None, int | None]:
        """Return the ends of the session and of its present order."""
        delivery = desk.delivery
        if delivery is None:
            self._ends = {}
            return None, None
        began_ms = self._clock.now_ms() - self._stretch.elapsed_ms(delivery)
        session_ms = began_ms + delivery.granted_ms - delivery.offset_ms
        known, session = self._ends, f"session {delivery.session_id}"
        self._ends = {
            session: _same(known.get(session), session_ms),
            delivery.order_id: _same(
                known.get(delivery.order_id), began_ms + delivery.planned_ms
            ),
        }
        return self._ends[session], self._ends[delivery.order_id]


def _same(known_ms: int | None, ends_ms: int) -> int:
    """Return an end as it was known, until it really moves."""
    if known_ms is not None and abs(known_ms - ends_ms) < _SAME_END_MS:
        return known_ms
    return ends_ms


def _status(desk: Desk, report: RelayReport, problem: str | None) -> BayStatus:
    if not desk.in_service and desk.order is None and not desk.waiting:
        return BayStatus.OUT_OF_SERVICE
    return _at_work(desk, report, problem)


def _at_work(desk: Desk, report: RelayReport, problem: str | None) -> BayStatus:
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
