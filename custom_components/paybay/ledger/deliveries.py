"""Deliveries: measured stretches of relay-on time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ..domain.orders import Order
from ..domain.timeline import Entry
from . import energy_days, orders
from .schema import OPEN_STRETCH, deliveries


class DeliveryState(StrEnum):
    """`starting` until there is proof that the relay is on."""

    STARTING = "starting"
    ON = "on"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One stretch. Times are Unix ms; `checkpoint_ms` is when `ran_ms` was known.

    A session is the relay being on for one or more orders in a row, one stretch each.
    `session_id` is its first order, the only one its device knows; `offset_ms` what
    the session had run before this stretch; `granted_ms` how long in all the relay is
    proven to stay on, `asked_ms` how long its device was asked to, and may.
    `ran_mwh` is the energy it gave so far, `meter_mwh` the meter's count by then.
    """

    id: int
    order_id: str
    bay_id: str
    relay: str
    state: DeliveryState
    planned_ms: int
    session_id: str
    offset_ms: int
    granted_ms: int
    started_ms: int
    checkpoint_ms: int
    ran_ms: int
    ended_ms: int | None
    reason: str | None
    ran_mwh: int = 0
    meter_mwh: int | None = None
    asked_ms: int = 0

    @property
    def longest_ms(self) -> int:
        """How long in all the relay may stay on, proven or not."""
        return max(self.granted_ms, self.asked_ms)


def begin(
    connection: Connection,
    *,
    order_id: str,
    bay_id: str,
    relay: str,
    planned_ms: int,
    at_ms: int,
) -> Delivery:
    """Store that a relay is about to be switched on."""
    done = connection.execute(
        insert(deliveries).values(
            order_id=order_id,
            bay_id=bay_id,
            relay=relay,
            state=DeliveryState.STARTING,
            planned_ms=planned_ms,
            session_id=order_id,
            granted_ms=planned_ms,
            started_ms=at_ms,
            checkpoint_ms=at_ms,
        )
    )
    orders.note(connection, order_id, at_ms, Entry.STARTING, planned_ms=planned_ms)
    (delivery_id,) = done.inserted_primary_key or (None,)
    return get(connection, delivery_id)


def go_on(
    connection: Connection, before: Delivery, order: Order, at_ms: int
) -> Delivery:
    """Store that a relay that was on for one order is on for the next since `at_ms`."""
    done = connection.execute(
        insert(deliveries).values(
            order_id=order.id,
            bay_id=before.bay_id,
            relay=before.relay,
            state=DeliveryState.ON,
            planned_ms=order.left_ms,
            session_id=before.session_id,
            offset_ms=before.offset_ms + before.planned_ms,
            granted_ms=before.granted_ms,
            asked_ms=before.asked_ms,
            started_ms=at_ms,
            checkpoint_ms=at_ms,
        )
    )
    (delivery_id,) = done.inserted_primary_key or (None,)
    return get(connection, delivery_id)


def get(connection: Connection, delivery_id: int | None) -> Delivery:
    """Return a delivery."""
    query = select(deliveries).where(deliveries.c.id == delivery_id)
    return _delivery(connection.execute(query).one())


def proven(connection: Connection, delivery_id: int, at_ms: int) -> None:
    """Store that the relay is on, since `at_ms`."""
    _change(
        connection,
        delivery_id,
        state=DeliveryState.ON,
        started_ms=at_ms,
        checkpoint_ms=at_ms,
    )


def grant(connection: Connection, delivery_id: int, granted_ms: int) -> None:
    """Store how long in all the relay is proven to stay on for this session."""
    _change(connection, delivery_id, granted_ms=granted_ms, asked_ms=granted_ms)


def ask(connection: Connection, delivery_id: int, asked_ms: int) -> None:
    """Store how long in all the relay may stay on, whether it says so or not."""
    _change(connection, delivery_id, asked_ms=asked_ms)


def mark(connection: Connection, delivery_id: int, ran_ms: int, at_ms: int) -> None:
    """Store how long an open delivery has run so far."""
    _change(connection, delivery_id, ran_ms=ran_ms, checkpoint_ms=at_ms)


def close(
    connection: Connection, delivery_id: int, *, ran_ms: int, reason: str, at_ms: int
) -> None:
    """End a delivery for good and add it to its order. Closing twice is refused."""
    delivery = get(connection, delivery_id)
    if delivery.state is DeliveryState.CLOSED:
        message = f"delivery {delivery_id} is closed"
        raise ValueError(message)
    _change(
        connection,
        delivery_id,
        state=DeliveryState.CLOSED,
        ran_ms=ran_ms,
        ended_ms=at_ms,
        reason=reason,
    )
    order = orders.get(connection, delivery.order_id)
    orders.change(
        connection,
        order.id,
        ran_ms=order.ran_ms + ran_ms,
        ran_mwh=order.ran_mwh + delivery.ran_mwh,
    )


def metered(
    connection: Connection,
    delivery_id: int,
    *,
    ran_mwh: int,
    meter_mwh: int | None,
    day_ms: int,
) -> None:
    """Store what an open delivery's meter said, and add the news to its bay's day.

    `day_ms` is when the local day began. One that is closed stays as it is.
    """
    delivery = get(connection, delivery_id)
    if delivery.state is DeliveryState.CLOSED:
        return
    _change(connection, delivery_id, ran_mwh=ran_mwh, meter_mwh=meter_mwh)
    added_mwh = ran_mwh - delivery.ran_mwh
    if added_mwh > 0:
        energy_days.add(connection, delivery.bay_id, day_ms, added_mwh)


def open_ones(connection: Connection, bay_id: str | None = None) -> Sequence[Delivery]:
    """Return deliveries that have not ended, of one bay or of all."""
    # Each in the words by which its index is found.
    query = select(deliveries)
    if bay_id is None:
        states = DeliveryState.STARTING, DeliveryState.ON
        query = query.where(deliveries.c.state.in_(states))
    else:
        query = query.where(OPEN_STRETCH, deliveries.c.bay_id == bay_id)
    rows = connection.execute(query.order_by(deliveries.c.id))
    return [_delivery(row) for row in rows]


def of_order(connection: Connection, order_id: str) -> Sequence[Delivery]:
    """Return an order's deliveries, oldest first."""
    query = select(deliveries).where(deliveries.c.order_id == order_id)
    rows = connection.execute(query.order_by(deliveries.c.id))
    return [_delivery(row) for row in rows]


def _change(connection: Connection, delivery_id: int, **values: Any) -> None:
    connection.execute(
        update(deliveries).where(deliveries.c.id == delivery_id).values(**values)
    )


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return Delivery(state=DeliveryState(values.pop("state")), **values)
