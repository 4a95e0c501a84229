"""Where one order ends and the next goes on, the relay staying on."""

from .actions import Extend, HandOver
from .orders import Order
from .view import CRUMB_MS, Stretch, View

EXACT_MS = 1_500
"""How far a device's end may be off what we asked for: some count whole seconds."""


def following(view: View, stretch: Stretch) -> Order | None:
    """Return the order that follows in this session, if one was promised that."""
    joined = (o for o in view.queue if o.session_id == stretch.session_id)
    return next(joined, None)


def crossed(
    view: View, stretch: Stretch, until_ms: int, reason: str = "time_up"
) -> HandOver | None:
    """Hand over if the session reaches into the next order's time.

    `until_ms` is where the session ended or will end, counted like `elapsed_ms`.
    """
    heir = following(view, stretch)
    if heir is None or until_ms - stretch.planned_ms <= CRUMB_MS:
        return None
    return HandOver(heir, reason)


def extension(view: View, stretch: Stretch) -> Extend | None:
    """Return how the session's end must move so that all who queue are served in it."""
    total_ms, queue = _wanted(view, stretch)
    joining = tuple(o for o in queue if o.session_id != stretch.session_id)
    given_ms = stretch.granted_ms if stretch.given_ms is None else stretch.given_ms
    holds = stretch.granted_ms == total_ms and abs(given_ms - total_ms) <= EXACT_MS
    if holds and not joining:
        return None
    return Extend(total_ms, joining)


def _wanted(view: View, stretch: Stretch) -> tuple[int, tuple[Order, ...]]:
    """Return how long the session should last, and for whom beyond this order.

    What the device cannot take starts anew when it has ended.
    """
    total_ms, count = stretch.end_ms, 0
    for order in view.queue:
        longer_ms = total_ms + order.left_ms
        if view.report.max_ms is not None and longer_ms > view.report.max_ms:
            break
        total_ms, count = longer_ms, count + 1
    return total_ms, view.queue[:count]
