"""An order served after all: its time or its money, and never both."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.paybay.bay import StartFailedError
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import RefundProblem, RefundState
from custom_components.paybay.ledger import (
    orders,
    refund_choices,
    refund_tries,
    refunds,
    servings,
)
from custom_components.paybay.ledger.servings import ServeRefusedError

from .conftest import MakeWorld
from .world import World


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world()


async def undelivered(world: World) -> Order:
    """Take money for a bay that does not switch on."""
    world.relay.dead = True
    order = await world.paid_order()
    world.relay.dead = False
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    return order


async def serve(world: World, order: Order, *, keeps_time: bool = False) -> Order:
    """Serve an order as the owner does."""
    now_ms = world.clock.now_ms()
    await world.ledger.run(
        lambda c: servings.serve(
            c,
            order.id,
            keeps_time=keeps_time,
            start_by_ms=now_ms + 300_000,
            at_ms=now_ms,
        )
    )
    return await world.bay.now_or_never(order.id)


async def refund_of(world: World, order: Order) -> refunds.Refund:
    (refund,) = await world.ledger.run(lambda c: refunds.of_order(c, order.id))
    return refund


async def test_undelivered_order_gets_all_its_time_in_place_of_the_refund(
    world: World,
) -> None:
    order = await undelivered(world)
    assert (await serve(world, order)).state is OrderState.CHARGING
    await world.advance(600_000)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.COMPLETED
    refund = await refund_of(world, order)
    assert (refund.state, refund.problem) == (RefundState.WAIVED, RefundProblem.SERVED)


async def test_stopped_order_gets_what_was_left(world: World) -> None:
    order = await world.paid_order()
    await world.advance(400_000)
    await world.bay.stop("stopped_by_owner")
    await serve(world, order)
    await world.advance(2_000_000)
    assert world.relay.on_ms() == 600_000
    assert (await refund_of(world, order)).state is RefundState.WAIVED


async def test_order_that_does_not_start_again_is_owed_back_again(
    world: World,
) -> None:
    order = await undelivered(world)
    world.relay.dead = True
    with pytest.raises(Exception, match="no_proof"):
        await serve(world, order)
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    due = await world.ledger.run(lambda c: refunds.of_order(c, order.id))
    assert {(r.state, r.amount.minor) for r in due} == {
        (RefundState.WAIVED, 1000),
        (RefundState.DUE, 1000),
    }
    assert len(due) == 2


async def test_served_order_that_ends_early_is_owed_its_rest(world: World) -> None:
    order = await undelivered(world)
    await serve(world, order)
    await world.advance(300_000)
    await world.bay.stop("stopped_by_owner")
    due = await world.ledger.run(lambda c: refunds.of_order(c, order.id))
    assert [r.amount.minor for r in due if r.state is RefundState.DUE] == [500]


async def test_order_that_cannot_start_when_the_owner_says_so_never_starts_later(
    make_world: MakeWorld,
) -> None:
    world = await make_world(keeps_time=True)
    order = await undelivered(world)
    report = world.relay.report
    world.relay.report = lambda: replace(report(), fault="estop")  # type: ignore[method-assign]
    with pytest.raises(StartFailedError, match="offline"):
        await serve(world, order, keeps_time=True)
    world.relay.report = report  # type: ignore[method-assign]
    await world.advance(240_000)
    assert not world.relay.on
    assert (await world.now(order)).state is OrderState.UNDELIVERED
    due = await world.ledger.run(lambda c: refunds.of_order(c, order.id))
    assert [r.reason for r in due if r.state is RefundState.DUE] == ["start_window"]


async def test_restart_after_the_decision_serves_the_order_once(world: World) -> None:
    order = await undelivered(world)
    now_ms = world.clock.now_ms()
    await world.ledger.run(
        lambda c: servings.serve(
            c,
            order.id,
            keeps_time=False,
            start_by_ms=now_ms + 300_000,
            at_ms=now_ms,
        )
    )
    await world.kill(down_ms=10_000)
    await world.advance(2_000_000)
    assert world.relay.on_ms() == 600_000
    assert (await refund_of(world, order)).state is RefundState.WAIVED


async def test_refund_that_was_sent_cannot_be_taken_back(world: World) -> None:
    order = await undelivered(world)
    refund = await refund_of(world, order)

    def send(connection: Any) -> None:
        refund_choices.approve(connection, refund.key, 1)
        refund_tries.begin(connection, refund.key, 1)

    await world.ledger.run(send)
    with pytest.raises(ServeRefusedError, match="refund_sent"):
        await serve(world, order)
    assert (await refund_of(world, order)).state is RefundState.SENT


async def test_order_being_served_is_not_refunded_by_who_held_its_refund(
    world: World,
) -> None:
    order = await undelivered(world)
    refund = await refund_of(world, order)
    await world.ledger.run(lambda c: refund_choices.approve(c, refund.key, 1))
    await serve(world, order)
    begun = await world.ledger.run(lambda c: refund_tries.begin(c, refund.key, 1))
    assert begun is None


async def test_order_is_served_once(world: World) -> None:
    order = await undelivered(world)
    await serve(world, order)
    with pytest.raises(ServeRefusedError, match="still_open"):
        await serve(world, order)
    await world.advance(601_000)
    with pytest.raises(ServeRefusedError, match="delivered"):
        await serve(world, order)


async def test_busy_bay_serves_nobody_else(world: World) -> None:
    order = await undelivered(world)
    world.bay._moves.problem.clear()
    await world.paid_order()
    with pytest.raises(ServeRefusedError, match="bay_busy"):
        await serve(world, order)
    assert (await refund_of(world, order)).state is RefundState.DUE


async def test_what_the_owner_settled_is_not_served_for_free(world: World) -> None:
    order = await undelivered(world)
    refund = await refund_of(world, order)
    await world.ledger.run(lambda c: refunds.settle(c, refund.key, 1))
    with pytest.raises(ServeRefusedError, match="settled"):
        await serve(world, order)


async def test_offer_that_was_not_paid_is_not_served(world: World) -> None:
    order = await world.order()
    with pytest.raises(ServeRefusedError, match="not_paid"):
        await serve(world, order)


async def test_device_that_was_told_to_stop_an_order_is_not_asked_again(
    make_world: MakeWorld,
) -> None:
    world = await make_world(keeps_time=True)
    order = await world.paid_order()
    await world.advance(200_000)
    await world.bay.stop("stopped_by_owner")
    with pytest.raises(ServeRefusedError, match="finished"):
        await serve(world, order, keeps_time=True)
    never = await undelivered(world)
    assert (await serve(world, never, keeps_time=True)).state is OrderState.CHARGING


async def test_second_payment_still_goes_back_while_the_first_is_served(
    world: World,
) -> None:
    order = await undelivered(world)
    await world.pay(order)
    await serve(world, order)
    found = await world.ledger.run(lambda c: refunds.of_order(c, order.id))
    assert {r.reason: r.state for r in found} == {
        "no_proof": RefundState.WAIVED,
        "paid_twice": RefundState.DUE,
    }


async def test_order_whose_money_bought_no_time_is_refused_as_such(
    world: World,
) -> None:
    order = await undelivered(world)
    await world.ledger.run(lambda c: orders.change(c, order.id, owed_ms=0))
    with pytest.raises(ServeRefusedError) as refused:
        await serve(world, order)
    assert refused.value.reason == "nothing_bought"
