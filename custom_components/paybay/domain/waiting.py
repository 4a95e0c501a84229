"""What becomes of a paid order that waits for its relay."""

from .actions import Action, GiveUp, Start, SwitchOff, Wait
from .bay import ClaimFallback, StartMode
from .orders import ClaimedBy, Order
from .view import View


def decide_waiting(view: View, order: Order) -> Action:
    """Start a paid order once somebody decided so, within its start window."""
    window_ms = view.start_window_ms
    if window_ms <= 0:
        return GiveUp(order, "start_window")
    if order.claimed_by is ClaimedBy.REFUSED:
        return GiveUp(order, "unclaimed")
    if not view.report.contact or view.report.fault is not None:
        return Wait(window_ms)
    return _in_contact(view, order, window_ms)


def _in_contact(view: View, order: Order, window_ms: int) -> Action:
    """Judge an order by what its relay says."""
    longest_ms = view.report.max_ms
    if longest_ms is not None and order.left_ms > longest_ms:
        return GiveUp(order, "too_long")
    # A device that missed the end of somebody else's session would refuse ours.
    stray = view.report.order_id not in (None, order.id)
    if stray or (view.clock_behind and view.report.on):
        return SwitchOff()
    if view.clock_behind:
        return Wait(window_ms)
    return _ready(view, order, window_ms)


def _ready(view: View, order: Order, window_ms: int) -> Action:
    if order.claimed_by is not None:
        return Start(order, order.left_ms)
    return _claim(view, order, window_ms)


def _claim(view: View, order: Order, window_ms: int) -> Action:
    """Say who starts an order that nobody has claimed yet."""
    if view.config.start_mode is StartMode.DIRECT:
        return Start(order, order.left_ms, ClaimedBy.DIRECT)
    if view.report.on:
        return Start(order, order.left_ms, ClaimedBy.RELAY)
    return _unclaimed(view, order, window_ms)


def _unclaimed(view: View, order: Order, window_ms: int) -> Action:
    """Leave the order to the owner's automation until the claim window is over."""
    if view.claim_window_ms > 0:
        return Wait(min(view.claim_window_ms, window_ms))
    if view.config.claim_fallback is ClaimFallback.START:
        return Start(order, order.left_ms, ClaimedBy.FALLBACK)
    return GiveUp(order, "unclaimed", ClaimedBy.REFUSED)
