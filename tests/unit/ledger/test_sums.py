"""What a site took and gave, as screens and statistics add it up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import Order, OrderStep, PaidBy
from custom_components.paybay.domain.refunds import RefundStep
from custom_components.paybay.domain.sums import Slice, Sums, by_day, since
from custom_components.paybay.ledger import (
    deliveries,
    live_orders,
    orders,
    payments,
    refunds,
    sums,
)

from .books import BEGAN_MS, add_order, books, pay
from .test_plans_of_queries import is_slow, plans_of

INDIA = ZoneInfo("Asia/Kolkata")


def deliver(connection: Connection, order: Order, *parts_ms: int) -> None:
    """Store that the relay was on for an order, in stretches."""
    at_ms = order.created_ms + 20_000
    for part_ms in parts_ms:
        stretch = deliveries.begin(
            connection,
            order_id=order.id,
            bay_id=order.bay_id,
            relay="switch.relay",
            planned_ms=order.owed_ms,
            at_ms=at_ms,
        )
        deliveries.proven(connection, stretch.id, at_ms)
        at_ms += part_ms
        deliveries.close(
            connection, stretch.id, ran_ms=part_ms, reason="time_up", at_ms=at_ms
        )


def of_site(connection: Connection, **changes: Any) -> Sums:
    span = {"from_ms": BEGAN_MS, **changes}
    return Sums.of(each.sums for each in sums.of_site(connection, "site", **span))


def test_money_time_and_sessions_are_added_up(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        for number in range(2):
            order = add_order(connection, number)
            pay(connection, order)
            deliver(connection, order, 200_000, 400_000)
        found = of_site(connection)
    assert found == Sums(revenue=2000, sessions=2, delivered_ms=1_200_000)


def test_refunds_count_once_the_provider_has_them(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        order = add_order(connection, 1)
        pay(connection, order)
        (payment,) = payments.of_order(connection, order.id)
        refund = refunds.owe(
            connection, payment, Money(400, "INR"), "stopped", order.created_ms
        )
        assert refund is not None
        assert of_site(connection).refunded == 0
        sent = refunds.move(connection, refund, RefundStep.SEND, BEGAN_MS)
        assert of_site(connection).refunded == 0
        refunds.move(connection, sent, RefundStep.PROCESS, BEGAN_MS)
        assert of_site(connection).refunded == 400
        assert of_site(connection).revenue == 1000


def test_test_money_and_cash_stay_out_of_revenue(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        pay(connection, add_order(connection, 1, test_mode=True))
        order = add_order(connection, 2, paid_by=PaidBy.CASH, by_user="user")
        credit = OrderStep.CREDIT
        orders.step(connection, order.id, credit, BEGAN_MS, paid_ms=order.created_ms)
        orders.change(connection, order.id, cash_back_minor=300)
        add_order(connection, 3, paid_by=PaidBy.CASH)
        found = of_site(connection)
    assert found == Sums(test_revenue=1000, cash=1000, cash_back=300)


def test_only_the_span_and_the_site_that_are_asked_for_count(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        for number, site_id in ((0, "site"), (60, "site"), (61, "other")):
            order = add_order(connection, number, site_id=site_id)
            pay(connection, order)
            deliver(connection, order, 600_000)
        hour_ms = BEGAN_MS + 3_600_000
        assert of_site(connection).revenue == 2000
        assert of_site(connection, from_ms=hour_ms).revenue == 1000
        assert of_site(connection, to_ms=hour_ms).sessions == 1


def test_days_are_those_of_the_owners_zone() -> None:
    before = int(datetime(2026, 3, 1, 18, 15, tzinfo=UTC).timestamp() * 1000)
    after = int(datetime(2026, 3, 1, 18, 30, tzinfo=UTC).timestamp() * 1000)
    slices = [
        Slice(before, "bay", Sums(revenue=1)),
        Slice(after, "bay", Sums(revenue=2)),
        Slice(after, "bay 2", Sums(revenue=4)),
    ]
    days = by_day(slices, INDIA)
    assert [day.isoformat() for day in days] == ["2026-03-01", "2026-03-02"]
    assert list(days.values()) == [
        {"bay": Sums(revenue=1)},
        {"bay": Sums(revenue=2), "bay 2": Sums(revenue=4)},
    ]
    assert since(slices, after) == list(days.values())[1]


def test_sums_of_a_day_read_no_more_than_that_day(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        order = add_order(connection, 1)
        pay(connection, order)
        deliver(connection, order, 600_000)
        for read in (
            lambda c: sums.of_site(c, "site", BEGAN_MS),
            lambda c: live_orders.of_site(c, "site"),
        ):
            plans = plans_of(connection, read)
            assert plans
            assert [step for step in plans if is_slow(step)] == []
