"""A ledger file with orders in it, whatever became of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    PaymentFact,
    PaymentStatus,
)
from custom_components.paybay.domain.orders import Order, OrderState, OrderStep
from custom_components.paybay.ledger import orders, payments
from custom_components.paybay.ledger.engine import open_engine
from custom_components.paybay.ledger.migrations import migrate
from custom_components.paybay.ledger.payments import Verdict

BEGAN_MS = 1_790_000_000_000


@contextmanager
def books(path: Path) -> Iterator[Connection]:
    """Open a ledger file, made if it is not there, in one transaction."""
    engine = open_engine(path)
    with engine.begin() as connection:
        migrate(connection)
        yield connection
    engine.dispose()


def add_order(connection: Connection, number: int, **changes: Any) -> Order:
    """Store an offer; each number is a minute later than the one before."""
    values: dict[str, Any] = {
        "id": f"ord_{number:06}",
        "site_id": "site",
        "bay_id": "bay",
        "bay_name": "Bay 1",
        "plan_code": "ten_min",
        "plan_name": "Ten minutes",
        "price": Money(1000, "INR"),
        "owed_ms": 600_000,
        "state": OrderState.CREATED,
        "watch_code": f"watch_{number}",
        "created_ms": BEGAN_MS + number * 60_000,
        "offer_ends_ms": BEGAN_MS + number * 60_000 + 960_000,
    }
    order = Order(**(values | changes))
    orders.add(connection, order)
    return order


def pay(connection: Connection, order: Order, suffix: str = "", **changes: Any) -> str:
    """Store a captured payment for an order ten seconds after it was made."""
    at_ms = order.created_ms + 10_000
    values: dict[str, Any] = {
        "id": f"pay_{order.id[4:]}{suffix}",
        "status": PaymentStatus.CAPTURED,
        "amount": order.price,
        "created_s": at_ms // 1000,
        "method": "upi",
        "rrn": f"rrn{order.id[4:]}",
        "fee_minor": 24,
        "tax_minor": 4,
    }
    fact = PaymentFact(**(values | changes))
    verdict = Verdict.EXTRA if suffix else Verdict.CREDITED
    payments.add(
        connection,
        fact,
        order.id,
        channel=Channel.WEBHOOK,
        verdict=verdict,
        at_ms=at_ms,
    )
    if not suffix:
        orders.step(connection, order.id, OrderStep.CREDIT, at_ms, paid_ms=at_ms)
    return fact.id


def finish(connection: Connection, order: Order) -> None:
    """Store that a paid order was delivered in full, once its time was over."""
    at_ms = order.created_ms + 20_000
    orders.step(connection, order.id, OrderStep.START, at_ms)
    ended_ms = at_ms + order.owed_ms
    step = OrderStep.COMPLETE
    orders.step(
        connection, order.id, step, ended_ms, ran_ms=order.owed_ms, reason="time_up"
    )
