"""Which payments the webhook told of, and which only polling found."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, exists, func, or_, select

from ..domain.notices import Channel
from . import marks
from .payments import Verdict, of_site
from .schema import payment_events, payments

GRACE_MS = 300_000
"""How long after we knew of a payment its event may come and still be in time."""
FRESH_MS = 900_000
"""Payments that were older when we learnt of them say nothing: we may have been off."""

_SEEN = "unreadable_seen_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One payment: when we knew of it (Unix ms) and whether an event told of it."""

    seen_ms: int
    told: bool


def latest(
    connection: Connection, site_id: str, now_ms: int, limit: int
) -> list[Arrival]:
    """Return a site's latest payments that can be judged by now, newest first."""
    told = exists().where(
        payment_events.c.payment_id == payments.c.id,
        payment_events.c.site_id == site_id,
        payment_events.c.received_ms <= payments.c.seen_ms + GRACE_MS,
    )
    pushed = or_(payments.c.channel == Channel.WEBHOOK, told)
    where = (
        of_site(site_id),
        payments.c.seen_ms - payments.c.created_ms <= FRESH_MS,
        or_(pushed, payments.c.seen_ms <= now_ms - GRACE_MS),
    )
    query = (
        select(payments.c.seen_ms, case((pushed, 1), else_=0).label("told"))
        .where(*where)
        .order_by(payments.c.seen_ms.desc(), payments.c.id)
        .limit(limit)
    )
    rows = connection.execute(query)
    return [Arrival(seen_ms=row.seen_ms, told=bool(row.told)) for row in rows]


def last_event_ms(connection: Connection, site_id: str) -> int | None:
    """Return when a site's last verified event came."""
    latest_ms = func.max(payment_events.c.received_ms)
    where = (
        payment_events.c.site_id == site_id,
        payment_events.c.channel == Channel.WEBHOOK,
    )
    found: int | None = connection.execute(select(latest_ms).where(*where)).scalar_one()
    return found


def unreadable(connection: Connection, site_id: str, since_ms: int) -> int:
    """Return how many signed events could not be read since a time.

    Those that the owner has seen do not count.
    """
    seen_ms = marks.get(connection, site_id, _SEEN) or 0
    query = select(func.count()).where(
        *_unreadable(site_id), payment_events.c.received_ms > max(since_ms, seen_ms)
    )
    return int(connection.execute(query).scalar_one())


def see_unreadable(connection: Connection, site_id: str) -> None:
    """Store that the owner has seen all that could not be read so far."""
    latest_ms = select(func.max(payment_events.c.received_ms))
    where = _unreadable(site_id)
    seen_ms = connection.execute(latest_ms.where(*where)).scalar_one()
    marks.put(connection, site_id, _SEEN, seen_ms)


def _unreadable(site_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        payment_events.c.site_id == site_id,
        payment_events.c.verdict == Verdict.UNREADABLE,
    )
