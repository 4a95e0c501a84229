"""Orders with all that came of them, found by what an owner knows of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.order_filter import Cursor, OrderFilter
from custom_components.paybay.domain.orders import OrderState, OrderStep
from custom_components.paybay.ledger import (
    deliveries,
    order_views,
    orders,
    payments,
    refund_choices,
    refund_tries,
    refunds,
)
from custom_components.paybay.ledger.orders import UnknownOrderError

from .books import BEGAN_MS, add_order, books, finish, pay


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with books(tmp_path / "ledger.db") as opened:
        yield opened


def ids(connection: Connection, limit: int = 200, **wanted: Any) -> list[str]:
    found = order_views.page(connection, OrderFilter(**wanted), after=None, limit=limit)
    return [view.order.id for view in found.views]


def test_pages_show_every_order_once_even_if_more_are_made_meanwhile(
    connection: Connection,
) -> None:
    for number in range(25):
        add_order(connection, number)
    shown: list[str] = []
    after: Cursor | None = None
    for later in range(3):
        page = order_views.page(connection, OrderFilter(), after=after, limit=10)
        shown += [view.order.id for view in page.views]
        after = page.next and Cursor.unpack(page.next.pack())
        add_order(connection, 100 + later)
    assert after is None
    assert shown == [f"ord_{number:06}" for number in reversed(range(25))]


def test_orders_made_in_the_same_millisecond_are_not_lost_between_pages(
    connection: Connection,
) -> None:
    for number in range(7):
        add_order(connection, number, created_ms=BEGAN_MS)
    shown: list[str] = []
    after: Cursor | None = None
    for _ in range(4):
        page = order_views.page(connection, OrderFilter(), after=after, limit=2)
        shown += [view.order.id for view in page.views]
        after = page.next
    assert sorted(shown) == [f"ord_{number:06}" for number in range(7)]


def test_last_page_that_is_just_full_says_that_it_is_the_last(
    connection: Connection,
) -> None:
    for number in range(4):
        add_order(connection, number)
    page = order_views.page(connection, OrderFilter(), after=None, limit=4)
    assert page.next is None
    assert order_views.page(connection, OrderFilter(), after=None, limit=3).next


def test_orders_are_found_by_what_stands_on_a_customers_receipt(
    connection: Connection,
) -> None:
    for number in range(3):
        pay(connection, add_order(connection, number))
    assert ids(connection, payment_id="pay_000001") == ["ord_000001"]
    assert ids(connection, rrn="rrn000002") == ["ord_000002"]
    assert ids(connection, order_id="ord_000000") == ["ord_000000"]
    assert ids(connection, rrn="nobody's") == []


def test_orders_are_found_by_place_plan_time_and_state(connection: Connection) -> None:
    add_order(connection, 0, bay_id="left")
    add_order(connection, 1, plan_code="hour")
    add_order(connection, 2, site_id="other")
    pay(connection, add_order(connection, 3))
    minute_ms = 60_000
    assert ids(connection, bay_ids=frozenset({"left"})) == ["ord_000000"]
    assert ids(connection, bay_ids=frozenset()) == []
    assert ids(connection, plan_code="hour") == ["ord_000001"]
    assert ids(connection, site_ids=frozenset({"other"})) == ["ord_000002"]
    assert ids(connection, states=frozenset({OrderState.PAID})) == ["ord_000003"]
    between = {"from_ms": BEGAN_MS + minute_ms, "to_ms": BEGAN_MS + 3 * minute_ms}
    assert ids(connection, **between) == ["ord_000002", "ord_000001"]


def test_open_orders_are_those_that_wait_for_service_or_for_money(
    connection: Connection,
) -> None:
    add_order(connection, 0)
    pay(connection, add_order(connection, 1))
    done = add_order(connection, 2)
    pay(connection, done)
    finish(connection, done)
    owed = add_order(connection, 3)
    payment = payments.find(connection, pay(connection, owed))
    assert payment
    finish(connection, owed)
    refund = refunds.owe(connection, payment, Money(500, "INR"), "stopped", 0)
    assert refund
    expected = ["ord_000003", "ord_000001", "ord_000000"]
    assert ids(connection, open_only=True) == expected
    refunds.settle(connection, refund.key, 0)
    assert ids(connection, open_only=True) == expected[1:]
    view = order_views.one(connection, owed.id)
    assert not view.is_open


def test_money_of_an_order_adds_up(connection: Connection) -> None:
    order = add_order(connection, 1)
    pay(connection, order)
    extra = payments.find(connection, pay(connection, order, "x", fee_minor=None))
    assert extra
    view = order_views.one(connection, order.id)
    assert (view.paid.minor, view.fee, view.credited and view.credited.id) == (
        2000,
        None,
        "pay_000001",
    )
    owed = refunds.owe(connection, extra, Money(1000, "INR"), "paid_twice", 0)
    assert owed
    refund_choices.approve(connection, owed.key, 0)
    refund_tries.begin(connection, owed.key, 0)
    view = order_views.one(connection, order.id)
    assert (view.refund_pending.minor, view.refunded.minor) == (1000, 0)
    assert view.net == Money(2000, "INR")


def test_time_of_a_running_order_counts_up_to_its_checkpoint(
    connection: Connection,
) -> None:
    order = add_order(connection, 1)
    pay(connection, order)
    began_ms = order.created_ms + 20_000
    delivery = deliveries.begin(
        connection,
        order_id=order.id,
        bay_id="bay",
        relay="switch.relay",
        planned_ms=600_000,
        at_ms=began_ms,
    )
    deliveries.proven(connection, delivery.id, began_ms)
    orders.step(connection, order.id, OrderStep.START, began_ms)
    deliveries.mark(connection, delivery.id, 45_000, began_ms + 45_000)
    view = order_views.one(connection, order.id)
    assert (view.delivered_ms, view.started_ms, view.ended_ms) == (
        45_000,
        began_ms,
        None,
    )


def test_timeline_is_read_only_where_it_is_asked_for(connection: Connection) -> None:
    order = add_order(connection, 1)
    (brief,) = order_views.page(connection, OrderFilter(), after=None, limit=1).views
    assert brief.timeline == ()
    (line,) = order_views.one(connection, order.id).timeline
    assert (line.at_ms, line.what) == (order.created_ms, "created")
    assert line.detail == {"plan": "ten_min", "minor": 1000, "owed_ms": 600_000}


def test_unknown_order_is_said_to_be_unknown(connection: Connection) -> None:
    with pytest.raises(UnknownOrderError):
        order_views.one(connection, "ord_nobody")
