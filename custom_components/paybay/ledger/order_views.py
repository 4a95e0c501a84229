"""The one place that reads orders with all that came of them; it changes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    or_,
    select,
    tuple_,
    union,
)

from ..domain.money import Money
from ..domain.order_filter import Cursor, OrderFilter
from ..domain.order_view import DeliveryView, OrderView, PaymentView, RefundView
from ..domain.orders import ENDED, OrderState
from ..domain.refunds import UNSETTLED, RefundState
from ..domain.timeline import TimelineRow
from .orders import UnknownOrderError, from_row
from .schema import (
    CASH_BACK_DUE,
    deliveries,
    orders,
    payments,
    refunds,
    timeline as lines,
)

_OPEN = frozenset(OrderState) - ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some orders, newest first, and where the next page begins (None: no more)."""

    views: tuple[OrderView, ...]
    next: Cursor | None


def one(connection: Connection, order_id: str) -> OrderView:
    """Return an order with its whole timeline; raise UnknownOrderError."""
    found = connection.execute(select(orders).where(orders.c.id == order_id)).all()
    if not found:
        raise UnknownOrderError(order_id)
    return views_of(connection, found, timeline=True)[0]


def by_watch_code(connection: Connection, code: str) -> OrderView | None:
    """Return the order that a customer's key opens, with its whole timeline."""
    found = connection.execute(select(orders).where(orders.c.watch_code == code)).all()
    return views_of(connection, found, timeline=True)[0] if found else None


def by_rrn(
    connection: Connection, bay_id: str, rrn: str, since_ms: int
) -> OrderView | None:
    """Return the newest order of a bay that was paid with this bank reference."""
    paid = select(payments.c.order_id).where(
        payments.c.rrn == rrn, payments.c.seen_ms >= since_ms
    )
    own = orders.c.id.in_(paid), orders.c.bay_id == bay_id
    newest = select(orders).where(*own).order_by(orders.c.created_ms.desc())
    found = connection.execute(newest.limit(1)).all()
    return views_of(connection, found, timeline=True)[0] if found else None


def page(
    connection: Connection,
    wanted: OrderFilter,
    *,
    after: Cursor | None,
    limit: int,
    timeline: bool = False,
) -> Page:
    """Return up to `limit` orders after a cursor, newest first.

    Orders made between two pages are on neither; none is shown twice or left out.
    """
    query = select(orders).where(*_conditions(wanted))
    place = tuple_(orders.c.created_ms, orders.c.id)
    if after is not None:
        query = query.where(place < (after.created_ms, after.order_id))
    newest = query.order_by(orders.c.created_ms.desc(), orders.c.id.desc())
    rows = connection.execute(newest.limit(limit + 1)).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        views=tuple(views_of(connection, shown, timeline=timeline)),
        next=Cursor(shown[-1].created_ms, shown[-1].id) if more else None,
    )


def views_of(
    connection: Connection, rows: Sequence[Row[Any]], *, timeline: bool
) -> list[OrderView]:
    """Return the views of rows of the orders table, in their order."""
    reader = _Parts(connection, [row.id for row in rows])
    paid = reader.read(payments, payments.c.verdict, payments.c.seen_ms)
    gone_back = reader.read(refunds, refunds.c.created_ms, refunds.c.key)
    ran = reader.read(deliveries, deliveries.c.id)
    told = reader.read(lines, lines.c.id) if timeline else {}
    return [
        OrderView(
            order=from_row(row),
            payments=tuple(map(_payment, paid.get(row.id, ()))),
            deliveries=tuple(map(_delivery, ran.get(row.id, ()))),
            refunds=tuple(map(_refund, gone_back.get(row.id, ()))),
            timeline=tuple(map(_line, told.get(row.id, ()))),
        )
        for row in rows
    ]


class _Parts:
    """Reads what belongs to some orders, one query a table."""

    def __init__(self, connection: Connection, order_ids: Sequence[str]) -> None:
        self._connection = connection
        self._order_ids = order_ids

    def read(self, table: Table, *order_by: Any) -> dict[str, list[Row[Any]]]:
        where = table.c.order_id.in_(self._order_ids)
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self._connection.execute(
            select(table).where(where).order_by(*order_by)
        ):
            found[row.order_id].append(row)
        return found


def _conditions(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    for column, values in (
        (orders.c.site_id, wanted.site_ids),
        (orders.c.bay_id, wanted.bay_ids),
        (orders.c.state, wanted.states),
    ):
        if values is not None:
            yield column.in_(sorted(values))
    if wanted.from_ms is not None:
        yield orders.c.created_ms >= wanted.from_ms
    if wanted.to_ms is not None:
        yield orders.c.created_ms < wanted.to_ms
    if wanted.plan_code is not None:
        yield orders.c.plan_code == wanted.plan_code
    if wanted.order_id is not None:
        yield orders.c.id == wanted.order_id
    yield from _by_money(wanted)
    if wanted.search is not None:
        yield _found(wanted.search)


def _found(text: str) -> ColumnElement[bool]:
    """Say that an order has something to do with what somebody typed."""
    columns = orders.c.id, orders.c.bay_name, orders.c.plan_name, orders.c.note
    paid = select(payments.c.order_id)
    return or_(
        *(column.icontains(text, autoescape=True) for column in columns),
        orders.c.id.in_(paid.where(payments.c.id == text)),
        orders.c.id.in_(paid.where(payments.c.rrn == text)),
    )


def _by_money(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    paid = select(payments.c.order_id)
    if wanted.payment_id is not None:
        yield orders.c.id.in_(paid.where(payments.c.id == wanted.payment_id))
    if wanted.rrn is not None:
        yield orders.c.id.in_(paid.where(payments.c.rrn == wanted.rrn))
    if wanted.open_only:
        waiting = select(refunds.c.order_id).where(refunds.c.state.in_(UNSETTLED))
        by_hand = select(orders.c.id).where(CASH_BACK_DUE)
        yield orders.c.id.in_(
            union(
                select(orders.c.id).where(orders.c.state.in_(_OPEN)), waiting, by_hand
            )
        )


def _payment(row: Row[Any]) -> PaymentView:
    return PaymentView(
        id=row.id,
        amount=Money(row.amount_minor, row.currency),
        verdict=row.verdict,
        channel=row.channel,
        created_ms=row.created_ms,
        seen_ms=row.seen_ms,
        method=row.method,
        rrn=row.rrn,
        fee_minor=row.fee_minor,
        tax_minor=row.tax_minor,
        refunded_minor=row.refunded_minor,
    )


def _delivery(row: Row[Any]) -> DeliveryView:
    return DeliveryView(
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        planned_ms=row.planned_ms,
        ran_ms=row.ran_ms,
        ran_mwh=row.ran_mwh if row.ran_mwh or row.meter_mwh is not None else None,
        state=row.state,
        reason=row.reason,
    )


def _refund(row: Row[Any]) -> RefundView:
    return RefundView(
        key=row.key,
        payment_id=row.payment_id,
        provider_id=row.provider_id,
        amount=Money(row.amount_minor, row.currency),
        state=RefundState(row.state),
        reason=row.reason,
        approved_by=row.approved_by,
        problem=row.problem,
        created_ms=row.created_ms,
        updated_ms=row.updated_ms,
    )


def _line(row: Row[Any]) -> TimelineRow:
    detail = json.loads(row.detail) if row.detail else {}
    return TimelineRow(at_ms=row.at_ms, what=row.what, detail=detail)
