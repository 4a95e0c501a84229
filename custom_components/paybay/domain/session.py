"""What a bay should do next: one pure function of everything it knows.

The bay asks after every change (a payment, a relay report, a timer, a restart) and
does the one thing it is told. A restart is no special case: the view is rebuilt from
the ledger and the relay's report, and the same rules answer.
"""

from dataclasses import dataclass

from .bay import BayConfig, ClaimFallback, StartMode
from .orders import ClaimedBy, Order
from .relays import DeviceAccount, DeviceOutcome, RelayReport

DEVICE_GRACE_MS = 2_000
"""How long a device that keeps time may report its own end before we end it."""
INTERRUPTED = "interrupted"
"""Why a stretch ended that a device cut short and gave an account of."""
CRUMB_MS = 200
"""A rest too short to be worth another switching of the relay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An open delivery: `elapsed_ms` of `planned_ms`, by the monotonic clock.

    `known_ms` is what was certainly delivered: the last checkpoint. `unsure` until
    the relay was seen on after a restart or a lost contact. `accounted_ms` is the
    order's interruption before this stretch: a device tells of it until the next.
    """

    planned_ms: int
    elapsed_ms: int
    known_ms: int
    proven: bool
    unsure: bool = False
    accounted_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a decision may depend on.

    `order` is the one that has the relay (an open stretch, or paused); `waiting` the
    first paid one that has not, a claimed one before others. `start_window_ms` and
    `claim_window_ms` are what is left of its windows. `paused_ms` is how long the
    pause has lasted, and `resume_in_ms` when to try by ourselves again (None: not
    without a human).
    """

    config: BayConfig
    report: RelayReport
    keeps_time: bool
    order: Order | None = None
    stretch: Stretch | None = None
    paused_ms: int = 0
    resume_in_ms: int | None = 0
    waiting: Order | None = None
    start_window_ms: int = 0
    claim_window_ms: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing; look again after `for_ms`, or when something changes."""

    for_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Switch on for a waiting or paused order; `claim` says who decided it."""

    order: Order
    for_ms: int
    claim: ClaimedBy | None = None


@dataclass(frozen=True, slots=True)
class Adopt:
    """The relay is already on for the open stretch: record the proof."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Close the open stretch at `ran_ms`; the rest stays owed.

    `unsure`: it may have ended long ago, `ran_ms` after it began.
    """

    ran_ms: int
    reason: str
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Close the order: completed if it had all it was owed, else stopped."""

    ran_ms: int
    reason: str
    complete: bool
    unreported: bool = False


@dataclass(frozen=True, slots=True)
class Abandon:
    """Close a stretch that never began; its order waits again."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A paid order will not be served: it is owed its money."""

    order: Order
    reason: str
    claim: ClaimedBy | None = None


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """The relay is on for nobody."""


type Action = Wait | Start | Adopt | Pause | End | Abandon | GiveUp | SwitchOff


def decide(view: View) -> Action:
    """Return the one thing to do now."""
    if view.order is not None and view.stretch is not None:
        return _in_stretch(view, view.order, view.stretch)
    if view.order is not None:
        return _paused(view, view.order)
    if view.waiting is not None:
        return _waiting(view, view.waiting)
    if view.report.contact and view.report.on:
        return SwitchOff()
    return Wait()


def _in_stretch(view: View, order: Order, stretch: Stretch) -> Action:
    if not view.report.contact:
        return _out_of_contact(view, stretch)
    if view.keeps_time:
        return _by_device(view, order, stretch)
    return _by_switch(view, stretch)


def _out_of_contact(view: View, stretch: Stretch) -> Action:
    """Wait: what was delivered is unknown, up to the resume window.

    A device that never reports counts as having run to the end it was given.
    """
    patience_ms = view.config.resume_window_s * 1000
    left_ms = stretch.planned_ms + patience_ms - stretch.elapsed_ms
    if left_ms > 0:
        return Wait(left_ms)
    return End(stretch.planned_ms, "unreported", complete=True, unreported=True)


def _by_switch(view: View, stretch: Stretch) -> Action:
    """Judge a plain switch: on counts by the clock, off ends the stretch."""
    if not view.report.on:
        if not stretch.proven:
            return Abandon("not_started")
        # Found off after a restart or a lost contact: only the checkpoint is certain.
        ran_ms = stretch.known_ms if stretch.unsure else stretch.elapsed_ms
        return _closed(stretch, ran_ms, "relay_off")
    if stretch.elapsed_ms >= stretch.planned_ms:
        return End(stretch.planned_ms, "time_up", complete=True)
    if not stretch.proven:
        return Adopt()
    return Wait(stretch.planned_ms - stretch.elapsed_ms)


def _by_device(view: View, order: Order, stretch: Stretch) -> Action:
    """Judge a device that keeps count: its own account wins."""
    if view.report.order_id == order.id:
        return _device_runs(stretch)
    account = view.report.account
    known = account is not None and _is_known(stretch, account)
    if account is not None and account.order_id == order.id and not known:
        return _device_ended(stretch, account)
    if not stretch.proven:
        return Abandon("not_started")
    return _closed(stretch, stretch.known_ms, "device_forgot")


def _is_known(stretch: Stretch, account: DeviceAccount) -> bool:
    """Whether an account is still the one of the stretch before this."""
    interrupted = account.outcome is DeviceOutcome.INTERRUPTED
    return interrupted and not stretch.proven and account.ran_ms == stretch.accounted_ms


def _device_runs(stretch: Stretch) -> Action:
    if not stretch.proven:
        return Adopt()
    left_ms = stretch.planned_ms + DEVICE_GRACE_MS - stretch.elapsed_ms
    if left_ms > 0:
        return Wait(left_ms)
    return End(stretch.planned_ms, "time_up", complete=True)


def _device_ended(stretch: Stretch, account: DeviceAccount) -> Action:
    ran_ms = min(account.ran_ms, stretch.planned_ms)
    match account.outcome:
        case DeviceOutcome.COMPLETED:
            return End(stretch.planned_ms, "time_up", complete=True)
        case DeviceOutcome.INTERRUPTED:
            return _closed(stretch, ran_ms, INTERRUPTED)
        case DeviceOutcome.STOPPED:
            return End(ran_ms, "switched_off", complete=False)
        case DeviceOutcome.FAULT:
            return End(ran_ms, "device_fault", complete=False)


def _closed(stretch: Stretch, ran_ms: int, reason: str) -> Action:
    if stretch.planned_ms - ran_ms <= CRUMB_MS:
        return End(stretch.planned_ms, "time_up", complete=True)
    return Pause(ran_ms, reason, stretch.unsure)


def _paused(view: View, order: Order) -> Action:
    """Go on when the relay can; give the rest back when the window is over."""
    left_ms = view.config.resume_window_s * 1000 - view.paused_ms
    if left_ms <= 0:
        return End(0, "not_resumed", complete=False)
    ready = view.report.contact and view.report.fault is None
    if ready and (view.report.on or view.resume_in_ms == 0):
        return Start(order, order.left_ms)
    return Wait(min(left_ms, view.resume_in_ms or left_ms))


def _waiting(view: View, order: Order) -> Action:
    """Start a paid order once somebody decided so, within its start window."""
    window_ms = view.start_window_ms
    if window_ms <= 0:
        return GiveUp(order, "start_window")
    if order.claimed_by is ClaimedBy.REFUSED:
        return GiveUp(order, "unclaimed")
    if not view.report.contact or view.report.fault is not None:
        return Wait(window_ms)
    if view.report.order_id not in (None, order.id):
        # A device that missed the end of somebody else's session would refuse ours.
        return SwitchOff()
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
