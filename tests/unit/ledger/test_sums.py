"""What a site took and gave, as screens and statistics add it up."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import Order, OrderStep, PaidBy
from custom_components.paybay.domain.refunds import RefundStep
from custom_components.paybay.domain.sums import Sums, by_day, since
from custom_components.paybay.ledger import (
    cash,
    deliveries,
    live_orders,
    orders,
    payments,
    refunds,
    shifts,
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


def of_site(connection: Connection, from_ms: int = BEGAN_MS) -> Sums:
    slices = sums.of_site(connection, "site", from_ms, BEGAN_MS, INDIA)
    return Sums.of(each.sums for each in slices)


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


def test_money_of_another_currency_counts_neither_coming_nor_going(
    tmp_path: Path,
) -> None:
    with books(tmp_path / "ledger.db") as connection:
        order = add_order(connection, 1)
        pay(connection, order, amount=Money(5000, "USD"))
        (payment,) = payments.of_order(connection, order.id)
        refund = refunds.owe(
            connection, payment, payment.amount, "currency", order.created_ms
        )
        assert refund is not None
        sent = refunds.move(connection, refund, RefundStep.SEND, BEGAN_MS)
        refunds.move(connection, sent, RefundStep.PROCESS, BEGAN_MS)
        assert of_site(connection) == Sums()


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
        assert of_site(connection, from_ms=hour_ms).sessions == 1


@pytest.mark.parametrize(
    ("zone", "month", "day"),
    [("Asia/Kolkata", 3, 2), ("Europe/Berlin", 3, 29), ("Europe/Berlin", 10, 25)],
)
def test_days_are_those_of_the_owners_zone(
    tmp_path: Path, zone: str, month: int, day: int
) -> None:
    """Also around the days that are an hour shorter or longer."""
    there = ZoneInfo(zone)
    midnight = datetime(2026, month, day, tzinfo=there)
    begins = [midnight + timedelta(days=days) for days in (-1, 0, 1)]
    with books(tmp_path / "ledger.db") as connection:
        for number, begin in enumerate(begins):
            for minutes in (0, 150, -1):
                at_ms = int(begin.timestamp() * 1000) + minutes * 60_000
                name = number * 10 + minutes % 7
                order = add_order(connection, name, created_ms=at_ms)
                pay(connection, order, created_s=at_ms // 1000)
        from_ms = int(begins[0].timestamp() * 1000)
        end_ms = from_ms + 5 * 86_400_000
        slices = sums.of_site(connection, "site", from_ms, end_ms, there)
    days = {day: each["bay"].revenue for day, each in by_day(slices).items()}
    assert days == dict(
        zip((each.date() for each in begins), (3000, 3000, 2000), strict=True)
    )
    assert since(slices, begins[1].date())["bay"].revenue == 5000


def test_what_is_asked_often_reads_no_more_than_its_span(tmp_path: Path) -> None:
    with books(tmp_path / "ledger.db") as connection:
        order = add_order(connection, 1)
        pay(connection, order)
        deliver(connection, order, 600_000)
        for read in (
            lambda c: sums.of_site(c, "site", BEGAN_MS, BEGAN_MS, INDIA),
            lambda c: live_orders.of_site(c, "site"),
            lambda c: shifts.of_site(c, "site", BEGAN_MS, BEGAN_MS + 1),
            lambda c: cash.due_back(c, "site"),
            lambda c: cash.given_free_ms(c, "site", "user", BEGAN_MS),
        ):
            plans = plans_of(connection, read)
            assert plans
            assert [step for step in plans if is_slow(step)] == []
