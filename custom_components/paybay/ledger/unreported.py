"""Sessions whose device never told how they ended, until the owner looked at them."""

from sqlalchemy import Connection, exists, select

from ..domain.orders import Order
from ..domain.timeline import Entry
from . import orders
from .schema import UNREPORTED, orders as orders_table, timeline

REASON = "unreported"
_SEEN = Entry.UNREPORTED_SEEN


def of_site(connection: Connection, site_id: str) -> list[Order]:
    """Return a site's orders that ended unreported and were not looked at."""
    seen = exists().where(
        timeline.c.order_id == orders_table.c.id, timeline.c.what == _SEEN
    )
    where = orders_table.c.site_id == site_id, UNREPORTED, ~seen
    query = select(orders_table.c.id).where(*where).order_by(orders_table.c.created_ms)
    ids = list(connection.execute(query).scalars())
    return [orders.get(connection, order_id) for order_id in ids]


def seen(connection: Connection, order_id: str, at_ms: int) -> None:
    """Store that the owner looked at it."""
    orders.note(connection, order_id, at_ms, _SEEN)
