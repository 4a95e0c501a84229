"""What every turn of a bay asks stays quick, however many orders there ever were.

One thread owns the ledger: a question that reads a whole table holds up every bay.
"""

from collections.abc import Callable
from pathlib import Path
import re
from typing import Any

import pytest
from sqlalchemy import Connection, event

from custom_components.paybay.ledger import (
    arrivals,
    deliveries,
    orders,
    payments,
    refunds,
    sessions,
    takings,
    unreported,
)

from .books import BEGAN_MS, add_order, books, finish, pay

READS: dict[str, Callable[[Connection], Any]] = {
    "desk": lambda c: sessions.desk(c, "bay"),
    "open_stretches": deliveries.open_ones,
    "latest_arrivals": lambda c: arrivals.latest(c, "site", BEGAN_MS, 10),
    "last_channel": lambda c: payments.last_channel(c, "site"),
    "unsettled": lambda c: refunds.unsettled(c, "site"),
    "due": lambda c: refunds.due(c, "site"),
    "in_work": lambda c: refunds.in_work(c, "site"),
    "taken_today": lambda c: takings.taken(c, "site", "INR", from_ms=BEGAN_MS),
    "unreported": lambda c: unreported.of_site(c, "site"),
}
_WHOLE_TABLE = re.compile(r"^SCAN \w+$")
_AS_BAD = ("(site_id=?)", "deliveries_bay ")
"""Every order a site ever had, every stretch of a bay."""
_SMALL = ("orders_unreported (site_id=?)", "orders_cash_back_due (site_id=?)")


def plans_of(connection: Connection, read: Callable[[Connection], Any]) -> list[str]:
    """Return how SQLite goes about everything that `read` asks."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        asked.append((sql, values))

    event.listen(connection, "before_cursor_execute", note)
    read(connection)
    event.remove(connection, "before_cursor_execute", note)
    return [
        row.detail
        for sql, values in asked
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
    ]


def is_slow(step: str) -> bool:
    """Return whether a step grows with the number of orders there ever were."""
    if any(small in step for small in _SMALL):
        return False
    return bool(_WHOLE_TABLE.match(step)) or any(bad in step for bad in _AS_BAD)


@pytest.mark.parametrize("name", READS)
def test_question_asked_often_reads_no_whole_table(tmp_path: Path, name: str) -> None:
    with books(tmp_path / "ledger.db") as connection:
        for number in range(3):
            order = add_order(connection, number)
            pay(connection, order)
            finish(connection, order)
        plans = plans_of(connection, READS[name])
    assert plans
    assert [step for step in plans if is_slow(step)] == []


def test_whole_table_would_be_noticed(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        connection.exec_driver_sql("DROP INDEX deliveries_open")
        connection.exec_driver_sql("DROP INDEX orders_unreported")
        connection.exec_driver_sql("DROP INDEX payments_seen")
        for name in ("desk", "latest_arrivals", "last_channel", "unreported"):
            plans = plans_of(connection, READS[name])
            assert [step for step in plans if is_slow(step)], name


def test_unreported_order_is_found_until_it_was_seen(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        order = add_order(connection, 1)
        add_order(connection, 2)
        orders.change(connection, order.id, reason=unreported.REASON)
        assert [o.id for o in unreported.of_site(connection, "site")] == [order.id]
        unreported.seen(connection, order.id, BEGAN_MS)
        assert unreported.of_site(connection, "site") == []
