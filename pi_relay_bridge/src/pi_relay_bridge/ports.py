"""What a bay touches, as small interfaces: real ones in life, fakes in tests."""

from typing import Protocol

from .records import BayRecord


class ClockPort(Protocol):
    """Seconds since this process and since the kernel started."""

    boot_id: str
    kernel_boot_id: str

    def up_s(self) -> float:
        """Return the seconds since this process started."""

    def boottime_s(self) -> float:
        """Return the seconds since the kernel started."""


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
        """Set a pin's deadline, in place of any earlier one."""

    def release(self, pin: int) -> None:
        """Forget a pin that is off."""

    def cut_at(self, pin: int) -> float | None:
        """Return when the guard itself switched off the pin since it was last armed."""


class StorePort(Protocol):
    """Where the record is kept."""

    def save(self, record: BayRecord) -> None:
        """Write the record; raise OSError."""
