"""The orders that a site owes something now, as people are shown them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from ..domain.orders import RUNNING, Order, OrderState
from .deliveries import DeliveryState
from .orders import of_site as orders_of_site
from .schema import deliveries


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """An order, and when the relay first went on for it (Unix ms; None: not yet)."""

    order: Order
    started_ms: int | None


def of_site(connection: Connection, site_id: str) -> Sequence[LiveOrder]:
    """Return a site's paid, charging and paused orders, first paid first."""
    found = orders_of_site(connection, site_id, [*RUNNING, OrderState.PAID])
    ran = or_(deliveries.c.ran_ms > 0, deliveries.c.state == DeliveryState.ON)
    first = (
        select(deliveries.c.order_id, func.min(deliveries.c.started_ms))
        .where(deliveries.c.order_id.in_([order.id for order in found]), ran)
        .group_by(deliveries.c.order_id)
    )
    started: dict[str, int] = dict(map(tuple, connection.execute(first)))
    return [LiveOrder(order, started.get(order.id)) for order in found]
