"""Sessions that a device reported for orders this ledger never had."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from .schema import unknown_outcomes as table

_MAX_ID = 40


@dataclass(frozen=True, slots=True)
class UnknownOutcome:
    """An order id as a device told it, and the bay the device stands at."""

    order_id: str
    bay_id: str


def add(
    connection: Connection, site_id: str, bay_id: str, order_id: str, at_ms: int
) -> bool:
    """Store one; return whether it is new."""
    order_id = order_id[:_MAX_ID]
    where = table.c.site_id == site_id, table.c.order_id == order_id
    if connection.execute(select(table.c.seen_ms).where(*where)).first():
        return False
    connection.execute(
        insert(table).values(
            site_id=site_id, bay_id=bay_id, order_id=order_id, seen_ms=at_ms
        )
    )
    return True


def of_site(connection: Connection, site_id: str) -> list[UnknownOutcome]:
    """Return those that the owner has not looked at, oldest first."""
    query = select(table.c.order_id, table.c.bay_id).where(table.c.site_id == site_id)
    rows = connection.execute(query.order_by(table.c.seen_ms, table.c.order_id))
    return [UnknownOutcome(row.order_id, row.bay_id) for row in rows]


def forget(connection: Connection, order_id: str) -> None:
    """Take one away: the owner looked at it."""
    connection.execute(delete(table).where(table.c.order_id == order_id))
