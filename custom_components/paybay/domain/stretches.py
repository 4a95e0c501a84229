"""What becomes of an order whose relay was switched on: delivered so far, or not."""

from .actions import Abandon, Action, Adopt, End, HandOver, Pause, StopDevice, Wait
from .orders import Order
from .relays import DeviceAccount, DeviceOutcome
from .seam import crossed, extension, following
from .view import CRUMB_MS, DEVICE_GRACE_MS, INTERRUPTED, Stretch, View


def decide_in_stretch(view: View, order: Order, stretch: Stretch) -> Action:
    """Return the one thing to do while a stretch is open."""
    if not view.report.contact:
        return _out_of_contact(view, order, stretch)
    if view.keeps_time:
        return _by_device(view, order, stretch)
    return _by_switch(view, order, stretch)


def _out_of_contact(view: View, order: Order, stretch: Stretch) -> Action:
    """Wait: what was delivered is unknown, up to the resume window.

    A device that never reports counts as having run to the end it was given, though
    its answer to that got lost. One that should be stopped is not waited for beyond
    that end; a plain switch has nothing to report, and what we believe is all there
    will ever be.
    """
    believed_ms = max(stretch.granted_ms, stretch.asked_ms) - stretch.offset_ms
    if order.stop_reason is not None and not view.keeps_time:
        return _stopped(view, order, stretch, stretch.elapsed_ms)
    patience_ms = 0 if order.stop_reason else view.config.resume_window_s * 1000
    left_ms = believed_ms + patience_ms - stretch.elapsed_ms
    if left_ms > 0:
        return Wait(left_ms)
    if handed := crossed(view, stretch, believed_ms, "unreported"):
        return handed
    return End(stretch.planned_ms, "unreported", complete=True, unreported=True)


def _by_switch(view: View, order: Order, stretch: Stretch) -> Action:
    """Judge a plain switch: on counts by the clock, off ends the stretch."""
    if not view.report.on:
        return _switch_is_off(view, order, stretch)
    if stretch.elapsed_ms >= stretch.planned_ms:
        if heir := following(view, stretch):
            return HandOver(heir) if stretch.proven else Adopt()
        return End(stretch.planned_ms, "time_up", complete=True)
    if not stretch.proven:
        return Adopt()
    if order.stop_reason is not None:
        return _stopped(view, order, stretch, stretch.elapsed_ms)
    return _go_on(view, stretch, 0)


def _switch_is_off(view: View, order: Order, stretch: Stretch) -> Action:
    if not stretch.proven:
        return _never_began(order)
    # Found off after a restart or a lost contact: only the checkpoint is certain.
    ran_ms = stretch.known_ms if stretch.unsure else stretch.elapsed_ms
    if order.stop_reason is not None:
        return _stopped(view, order, stretch, ran_ms)
    return _closed(view, stretch, ran_ms, "relay_off")


def _by_device(view: View, order: Order, stretch: Stretch) -> Action:
    """Judge a device that keeps count: its own account wins."""
    if view.report.order_id == stretch.session_id:
        return _device_runs(view, order, stretch)
    account = view.report.account
    mine = account is not None and account.order_id == stretch.session_id
    if account is not None and mine and not _is_known(stretch, account):
        return _device_ended(view, order, stretch, account)
    if not stretch.proven:
        return _never_began(order)
    if order.stop_reason is not None:
        return _stopped(view, order, stretch, stretch.known_ms)
    return _closed(view, stretch, stretch.known_ms, "device_forgot")


def _is_known(stretch: Stretch, account: DeviceAccount) -> bool:
    """Whether an account is still the one of the stretch before this."""
    interrupted = account.outcome is DeviceOutcome.INTERRUPTED
    return interrupted and not stretch.proven and account.ran_ms == stretch.accounted_ms


def _device_runs(view: View, order: Order, stretch: Stretch) -> Action:
    if not stretch.proven:
        return Adopt()
    if stretch.elapsed_ms >= stretch.planned_ms:
        return _device_is_past_the_end(view, stretch)
    if order.stop_reason is not None:
        return StopDevice()
    return _go_on(view, stretch, DEVICE_GRACE_MS)


def _device_is_past_the_end(view: View, stretch: Stretch) -> Action:
    """Go on with the next order if the device will, else wait for it to end."""
    given_ms = stretch.granted_ms if stretch.given_ms is None else stretch.given_ms
    until_ms = given_ms - stretch.offset_ms
    if handed := crossed(view, stretch, until_ms):
        return handed
    left_ms = stretch.planned_ms + DEVICE_GRACE_MS - stretch.elapsed_ms
    if left_ms > 0 and until_ms - stretch.planned_ms <= DEVICE_GRACE_MS:
        return Wait(left_ms)
    return End(stretch.planned_ms, "time_up", complete=True)


def _device_ended(
    view: View, order: Order, stretch: Stretch, account: DeviceAccount
) -> Action:
    """Split the device's account: what is beyond this order is the next one's."""
    ran_ms = account.ran_ms - stretch.offset_ms
    if handed := crossed(view, stretch, ran_ms):
        return handed
    ran_ms = min(max(0, ran_ms), stretch.planned_ms)
    short_ms = stretch.planned_ms - ran_ms
    if account.outcome is DeviceOutcome.COMPLETED and short_ms <= DEVICE_GRACE_MS:
        return End(stretch.planned_ms, "time_up", complete=True)
    if order.stop_reason is not None:
        return _stopped(view, order, stretch, ran_ms)
    match account.outcome:
        case DeviceOutcome.STOPPED:
            return End(ran_ms, "switched_off", complete=False)
        case DeviceOutcome.FAULT:
            return End(ran_ms, "device_fault", complete=False)
        case DeviceOutcome.INTERRUPTED | DeviceOutcome.COMPLETED:
            return _closed(view, stretch, ran_ms, INTERRUPTED)


def _go_on(view: View, stretch: Stretch, grace_ms: int) -> Action:
    """Move the relay's end to where it should be, or wait for it."""
    heir = following(view, stretch)
    left_ms = stretch.planned_ms - stretch.elapsed_ms + (0 if heir else grace_ms)
    extend = extension(view, stretch)
    if extend is None:
        return Wait(left_ms)
    if stretch.extend_in_ms > 0:
        return Wait(min(left_ms, stretch.extend_in_ms))
    return extend


def _never_began(order: Order) -> Action:
    if order.stop_reason is not None:
        return End(0, order.stop_reason, complete=False)
    return Abandon("not_started")


def _stopped(view: View, order: Order, stretch: Stretch, ran_ms: int) -> Action:
    """End what somebody asked to end, as of what it had by then."""
    if handed := crossed(view, stretch, ran_ms):
        return handed
    reason = order.stop_reason or "stopped_by_owner"
    if stretch.planned_ms - ran_ms <= 0:
        return End(stretch.planned_ms, "time_up", complete=True)
    return End(max(0, ran_ms), reason, complete=False)


def _closed(view: View, stretch: Stretch, ran_ms: int, reason: str) -> Action:
    if handed := crossed(view, stretch, ran_ms):
        return handed
    if stretch.planned_ms - ran_ms <= CRUMB_MS:
        return End(stretch.planned_ms, "time_up", complete=True)
    return Pause(ran_ms, reason, stretch.unsure)
