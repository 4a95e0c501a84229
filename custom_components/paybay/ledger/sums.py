"""What a site took and gave, added up in the database by quarters of an hour."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)

from ..domain.orders import OFFERED, PaidBy
from ..domain.refunds import RefundState
from ..domain.sums import BUCKET_MS, Slice, Sums
from .deliveries import DeliveryState
from .schema import deliveries, orders, payments, refunds


def of_site(
    connection: Connection, site_id: str, from_ms: int, to_ms: int | None = None
) -> list[Slice]:
    """Return what came together from a moment on, up to another one (None: now).

    Money belongs to when the provider says it was paid, or to when cash was taken; a
    refund to when it fell due; a session to its beginning; time and energy to the end
    of their stretch. Each question reads an index of that time, and no more.
    """
    found: dict[tuple[int, str], list[Sums]] = defaultdict(list)
    for query, names in _questions(site_id, from_ms, to_ms):
        for at, bay_id, test_mode, *values in connection.execute(query):
            numbers = zip(names(test_mode), map(int, values), strict=True)
            sums = Sums(**{name: number for name, number in numbers if name})
            found[at * BUCKET_MS, bay_id].append(sums)
    return [Slice(at, bay_id, Sums.of(s)) for (at, bay_id), s in sorted(found.items())]


def _questions(
    site_id: str, from_ms: int, to_ms: int | None
) -> Iterator[tuple[Select[Any], Any]]:
    def ask(at: Column[Any], *values: Any) -> Select[Any]:
        bucket = (at // BUCKET_MS).label("bucket")
        span = at >= from_ms if to_ms is None else and_(at >= from_ms, at < to_ms)
        keys = bucket, orders.c.bay_id, orders.c.test_mode
        # The planner is not to begin at all orders of the site: no index of that.
        ours = orders.c.site_id.op("||")("") == site_id
        return select(*keys, *values).where(span, ours).group_by(*keys)

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
        back.where(_went_back(), orders.c.test_mode.is_(False)),
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
    yield (
        ran.where(deliveries.c.state == DeliveryState.CLOSED),
        lambda _test: ["delivered_ms", "delivered_mwh"],
    )


def _went_back() -> ColumnElement[bool]:
    taken_on = and_(
        refunds.c.state == RefundState.SENT, refunds.c.provider_id.is_not(None)
    )
    return or_(refunds.c.state == RefundState.PROCESSED, taken_on)


def _ran(stretch: Any) -> ColumnElement[bool]:
    return or_(stretch.c.ran_ms > 0, stretch.c.state == DeliveryState.ON)


def _first() -> ColumnElement[bool]:
    """Say that an order did not run before this stretch."""
    before = deliveries.alias("before")
    same = before.c.order_id == deliveries.c.order_id
    return ~exists().where(same, before.c.id < deliveries.c.id, _ran(before))
