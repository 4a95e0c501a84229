"""Payments of which the provider may know more by now: fee, tax, bank's number."""

from sqlalchemy import Connection, select, update

from ..domain.payments import next_ask_ms
from .schema import orders, payments


def due(connection: Connection, site_id: str, at_ms: int, limit: int) -> list[str]:
    """Return the payments to ask for now, the longest overdue first."""
    query = (
        select(payments.c.id)
        .join(orders, orders.c.id == payments.c.order_id)
        .where(orders.c.site_id == site_id, payments.c.ask_ms <= at_ms)
        .order_by(payments.c.ask_ms)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def asked(connection: Connection, payment_id: str, at_ms: int) -> None:
    """Store a try, and when the next is; what is known already needs none."""
    where = payments.c.id == payment_id, payments.c.ask_ms.is_not(None)
    tries = connection.execute(select(payments.c.asked).where(*where)).scalar()
    if tries is None:
        return
    connection.execute(
        update(payments)
        .where(*where)
        .values(asked=tries + 1, ask_ms=next_ask_ms(tries + 1, at_ms))
    )
