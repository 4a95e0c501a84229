"""Values a bay works with: a running session, and the answer to a command. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from .ports import ClockPort
from .records import OpenSession

# A Pi without network starts in the past: such a time is worse than none.
_CLOCK_IS_SET_S = datetime(2025, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command came to: `accepted`, `duplicate` or `rejected`, and why."""

    result: str = "accepted"
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """The relay being on for an order, or for nobody (None: a manual run).

    `started_wall_s` is for people to read; `started_wh` is the bay's meter then.
    """

    order_id: str | None
    seconds: float
    started_s: float
    started_boottime_s: float
    started_wall_s: float
    started_wh: float | None

    @property
    def deadline_s(self) -> float:
        """Return when it ends, in `up_s`."""
        return self.started_s + self.seconds

    @property
    def ends_at(self) -> str | None:
        """Return when it ends, for people: ISO 8601; None if the clock is not set."""
        if self.started_wall_s < _CLOCK_IS_SET_S:
            return None
        end_s = round(self.started_wall_s + self.seconds)
        return datetime.fromtimestamp(end_s, UTC).isoformat()

    def ran_s(self, until_s: float) -> float:
        """Return how long it has run at this `up_s`."""
        return max(0.0, until_s - self.started_s)

    def used_wh(self, meter_wh: float | None) -> float | None:
        """Return the energy used when the bay's meter stands here."""
        if meter_wh is None or self.started_wh is None:
            return None
        return round(meter_wh - self.started_wh, 3)

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


def begin(
    order_id: str | None, seconds: float, clock: ClockPort, meter_wh: float | None
) -> Session:
    """Return a session that starts now."""
    return Session(
        order_id=order_id,
        seconds=seconds,
        started_s=clock.up_s(),
        started_boottime_s=clock.boottime_s(),
        started_wall_s=clock.wall_s(),
        started_wh=meter_wh,
    )
