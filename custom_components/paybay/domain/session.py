"""What a bay should do next: one pure function of everything it knows.

The bay asks after every change (a payment, a relay report, a timer, a restart) and
does the one thing it is told. A restart is no special case: the view is rebuilt from
the ledger and the relay's report, and the same rules answer.
"""

from .actions import Action, End, Start, SwitchOff, Wait
from .orders import Order
from .stretches import decide_in_stretch
from .view import Stretch, View
from .waiting import decide_waiting

ENERGY_USED = "energy_used"
"""Why an order ended that had the energy it was sold, before its time was over."""


def decide(view: View) -> Action:
    """Return the one thing to do now."""
    if view.order is not None and view.stretch is not None:
        if _is_used_up(view, view.stretch):
            return End(view.stretch.elapsed_ms, ENERGY_USED, complete=True)
        return decide_in_stretch(view, view.order, view.stretch)
    if view.order is not None:
        return _paused(view, view.order)
    if view.waiting is not None:
        return decide_waiting(view, view.waiting)
    if view.report.contact and view.report.on:
        return SwitchOff()
    return Wait()


def _is_used_up(view: View, stretch: Stretch) -> bool:
    """Return whether the order had its energy before its time; that ends it, served."""
    left_mwh, report = view.energy_left_mwh, view.report
    runs = report.contact and report.on and stretch.proven
    in_time = stretch.elapsed_ms < stretch.planned_ms
    return left_mwh is not None and left_mwh <= 0 and bool(runs) and in_time


def _paused(view: View, order: Order) -> Action:
    """Go on when the relay can; give the rest back when the window is over."""
    if order.energy_left_mwh == 0:
        return End(0, ENERGY_USED, complete=True)
    if order.stop_reason is not None:
        return End(0, order.stop_reason, complete=False)
    left_ms = view.config.resume_window_s * 1000 - view.paused_ms
    if left_ms <= 0:
        return End(0, "not_resumed", complete=False)
    ready = view.report.contact and view.report.fault is None
    if ready and view.report.on and view.rest_ms > 0:
        # A device that runs the order counts it; anything else would be for nothing.
        mine = view.report.order_id == order.id
        return Wait(min(left_ms, view.rest_ms)) if mine else SwitchOff()
    if ready and (view.report.on or view.resume_in_ms == 0):
        return Start(order, order.left_ms)
    return Wait(min(left_ms, view.resume_in_ms or left_ms))
