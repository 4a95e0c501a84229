"""What a bay knows when it decides: values only."""

from dataclasses import dataclass

from .bay import BayConfig
from .orders import Order
from .relays import RelayReport

DEVICE_GRACE_MS = 2_000
"""How long a device that keeps time may report its own end before we end it."""
INTERRUPTED = "interrupted"
"""Why a stretch ended that a device cut short and gave an account of."""
CUSTOMER = "customer"
"""Why a session ended that its own customer stopped."""
CRUMB_MS = 200
"""A rest too short to be worth another switching of the relay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An open delivery: `elapsed_ms` of `planned_ms`.

    `known_ms` is what was certainly delivered: the last checkpoint. `unsure` until
    the relay was seen on after a restart or a lost contact. `accounted_ms` is the
    order's interruption before this stretch: a device tells of it until the next.

    It is part of the session of order `session_id`, which had run `offset_ms` before
    it. `granted_ms` is how long in all the relay is proven to stay on, `asked_ms` how
    long it was asked to, `given_ms` how long the device says it will (None: it does not
    say). `extend_in_ms` is when that
    may be changed again, after a try that failed.
    """

    planned_ms: int
    elapsed_ms: int
    known_ms: int
    proven: bool
    unsure: bool = False
    accounted_ms: int | None = None
    session_id: str
    offset_ms: int = 0
    granted_ms: int
    asked_ms: int = 0
    given_ms: int | None = None
    extend_in_ms: int = 0

    @property
    def end_ms(self) -> int:
        """When this stretch ends, counted from the session's start."""
        return self.offset_ms + self.planned_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a decision may depend on.

    `order` is the one that has the relay (an open stretch, or paused); `waiting` the
    first paid one that has not, a claimed one before others; `queue` all of those,
    first in first out. `start_window_ms` and `claim_window_ms` are what is left of
    the first one's windows. `paused_ms` is how long the pause has lasted, and
    `resume_in_ms` when to try by ourselves again (None: not without a human);
    `rest_ms` is how long nobody may, after a try that failed.
    `energy_left_mwh` is what is left of the order's energy, None where there is no
    limit or no meter.
    """

    config: BayConfig
    report: RelayReport
    keeps_time: bool
    order: Order | None = None
    stretch: Stretch | None = None
    paused_ms: int = 0
    resume_in_ms: int | None = 0
    rest_ms: int = 0
    waiting: Order | None = None
    queue: tuple[Order, ...] = ()
    start_window_ms: int = 0
    claim_window_ms: int = 0
    clock_behind: bool = False
    energy_left_mwh: int | None = None
