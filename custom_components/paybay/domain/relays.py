"""What a relay's driver knows about its relay."""

from dataclasses import dataclass
from enum import StrEnum


class DeviceOutcome(StrEnum):
    """How a device that keeps count ended an order's session."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAccount:
    """A device's own word on the last session it ended. `ran_ms` in milliseconds."""

    order_id: str
    outcome: DeviceOutcome
    ran_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReport:
    """A relay as last heard of.

    `contact` is False while the device cannot be reached; `on` is then unknown.
    `order_id` and `remaining_ms` are what a device that keeps count says of the
    session it runs now; a plain switch has neither. `ran_ms` is how long that session
    has run, if the device says so. `max_ms` is the longest session the device takes,
    if it has such a limit.
    """

    contact: bool
    on: bool | None = None
    order_id: str | None = None
    remaining_ms: int | None = None
    ran_ms: int | None = None
    account: DeviceAccount | None = None
    fault: str | None = None
    max_ms: int | None = None


OUT_OF_REACH = RelayReport(contact=False)
