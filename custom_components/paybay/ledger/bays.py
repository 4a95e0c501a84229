"""What the ledger knows of a bay itself: its service switch, and its load."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from ..domain.orders import RUNNING, Order, OrderState
from ..domain.rules import Load
from . import deliveries as stretches, orders
from .deliveries import Delivery
from .schema import bays, deliveries


def in_service(connection: Connection, bay_id: str) -> bool:
    """Return whether a bay takes customers, as its owner last said."""
    query = select(bays.c.out_of_service_ms).where(bays.c.id == bay_id)
    return connection.execute(query).scalar_one_or_none() is None


def put_in_service(
    connection: Connection, bay_id: str, at_ms: int, *, on: bool
) -> None:
    """Store that a bay takes customers, or does not."""
    connection.execute(delete(bays).where(bays.c.id == bay_id))
    if not on:
        connection.execute(insert(bays).values(id=bay_id, out_of_service_ms=at_ms))


def load(connection: Connection, bay_id: str, now_ms: int, day_began_ms: int) -> Load:
    """Return what a bay has to do now, and what it served since `day_began_ms`."""
    found = orders.of_bay(connection, bay_id, [*RUNNING, OrderState.PAID])
    stretch = next(iter(stretches.open_ones(connection, bay_id)), None)
    running = _running(found, stretch)
    queued_ms = sum(o.left_ms for o in found if o is not running)
    running_ms = running.left_ms if running else 0
    gone_ms = 0
    if stretch is not None:
        gone_ms = min(max(0, now_ms - stretch.started_ms), stretch.planned_ms)
    return Load(
        in_service=in_service(connection, bay_id),
        busy=bool(found),
        queued_ms=queued_ms,
        ahead_ms=queued_ms + max(0, running_ms - gone_ms),
        served_ms=_closed_ms(connection, bay_id, day_began_ms) + running_ms + queued_ms,
    )


def _running(found: Sequence[Order], stretch: Delivery | None) -> Order | None:
    """Return the order that has the relay, also while it is only being started."""
    if stretch is not None:
        return next((o for o in found if o.id == stretch.order_id), None)
    return next((o for o in found if o.state in RUNNING), None)


def _closed_ms(connection: Connection, bay_id: str, since_ms: int) -> int:
    """Return what closed stretches delivered since a moment."""
    query = select(deliveries.c.ran_ms, deliveries.c.ended_ms).where(
        deliveries.c.bay_id == bay_id, deliveries.c.ended_ms >= since_ms
    )
    rows = connection.execute(query)
    return sum(min(row.ran_ms, row.ended_ms - since_ms) for row in rows)
