"""What a bay touches, as small interfaces: real ones in life, fakes in tests."""

from typing import Protocol

from .guard import Cut
from .reading import Reading
from .records import BayRecord


class ClockPort(Protocol):
    """Seconds since this process and since the kernel started."""

    boot_id: str
    kernel_boot_id: str

    def up_s(self) -> float:
        """Return the seconds since this process started."""

    def boottime_s(self) -> float:
        """Return the seconds since the kernel started."""

    def wall_s(self) -> float:
        """Return Unix time: for people to read, never to count with."""


class RelayPort(Protocol):
    """The relay."""

    @property
    def is_on(self) -> bool:
        """Return whether the relay is on, or may be."""

    def on(self) -> None:
        """Switch on; raise RelayError."""

    def off(self) -> None:
        """Switch off; raise RelayError."""


class GuardPort(Protocol):
    """The independent keeper of hard deadlines, by pin, in `up_s`."""

    def arm(self, pin: int, deadline_s: float) -> None:
        """Set a pin's deadline before it goes on; forget what was before."""

    def move(self, pin: int, deadline_s: float) -> None:
        """Put another deadline in place of an armed pin's; a cut stays a cut."""

    def release(self, pin: int) -> None:
        """Forget a pin that is off."""

    def cut_of(self, pin: int) -> Cut | None:
        """Return how a pin was switched off past the loop since it was last armed."""


class StorePort(Protocol):
    """Where the record is kept."""

    def save(self, record: BayRecord) -> None:
        """Write the record; raise OSError."""


class SupervisorPort(Protocol):
    """What watches over the bay's relay: emergency stops and the current."""

    @property
    def estop(self) -> bool | None:
        """Return whether a stop is pressed or not yet released; None without one."""

    @property
    def reading(self) -> Reading:
        """Return what the sensor tells now."""

    @property
    def latched(self) -> str | None:
        """Return the fault that must outlive a restart."""

    def begin(self) -> None:
        """Expect a new load: the relay is about to go on."""

    def reason(self) -> str | None:
        """Return why the relay must be off now, as a word, or None."""

    def reset(self) -> None:
        """Forget the faults whose cause is gone."""
