"""What a site took and gave, added up in the database by local days."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from ..domain.orders import OFFERED, PaidBy
from ..domain.refunds import RefundState
from ..domain.sums import DAY_MS, Slice, Sums, offsets
from .deliveries import DeliveryState
from .schema import deliveries, orders, payments, refunds

_EPOCH = date(1970, 1, 1)


def of_site(
    connection: Connection, site_id: str, from_ms: int, now_ms: int, zone: tzinfo
) -> list[Slice]:
    """Return what came together from the beginning of a local day on, day by day.

    Money belongs to when the provider says it was paid, or to when cash was taken; a
    refund to when it fell due; a session to its beginning; time and energy to the end
    of their stretch. Each question reads an index of that time, and no more.
    """
    found: dict[tuple[int, str], list[Sums]] = defaultdict(list)
    for query, names in _questions(site_id, from_ms, offsets(from_ms, now_ms, zone)):
        for day, bay_id, test_mode, *values in connection.execute(query):
            numbers = zip(names(test_mode), map(int, values), strict=True)
            sums = Sums(**{name: number for name, number in numbers if name})
            found[int(day), bay_id].append(sums)
    return [
        Slice(_EPOCH + timedelta(days=day), bay_id, Sums.of(parts))
        for (day, bay_id), parts in sorted(found.items())
    ]


def _questions(
    site_id: str, from_ms: int, zone: list[tuple[int, int]]
) -> Iterator[tuple[Select[Any], Any]]:
    def ask(at: Column[Any], *values: Any) -> Select[Any]:
        keys = _day(at, zone).label("day"), orders.c.bay_id, orders.c.test_mode
        query = select(*keys, *values).where(at >= from_ms, not_by_site(site_id))
        return query.group_by(*keys)

    def real(name: str) -> Any:
        return lambda test_mode: ["test_revenue"] if test_mode else [name]

    paid = ask(payments.c.created_ms, func.sum(payments.c.amount_minor)).join(
        orders, orders.c.id == payments.c.order_id
    )
    yield paid.where(payments.c.currency == orders.c.currency), real("revenue")
    cash = ask(
        orders.c.paid_ms,
        func.sum(orders.c.price_minor),
        func.sum(orders.c.cash_back_minor),
    )
    yield (
        cash.where(
            orders.c.paid_by == PaidBy.CASH,
            orders.c.state.not_in(sorted(OFFERED)),
            orders.c.test_mode.is_(False),
        ),
        lambda test: ["test_revenue", None] if test else ["cash", "cash_back"],
    )
    back = ask(refunds.c.created_ms, func.sum(refunds.c.amount_minor)).join(
        orders, orders.c.id == refunds.c.order_id
    )
    yield (
        back.where(
            _went_back(),
            orders.c.test_mode.is_(False),
            refunds.c.currency == orders.c.currency,
        ),
        lambda _test: ["refunded"],
    )
    begun = ask(deliveries.c.started_ms, func.count()).join(
        orders, orders.c.id == deliveries.c.order_id
    )
    yield begun.where(_ran(deliveries), _first()), lambda _test: ["sessions"]
    ran = ask(
        deliveries.c.ended_ms,
        func.sum(deliveries.c.ran_ms),
        func.sum(deliveries.c.ran_mwh),
    ).join(orders, orders.c.id == deliveries.c.order_id)
    yield ran, lambda _test: ["delivered_ms", "delivered_mwh"]


def not_by_site(site_id: str) -> ColumnElement[bool]:
    """Say that an order is a site's, so that no index of sites is used for it.

    Otherwise SQLite begins at all orders the site ever had, and not at a time.
    """
    return orders.c.site_id.op("||")("") == site_id


def _day(at: Column[Any], zone: list[tuple[int, int]]) -> ColumnElement[int]:
    """Return the number of the local day, counted from 1970."""
    *changes, (_, last_ms) = zone
    if not changes:
        return (at + last_ms) // DAY_MS
    whens = [(at < until_ms, offset_ms) for until_ms, offset_ms in changes]
    return (at + case(*whens, else_=last_ms)) // DAY_MS


def _went_back() -> ColumnElement[bool]:
    # As an expression: by state, all refunds there ever were would be read.
    state = refunds.c.state.op("||")("")
    taken_on = and_(state == RefundState.SENT, refunds.c.provider_id.is_not(None))
    return or_(state == RefundState.PROCESSED, taken_on)


def _ran(stretch: Any) -> ColumnElement[bool]:
    return or_(stretch.c.ran_ms > 0, stretch.c.state == DeliveryState.ON)


def _first() -> ColumnElement[bool]:
    """Say that an order did not run before this stretch."""
    before = deliveries.alias("before")
    same = before.c.order_id == deliveries.c.order_id
    return ~exists().where(same, before.c.id < deliveries.c.id, _ran(before))
