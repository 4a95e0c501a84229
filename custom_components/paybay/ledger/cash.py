"""Cash in the ledger: what attendants took, gave away, and have to give back."""

from collections.abc import Sequence

from sqlalchemy import Connection, case, func, select

from ..domain.orders import ENDED, OFFERED, Order, PaidBy
from ..domain.refunds import undelivered
from ..domain.timeline import Entry
from .orders import change, from_row, get, note
from .schema import CASH_BACK_DUE, orders
from .sums import not_by_site


class NoCashBackError(LookupError):
    """Nothing is to be given back for this order, or it was given already."""


def sold(connection: Connection, order: Order, at_ms: int) -> None:
    """Tell in an order's timeline how it was paid, where no provider knows of it."""
    if order.paid_by is PaidBy.CASH:
        paid = {"minor": order.price.minor, "by": order.by_user}
        note(connection, order.id, at_ms, Entry.CASH, **paid)
    elif order.paid_by is PaidBy.FREE and order.by_user:
        note(connection, order.id, at_ms, Entry.GIVEN_FREE, by=order.by_user)


def owe_back(connection: Connection, order: Order, reason: str, at_ms: int) -> None:
    """Store that the undelivered rest of an order's cash has to be given back."""
    _owe(connection, order, undelivered(order.price, order).minor, reason, at_ms)


def owe_all_back(connection: Connection, order: Order, reason: str, at_ms: int) -> None:
    """Store the same of all of it, whatever was delivered; nothing is owed twice."""
    if not order.cash_back_minor:
        _owe(connection, order, order.price.minor, reason, at_ms)


def _owe(
    connection: Connection, order: Order, minor: int, reason: str, at_ms: int
) -> None:
    if not minor:
        return
    change(connection, order.id, cash_back_minor=minor)
    due = {"minor": minor, "reason": reason}
    note(connection, order.id, at_ms, Entry.CASH_BACK_DUE, **due)


def give_back(
    connection: Connection, order_id: str, by_user: str | None, at_ms: int
) -> Order:
    """Store that cash was given back by a user (None: by the owner, in the repairs).

    Raise NoCashBackError or UnknownOrderError.
    """
    order = get(connection, order_id)
    if not order.owes_cash:
        raise NoCashBackError(order_id)
    change(connection, order_id, cash_back_ms=at_ms, cash_back_by=by_user)
    note(
        connection,
        order_id,
        at_ms,
        Entry.CASH_BACK_GIVEN,
        minor=order.cash_back_minor,
        by=by_user or "owner",
    )
    return get(connection, order_id)


def serve_instead(connection: Connection, order: Order) -> None:
    """Take back that cash is owed: its order is served after all."""
    change(connection, order.id, cash_back_minor=0)


def due_back(connection: Connection, site_id: str) -> Sequence[Order]:
    """Return a site's orders whose cash is still to be given back, oldest first."""
    where = CASH_BACK_DUE, orders.c.site_id == site_id
    query = select(orders).where(*where).order_by(orders.c.created_ms)
    rows = connection.execute(query)
    return [from_row(row) for row in rows]


def given_free_ms(
    connection: Connection, site_id: str, user_id: str, since_ms: int
) -> int:
    """Return how much time a user gave away since a moment: used, or still owed."""
    used = case(
        (orders.c.state.in_(sorted(ENDED)), orders.c.ran_ms), else_=orders.c.owed_ms
    )
    query = select(func.coalesce(func.sum(used), 0)).where(
        orders.c.paid_ms >= since_ms,
        not_by_site(site_id),
        orders.c.by_user == user_id,
        orders.c.paid_by == PaidBy.FREE,
        orders.c.state.not_in(sorted(OFFERED)),
    )
    return int(connection.execute(query).scalar_one())
