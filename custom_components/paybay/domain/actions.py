"""The things a bay may do next."""

from dataclasses import dataclass

from .orders import ClaimedBy, Order


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
class Extend:
    """Let the running session last `total_ms`; `joining` follow in it from now on."""

    total_ms: int
    joining: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """The order has had all it was owed; the relay is on for the next since then."""

    following: Order
    reason: str = "time_up"


@dataclass(frozen=True, slots=True)
class Pause:
    """Close the open stretch at `ran_ms`; the rest stays owed.

    `unsure`: it may have ended long ago, `ran_ms` after it began.
    """

    ran_ms: int
    reason: str
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class StopDevice:
    """Ask a device that keeps time to stop; its account then ends the order."""


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


type Action = (
    Wait
    | Start
    | Adopt
    | Extend
    | HandOver
    | Pause
    | StopDevice
    | End
    | Abandon
    | GiveUp
    | SwitchOff
)
