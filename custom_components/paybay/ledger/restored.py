"""Whether this file is a copy that a backup brought back, and of when it is.

A backup is marked in the ledger before the file is copied, and the mark taken back
afterwards. So a file that is opened with the mark in it was restored (or Home Assistant
died during a backup, which is judged alike): what was paid, served or paid back since
the mark may be missing from it.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from ..domain.orders import OrderState
from . import marks
from .schema import orders, payments

_EVERY_SITE = ""
_UNDER_WAY = "backup_began_ms"
_FROM = "restored_from_ms"
_TO = "restored_ms"
_SEEN = "restored_seen_ms"
_NO_END_MS = 2**52


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What this ledger cannot know: from when the copy was made until it came back."""

    from_ms: int
    to_ms: int


def begin_backup(connection: Connection, at_ms: int) -> None:
    """Mark that the file is being copied."""
    marks.put(connection, _EVERY_SITE, _UNDER_WAY, at_ms)


def end_backup(connection: Connection) -> None:
    """Take the mark back: this is the file that stays."""
    marks.put(connection, _EVERY_SITE, _UNDER_WAY, None)


def note(connection: Connection, at_ms: int) -> Gap | None:
    """Find out, once after opening, whether the file came back from a backup.

    Orders that were paid and not yet served then are not served any more: they were,
    or their time is over.
    """
    from_ms = marks.get(connection, _EVERY_SITE, _UNDER_WAY)
    if from_ms is None:
        return None
    # A board without a clock of its own may have started in the past.
    found = Gap(from_ms=from_ms, to_ms=at_ms if at_ms > from_ms else _NO_END_MS)
    end_backup(connection)
    marks.put(connection, _EVERY_SITE, _FROM, found.from_ms)
    marks.put(connection, _EVERY_SITE, _TO, found.to_ms)
    connection.execute(
        update(orders)
        .where(orders.c.state == OrderState.PAID)
        .values(start_by_ms=func.min(orders.c.start_by_ms, from_ms))
    )
    return found


def correct(connection: Connection, at_ms: int) -> None:
    """Set the gap's end anew where the clock that gave it turns out to be wrong."""
    found = gap(connection)
    if found is not None and found.from_ms < at_ms < found.to_ms:
        marks.put(connection, _EVERY_SITE, _TO, at_ms)


def gap(connection: Connection) -> Gap | None:
    """Return the gap of the last restore, if there ever was one."""
    from_ms = marks.get(connection, _EVERY_SITE, _FROM)
    to_ms = marks.get(connection, _EVERY_SITE, _TO)
    if from_ms is None or to_ms is None:
        return None
    return Gap(from_ms=from_ms, to_ms=to_ms)


def is_before(connection: Connection, created_ms: int) -> bool:
    """Return whether a payment is older than the last restore.

    Then this ledger does not know what became of it.
    """
    found = gap(connection)
    return found is not None and created_ms < found.to_ms


def is_payment_before(connection: Connection, payment_id: str) -> bool:
    """Return the same of a payment in the ledger."""
    query = select(payments.c.created_ms).where(payments.c.id == payment_id)
    created_ms = connection.execute(query).scalar_one_or_none()
    return created_ms is not None and is_before(connection, created_ms)


def unseen(connection: Connection, site_id: str) -> Gap | None:
    """Return the gap that a site's owner has not been told of yet."""
    found = gap(connection)
    if found is None or marks.get(connection, site_id, _SEEN) == found.from_ms:
        return None
    return found


def see(connection: Connection, site_id: str) -> None:
    """Store that the owner knows of the gap."""
    if found := gap(connection):
        marks.put(connection, site_id, _SEEN, found.from_ms)
