"""The story of an order, as its owner reads it after a customer complained."""

import ast
from pathlib import Path

import pytest

from custom_components import paybay
from custom_components.paybay.domain.notices import PaymentStatus
from custom_components.paybay.domain.order_view import OrderView
from custom_components.paybay.domain.orders import Order, OrderStep
from custom_components.paybay.domain.timeline import Entry
from custom_components.paybay.ledger import order_views

from .world import World

WORDS = {*Entry, *OrderStep}


async def view_of(world: World, order: Order) -> OrderView:
    return await world.ledger.run(lambda c: order_views.one(c, order.id))


async def test_payment_is_told_with_all_that_a_dispute_needs(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    await world.pay(order, method="upi", fee_minor=24, tax_minor=4)
    line = next(
        row for row in (await view_of(world, order)).timeline if row.what == "payment"
    )
    assert line.detail == {
        "payment": "pay_00000000000001",
        "minor": 1000,
        "channel": "webhook",
        "verdict": "credited",
        "method": "upi",
        "rrn": "123456789012",
        "fee_minor": 24,
        "tax_minor": 4,
    }


async def test_tries_to_pay_that_failed_are_told(switch_world: World) -> None:
    world = switch_world
    order = await world.order()
    for status in (PaymentStatus.FAILED, PaymentStatus.AUTHORIZED):
        notice = world.captured(order, status=status)
        for _ in range(2):
            await world.intake.take(notice)
    told = [row.what for row in (await view_of(world, order)).timeline]
    assert told == ["created", "payment_failed", "payment_authorized"]


async def test_fee_told_later_is_one_line_and_not_one_each_time(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    first = world.captured(order)
    await world.intake.take(first)
    assert (await view_of(world, order)).fee is None
    for number in range(3):
        known = world.captured(
            order, id="pay_00000000000001", fee_minor=24, tax_minor=4
        )
        object.__setattr__(known, "event_id", f"evt_{number}")
        await world.intake.take(known)
    view = await view_of(world, order)
    lines = [row.detail for row in view.timeline if row.what == "payment_details"]
    assert lines == [{"payment": "pay_00000000000001", "fee_minor": 24, "tax_minor": 4}]
    assert view.fee
    assert view.fee.minor == 24


async def test_interruption_is_told_with_its_measured_seconds(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(91_000)
    world.relay.flip(on=False)
    await world.advance(30_000)
    await world.advance(600_000)
    view = await view_of(world, order)
    told = [row for row in view.timeline if row.what == "delivered"]
    assert told[0].detail["ran_ms"] == 91_000
    assert told[0].detail["reason"] == "relay_off"
    assert {row.detail["measured"] for row in told} == {"clock"}
    assert sum(row.detail["ran_ms"] for row in told) == view.delivered_ms == 600_000
    steps = [row.what for row in view.timeline]
    assert steps.index("pause") < steps.index("resume") < steps.index("complete")


async def test_what_only_a_checkpoint_knows_is_told_as_that(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(100_000)
    world.relay.on = False
    await world.kill(down_ms=60_000)
    view = await view_of(world, order)
    (line,) = (row.detail for row in view.timeline if row.what == "delivered")
    assert (line["measured"], line["ran_ms"]) == ("checkpoint", 90_000)


async def test_order_owed_back_tells_from_the_first_scan_to_the_refund(
    dead_world: World,
) -> None:
    order = await dead_world.paid_order()
    view = await view_of(dead_world, order)
    told = [row.what for row in view.timeline]
    assert told[0] == "created"
    assert told[-1] == "refund_due"
    assert view.is_open
    (refund,) = view.refunds
    assert view.timeline[-1].detail == {
        "refund": refund.key,
        "payment": "pay_00000000000001",
        "minor": 1000,
        "reason": "no_proof",
    }


@pytest.fixture
def dead_world(switch_world: World) -> World:
    switch_world.relay.dead = True
    return switch_world


def test_every_line_that_the_source_writes_is_a_known_word() -> None:
    folder = Path(paybay.__file__).parent
    unknown = {
        node.value
        for file in folder.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("note")
        for node in call.args
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value not in WORDS
    }
    assert unknown == set()


def test_every_line_of_a_timeline_is_explained_to_owners() -> None:
    text = (Path(paybay.__file__).parents[2] / "docs" / "orders.md").read_text()
    assert [word for word in WORDS if f"`{word}`" not in text] == []
