"""Orders in the ledger. Every change goes through the state table and the timeline."""

from collections.abc import Collection, Sequence
from dataclasses import replace
import json
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ..domain.money import Money
from ..domain.orders import ClaimedBy, Order, OrderState, OrderStep, PaidBy, advance
from ..domain.timeline import Entry
from .schema import orders, timeline


class UnknownOrderError(LookupError):
    """There is no such order."""


def add(connection: Connection, order: Order) -> None:
    """Store a new order."""
    connection.execute(
        insert(orders).values(
            id=order.id,
            site_id=order.site_id,
            bay_id=order.bay_id,
            bay_name=order.bay_name,
            test_mode=order.test_mode,
            plan_code=order.plan_code,
            plan_name=order.plan_name,
            price_minor=order.price.minor,
            currency=order.price.currency,
            owed_ms=order.owed_ms,
            state=order.state,
            watch_code=order.watch_code,
            created_ms=order.created_ms,
            offer_ends_ms=order.offer_ends_ms,
            energy_wh=order.energy_wh,
            qr_key=order.qr_key,
            paid_by=order.paid_by,
            by_user=order.by_user,
            note=order.note,
        )
    )
    note(
        connection,
        order.id,
        order.created_ms,
        Entry.CREATED,
        plan=order.plan_code,
        minor=order.price.minor,
        owed_ms=order.owed_ms,
        energy_wh=order.energy_wh,
    )


def get(connection: Connection, order_id: str) -> Order:
    """Return an order; raise UnknownOrderError."""
    order = find(connection, order_id)
    if order is None:
        raise UnknownOrderError(order_id)
    return order


def find(connection: Connection, order_id: str) -> Order | None:
    """Return an order, if there is one."""
    row = connection.execute(select(orders).where(orders.c.id == order_id)).first()
    return from_row(row) if row else None


def find_by_link(connection: Connection, link_id: str) -> Order | None:
    """Return the order a payment link was made for."""
    row = connection.execute(select(orders).where(orders.c.link_id == link_id)).first()
    return from_row(row) if row else None


def of_bay(
    connection: Connection, bay_id: str, states: Collection[OrderState]
) -> Sequence[Order]:
    """Return a bay's orders in these states, first paid first."""
    where = orders.c.bay_id == bay_id, orders.c.state.in_(states)
    order_by = orders.c.paid_ms, orders.c.created_ms, orders.c.id
    rows = connection.execute(select(orders).where(*where).order_by(*order_by))
    return [from_row(row) for row in rows]


def of_site(
    connection: Connection,
    site_id: str,
    states: Collection[OrderState],
    since_ms: int = 0,
) -> Sequence[Order]:
    """Return a site's orders in these states made since a time, first paid first."""
    where = (
        orders.c.site_id == site_id,
        orders.c.state.in_(states),
        orders.c.created_ms >= since_ms,
    )
    order_by = orders.c.paid_ms, orders.c.created_ms, orders.c.id
    rows = connection.execute(select(orders).where(*where).order_by(*order_by))
    return [from_row(row) for row in rows]


def step(
    connection: Connection,
    order_id: str,
    step: OrderStep,
    at_ms: int,
    **values: Any,
) -> Order:
    """Move an order along its state table and set `values` with it.

    Raise IllegalStepError if the table does not know the step from where it stands.
    """
    order = get(connection, order_id)
    values["state"] = advance(order.state, step)
    change(connection, order_id, **values)
    note(connection, order_id, at_ms, step, reason=values.get("reason"))
    return replace(order, **values)


def link(
    connection: Connection, order_id: str, *, link_id: str, link_url: str, at_ms: int
) -> None:
    """Store the provider's link to pay an order."""
    change(connection, order_id, link_id=link_id, link_url=link_url)
    note(connection, order_id, at_ms, Entry.LINKED, link=link_id)


def stopped_by(connection: Connection, order_id: str, user_id: str, at_ms: int) -> None:
    """Store who stopped an order."""
    change(connection, order_id, stopped_by=user_id, stopped_ms=at_ms)
    note(connection, order_id, at_ms, Entry.STOPPED_BY, by=user_id)


def all_stopped_by(
    connection: Connection, found: Sequence[Order], user_id: str, at_ms: int
) -> None:
    """Store who stopped these orders."""
    for order in found:
        stopped_by(connection, order.id, user_id, at_ms)


def change(connection: Connection, order_id: str, **values: Any) -> None:
    """Set columns of an order that are not its state's business."""
    connection.execute(update(orders).where(orders.c.id == order_id).values(**values))


def claim(
    connection: Connection, order_id: str, claimed_by: ClaimedBy, at_ms: int
) -> bool:
    """Take a waiting paid order; return whether nobody had it before."""
    unclaimed = (
        orders.c.id == order_id,
        orders.c.state == OrderState.PAID,
        orders.c.claimed_by.is_(None),
    )
    done = connection.execute(
        update(orders).where(*unclaimed).values(claimed_by=claimed_by)
    )
    if done.rowcount:
        note(connection, order_id, at_ms, Entry.CLAIMED, by=claimed_by)
    return bool(done.rowcount)


def note(
    connection: Connection, order_id: str, at_ms: int, what: str, **detail: Any
) -> None:
    """Add a line to an order's timeline."""
    told = {key: value for key, value in detail.items() if value is not None}
    connection.execute(
        insert(timeline).values(
            order_id=order_id,
            at_ms=at_ms,
            what=what,
            detail=json.dumps(told, sort_keys=True) if told else None,
        )
    )


def newest_ms(connection: Connection) -> int:
    """Return the newest time in any timeline: it cannot be earlier now."""
    newest = connection.execute(select(func.max(timeline.c.at_ms))).scalar_one()
    return int(newest or 0)


def story(connection: Connection, order_id: str) -> list[dict[str, Any]]:
    """Return an order's timeline: `at_ms`, `what` and the details, oldest first."""
    where = timeline.c.order_id == order_id
    rows = connection.execute(select(timeline).where(where).order_by(timeline.c.id))
    return [
        {"at_ms": row.at_ms, "what": row.what, **json.loads(row.detail or "{}")}
        for row in rows
    ]


def from_row(row: Row[Any]) -> Order:
    """Return the order in a row of the orders table."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    price = Money(values.pop("price_minor"), values.pop("currency"))
    state = OrderState(values.pop("state"))
    claimed_by = values.pop("claimed_by")
    return Order(
        price=price,
        state=state,
        claimed_by=ClaimedBy(claimed_by) if claimed_by else None,
        paid_by=PaidBy(values.pop("paid_by")),
        **values,
    )
