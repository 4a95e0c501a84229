"""Which commands a bay obeys, and for how long. Pure."""

from .command import Command, RefusedError
from .records import Outcome

FINISHED = ("completed", "stopped", "fault")


def require_current(command: Command, *, boot_id: str, up_s: float) -> None:
    """Refuse what was meant for another start of this process, or comes too late.

    Only `start` and `extend` must carry `not_after`: a late stop is still wanted.
    """
    if command.boot_id != boot_id:
        raise RefusedError("other_boot")
    if command.not_after is None:
        if command.kind in ("start", "extend"):
            raise RefusedError("bad_not_after")
    elif command.not_after < up_s:
        raise RefusedError("stale")


def require_order(command: Command) -> str:
    """Return the order a start or extend is for."""
    if command.order_id is None:
        raise RefusedError("bad_order_id")
    return command.order_id


def require_seconds(command: Command, *, max_session_s: float) -> float:
    """Return the seconds asked for, above 0 and within the bay's maximum."""
    if command.seconds is None or command.seconds <= 0:
        raise RefusedError("bad_seconds")
    if command.seconds > max_session_s:
        raise RefusedError("too_long")
    return command.seconds


def granted_seconds(seconds: float, last: Outcome | None) -> float:
    """Return what a start may run, given how this order last ended here."""
    if last is None:
        return seconds
    if last.outcome in FINISHED or last.left_s <= 0:
        raise RefusedError("finished")
    return min(seconds, last.left_s)
