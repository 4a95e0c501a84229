"""All money of a span of time, with the orders it paid for, a few at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    null,
    select,
    union_all,
)

from ..domain.order_view import OrderView, PaymentView
from .order_views import views_of
from .schema import orders, payments

CHUNK = 250


def count(connection: Connection, from_ms: int, to_ms: int, site_id: str | None) -> int:
    """Return how many rows `rows` will give."""
    keys = _keys(from_ms, to_ms, site_id).subquery()
    return int(connection.execute(select(func.count()).select_from(keys)).scalar_one())


def rows(
    connection: Connection, from_ms: int, to_ms: int, site_id: str | None
) -> Iterator[list[tuple[OrderView, PaymentView | None]]]:
    """Yield the payments of a span with their orders, oldest first, in chunks.

    A payment belongs to the time the provider says it was made; an order that cost
    nothing to the time it was granted, and has no payment.
    """
    keys = _keys(from_ms, to_ms, site_id).subquery()
    query = select(keys).order_by(keys.c.at_ms, keys.c.order_id, keys.c.payment_id)
    found = connection.execution_options(yield_per=CHUNK).execute(query)
    for chunk in found.partitions(CHUNK):
        yield list(_joined(connection, chunk))


def _joined(
    connection: Connection, keys: Sequence[Row[Any]]
) -> Iterator[tuple[OrderView, PaymentView | None]]:
    ids = {key.order_id for key in keys}
    found = connection.execute(select(orders).where(orders.c.id.in_(ids))).all()
    views = {v.order.id: v for v in views_of(connection, found, timeline=False)}
    for key in keys:
        view = views[key.order_id]
        payment = (p for p in view.payments if p.id == key.payment_id)
        yield view, next(payment, None)


def _keys(from_ms: int, to_ms: int, site_id: str | None) -> Any:
    def within(column: ColumnElement[int]) -> list[ColumnElement[bool]]:
        span = [column >= from_ms, column < to_ms]
        return span if site_id is None else [*span, orders.c.site_id == site_id]

    made = payments.c.created_ms
    paid: Select[Any] = (
        select(
            made.label("at_ms"), payments.c.order_id, payments.c.id.label("payment_id")
        )
        .join(orders, orders.c.id == payments.c.order_id)
        .where(*within(made))
    )
    no_money = ~exists().where(payments.c.order_id == orders.c.id)
    free: Select[Any] = select(orders.c.paid_ms, orders.c.id, null()).where(
        *within(orders.c.paid_ms), no_money
    )
    return union_all(paid, free)
