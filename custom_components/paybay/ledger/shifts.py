"""Who sold, gave away and stopped what, added up by person."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from ..domain.orders import ENDED, OFFERED, PaidBy
from ..domain.shifts import Shift
from .schema import CASH_BACK_DUE, orders
from .sums import not_by_site

_ORDERS = {
    PaidBy.CASH: "cash_orders",
    PaidBy.FREE: "free_orders",
    PaidBy.ONLINE: "online_orders",
}


def of_site(
    connection: Connection, site_id: str, from_ms: int, to_ms: int
) -> dict[str | None, Shift]:
    """Return the shifts of a span by user id; None is an automation's.

    Sales belong to when they were paid, stops and cash given back to when that was.
    `cash_back_due` is as it stands now, whenever it was sold.
    """
    found: dict[str | None, list[Shift]] = defaultdict(list)
    for user_id, shift in _parts(connection, site_id, from_ms, to_ms):
        found[user_id].append(shift)
    return {user_id: Shift.of(parts) for user_id, parts in found.items()}


def _parts(
    connection: Connection, site_id: str, from_ms: int, to_ms: int
) -> Iterator[tuple[str | None, Shift]]:
    def ask(who: Any, *values: Any) -> Any:
        query = select(who, *values).where(not_by_site(site_id))
        return query.group_by(who)

    def within(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return column.between(from_ms, to_ms - 1)

    columns = orders.c
    ended = columns.state.in_(sorted(ENDED))
    used = case((ended, columns.ran_ms), else_=columns.owed_ms)
    sold = (
        ask(
            columns.by_user,
            columns.paid_by,
            func.count(),
            func.sum(columns.price_minor),
            func.sum(used),
        )
        .where(within(columns.paid_ms), columns.state.not_in(sorted(OFFERED)))
        .group_by(columns.paid_by)
    )
    for user_id, paid_by, count, minor, used_ms in connection.execute(sold):
        kind = PaidBy(paid_by)
        if user_id is None and kind is not PaidBy.CASH:
            continue  # Customers who served themselves.
        yield (
            user_id,
            Shift(
                **{_ORDERS[kind]: int(count)},
                cash=int(minor) if kind is PaidBy.CASH else 0,
                free_ms=int(used_ms) if kind is PaidBy.FREE else 0,
            ),
        )
    minor = func.sum(columns.cash_back_minor)
    given = ask(columns.cash_back_by, minor).where(within(columns.cash_back_ms))
    for user_id, back in connection.execute(given):
        yield user_id, Shift(cash_back=int(back))
    for user_id, due in connection.execute(
        ask(columns.by_user, minor).where(CASH_BACK_DUE)
    ):
        yield user_id, Shift(cash_back_due=int(due))
    stopped = ask(columns.stopped_by, func.count()).where(within(columns.stopped_ms))
    for user_id, stops in connection.execute(stopped):
        yield user_id, Shift(stops=int(stops))
