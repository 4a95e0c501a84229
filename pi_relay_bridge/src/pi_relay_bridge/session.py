"""Values a bay works with: a running session, and the answer to a command. Pure."""

from dataclasses import dataclass

from .ports import ClockPort
from .records import OpenSession


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command came to: `accepted`, `duplicate` or `rejected`, and why."""

    result: str = "accepted"
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """The relay being on for an order, or for nobody (None: a manual run)."""

    order_id: str | None
    seconds: float
    started_s: float
    started_boottime_s: float

    @property
    def deadline_s(self) -> float:
        """Return when it ends, in `up_s`."""
        return self.started_s + self.seconds

    def ran_s(self, until_s: float) -> float:
        """Return how long it has run at this `up_s`."""
        return max(0.0, until_s - self.started_s)

    def to_keep(self, clock: ClockPort) -> OpenSession | None:
        """Return what must outlive the process; a manual run owes nobody anything."""
        if self.order_id is None:
            return None
        return OpenSession(
            order_id=self.order_id,
            seconds=self.seconds,
            boot_id=clock.boot_id,
            kernel_boot_id=clock.kernel_boot_id,
            started_boottime_s=self.started_boottime_s,
            checkpoint_ran_s=self.ran_s(clock.up_s()),
        )


def begin(order_id: str | None, seconds: float, clock: ClockPort) -> Session:
    """Return a session that starts now."""
    return Session(
        order_id=order_id,
        seconds=seconds,
        started_s=clock.up_s(),
        started_boottime_s=clock.boottime_s(),
    )
