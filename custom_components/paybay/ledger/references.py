"""Customers' references in the ledger, apart from orders: nothing else reads them."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select

from .schema import customer_references


def put(
    connection: Connection, order_id: str, site_id: str, text: str, at_ms: int
) -> None:
    """Store an order's reference, in place of an earlier one."""
    own = customer_references.c.order_id == order_id
    connection.execute(delete(customer_references).where(own))
    values = {"order_id": order_id, "site_id": site_id, "text": text}
    connection.execute(insert(customer_references).values(**values, created_ms=at_ms))


def of_orders(connection: Connection, order_ids: Collection[str]) -> Mapping[str, str]:
    """Return the references of those of these orders that have one."""
    query = select(customer_references.c.order_id, customer_references.c.text).where(
        customer_references.c.order_id.in_(order_ids)
    )
    return {row.order_id: row.text for row in connection.execute(query)}


def erase(connection: Connection, site_id: str, before_ms: int | None = None) -> int:
    """Erase a site's references from before a time, or all; return how many."""
    where = [customer_references.c.site_id == site_id]
    if before_ms is not None:
        where.append(customer_references.c.created_ms < before_ms)
    return connection.execute(delete(customer_references).where(*where)).rowcount
