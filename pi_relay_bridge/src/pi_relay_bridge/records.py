"""What a bay must remember across a restart. Pure values, JSON in and out."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
import math
from typing import Any, Self, TypeVar

Kind = TypeVar("Kind", "OpenSession", "Outcome")

# Orders that begin so were started by a plain message: nobody acknowledges their ends.
PLAIN = "plain-"
OUTCOMES_KEPT = 100
OUTBOX_CAP = 50


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A paid session that was running when this was written.

    `started_boottime_s` is in CLOCK_BOOTTIME of the kernel boot `kernel_boot_id`;
    `checkpoint_ran_s` is what counts when that boot is over.
    """

    order_id: str
    seconds: float
    boot_id: str
    kernel_boot_id: str
    started_boottime_s: float
    checkpoint_ran_s: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one stretch of one order ended.

    `left_s` is what the order may still run; `wh` the energy, if it was measured.
    `acked` is set by `ack_event`.
    """

    event_id: str
    order_id: str
    outcome: str
    ran_s: float
    left_s: float
    reason: str
    boot_id: str
    acked: bool = False
    wh: float | None = None


@dataclass(frozen=True, kw_only=True)
class BayRecord:
    """One bay's memory: the running session and the outcomes, oldest first.

    `latched` is a fault that a restart does not heal.
    """

    session: OpenSession | None = None
    outcomes: tuple[Outcome, ...] = ()
    latched: str | None = None

    @property
    def last(self) -> Outcome | None:
        """Return the latest outcome of any order."""
        return self.outcomes[-1] if self.outcomes else None

    @cached_property
    def outbox(self) -> tuple[Outcome, ...]:
        """Return the outcomes nobody has acknowledged, oldest first."""
        return tuple(outcome for outcome in self.outcomes if not outcome.acked)

    def last_of(self, order_id: str) -> Outcome | None:
        """Return the latest outcome of one order."""
        return next(
            (each for each in reversed(self.outcomes) if each.order_id == order_id),
            None,
        )

    def opened(self, session: OpenSession) -> Self:
        """Return the record with this session running."""
        return dataclasses.replace(self, session=session)

    def abandoned(self) -> Self:
        """Return the record without its session, which never ran."""
        return dataclasses.replace(self, session=None)

    def concluded(self, outcome: Outcome) -> Self:
        """Return the record with no session running and this outcome as the latest."""
        kept = (*self.outcomes, outcome)[-OUTCOMES_KEPT:]
        return dataclasses.replace(self, session=None, outcomes=_within_cap(kept))

    def with_latch(self, fault: str | None) -> Self:
        """Return the record with this fault kept, or none."""
        return dataclasses.replace(self, latched=fault)

    def acknowledged(self, event_id: str) -> Self:
        """Return the record with one outcome taken out of the outbox."""
        outcomes = tuple(
            dataclasses.replace(each, acked=True) if each.event_id == event_id else each
            for each in self.outcomes
        )
        return dataclasses.replace(self, outcomes=outcomes)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        # Written on the way to the pin: asdict() would copy a hundred outcomes deeply.
        return {
            "v": 1,
            "session": None if self.session is None else vars(self.session),
            "outcomes": [vars(outcome) for outcome in self.outcomes],
            "latched": self.latched,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the record; raise KeyError, TypeError or ValueError if it is none."""
        if values["v"] != 1:
            raise ValueError(values["v"])
        session, latched = values["session"], values["latched"]
        if not isinstance(latched, str | None):
            raise TypeError("latched")
        return cls(
            session=read_session(session),
            outcomes=tuple(_read(Outcome, each) for each in values["outcomes"]),
            latched=latched,
        )


def read_session(values: Any) -> OpenSession | None:
    """Return a session from JSON values, or none; raise TypeError or ValueError."""
    return None if values is None else _read(OpenSession, values)


def _read(kind: type[Kind], values: Any) -> Kind:
    """Return a value of this kind; raise TypeError or ValueError if it is none."""
    made = kind(**values)
    for field in dataclasses.fields(made):
        value = getattr(made, field.name)
        wanted = int | float if field.type is float else field.type
        if not isinstance(value, wanted):  # type: ignore[arg-type]
            raise TypeError(f"{field.name} is {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{field.name} is {value!r}")
    return made


def _within_cap(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Take the oldest outcomes beyond the cap out of the outbox."""
    waiting = [index for index, outcome in enumerate(outcomes) if not outcome.acked]
    dropped = set(waiting[:-OUTBOX_CAP])
    return tuple(
        dataclasses.replace(outcome, acked=True) if index in dropped else outcome
        for index, outcome in enumerate(outcomes)
    )


def cut_short(
    session: OpenSession, *, boottime_s: float, kernel_boot_id: str
) -> Outcome:
    """Return the outcome of a session whose process died, when its relay is off.

    Within one kernel boot the relay kept its level until now; a reboot dropped it at an
    unknown moment, so there the checkpoint counts.
    """
    same_boot = bool(kernel_boot_id) and session.kernel_boot_id == kernel_boot_id
    until_now_s = boottime_s - session.started_boottime_s
    ran_s = (
        max(until_now_s, session.checkpoint_ran_s)
        if same_boot
        else session.checkpoint_ran_s
    )
    return Outcome(
        event_id=f"{session.boot_id}-cut-{session.order_id}",
        order_id=session.order_id,
        outcome="interrupted",
        ran_s=ran_s,
        left_s=max(0.0, session.seconds - ran_s),
        reason="restart",
        boot_id=session.boot_id,
        acked=session.order_id.startswith(PLAIN),
    )
