"""What came in and what was delivered: sums, for books that are shown."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from ..domain.orders import OFFERED, PaidBy
from .deliveries import DeliveryState
from .schema import OPEN_STRETCH, deliveries, orders, payments

_RAN = or_(deliveries.c.ran_ms > 0, deliveries.c.state == DeliveryState.ON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What bays delivered, by their ids: sessions begun, milliseconds of ended ones."""

    sessions: Counter[str] = field(default_factory=Counter)
    ran_ms: Counter[str] = field(default_factory=Counter)


def taken(
    connection: Connection,
    site_id: str,
    currency: str,
    *,
    from_ms: int = 0,
    to_ms: int | None = None,
) -> Counter[str]:
    """Return what each bay took, in minor units, by payments seen in this span.

    That is what was paid, less what went back of it; no test order's money.
    """
    net = func.sum(payments.c.amount_minor - payments.c.refunded_minor)
    seen = [payments.c.seen_ms >= from_ms]
    if to_ms is not None:
        seen.append(payments.c.seen_ms < to_ms)
    query = (
        select(orders.c.site_id, orders.c.bay_id, net)
        .join(orders, orders.c.id == payments.c.order_id)
        .where(*seen, payments.c.currency == currency, orders.c.test_mode.is_(False))
        .group_by(orders.c.site_id, orders.c.bay_id)
    )
    # The site is told apart here: as a condition it would begin at all its orders.
    rows = connection.execute(query)
    return Counter({bay: int(minor) for site, bay, minor in rows if site == site_id})


def cash(connection: Connection, site_id: str, from_ms: int) -> Counter[str]:
    """Return the cash each bay took since a time, in minor units.

    That is less what had to be given back; no test order's money.
    """
    kept = func.sum(orders.c.price_minor - orders.c.cash_back_minor)
    query = (
        select(orders.c.site_id, orders.c.bay_id, kept)
        .where(
            orders.c.paid_ms >= from_ms,
            orders.c.paid_by == PaidBy.CASH,
            orders.c.state.not_in(sorted(OFFERED)),
            orders.c.test_mode.is_(False),
        )
        .group_by(orders.c.site_id, orders.c.bay_id)
    )
    rows = connection.execute(query)
    return Counter({bay: int(minor) for site, bay, minor in rows if site == site_id})


def delivered(
    connection: Connection, bay_ids: Collection[str], from_ms: int
) -> Delivered:
    """Return what these bays delivered since a time."""
    ids = sorted(bay_ids)
    closed = deliveries.c.bay_id.in_(ids), deliveries.c.ended_ms >= from_ms
    still_open = deliveries.c.bay_id.in_(ids), OPEN_STRETCH
    ran = select(deliveries.c.bay_id, func.sum(deliveries.c.ran_ms)).where(*closed)
    found = Delivered()
    for bay, ran_ms in connection.execute(ran.group_by(deliveries.c.bay_id)):
        found.ran_ms[bay] = int(ran_ms)
    begun = {
        row.order_id: row.bay_id
        for where in (closed, still_open)
        for row in connection.execute(
            select(deliveries.c.order_id, deliveries.c.bay_id).where(
                *where, *_begun(from_ms)
            )
        )
    }
    found.sessions.update(begun.values())
    return found


def _begun(from_ms: int) -> tuple[ColumnElement[bool], ...]:
    """Say that a stretch is the first one of its session, and began since a time."""
    before = deliveries.alias("before")
    earlier = (
        before.c.order_id == deliveries.c.order_id,
        before.c.started_ms < from_ms,
        before.c.ran_ms > 0,
    )
    return (
        deliveries.c.session_id == deliveries.c.order_id,
        deliveries.c.started_ms >= from_ms,
        _RAN,
        ~exists().where(*earlier),
    )
