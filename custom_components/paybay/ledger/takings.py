"""What each bay ever took: one number, for a sum that never begins anew."""

from collections import Counter

from sqlalchemy import Connection, func, select

from .schema import orders, payments


def taken(
    connection: Connection,
    site_id: str,
    currency: str,
    *,
    from_ms: int = 0,
    to_ms: int | None = None,
) -> Counter[str]:
    """Return what each bay took online, in minor units, by payments seen in a span.

    That is what was paid, less what went back of it; no test order's money. `sums`
    has more, by days.
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
