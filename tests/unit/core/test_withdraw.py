"""A customer withdraws while the relay starts: who else ends the order still does."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest

from custom_components.paybay.bay import Bay, NothingToStopError
from custom_components.paybay.domain.orders import Order, OrderState

from .world import World

type Enders = list[Callable[[Bay, str], Coroutine[Any, Any, Any]]]


async def withdraw(bay: Bay, order_id: str) -> None:
    """Withdraw an order that was seen waiting the moment before it began."""
    order = await bay._order(order_id)
    seen = replace(await bay._desk(), waiting=(order,))
    with patch.object(bay, "_desk", AsyncMock(return_value=seen)):
        asking = asyncio.create_task(bay.withdraw(order_id))
        await asyncio.sleep(0)
    with suppress(NothingToStopError):
        await asking


async def money_went_back(bay: Bay, order_id: str) -> None:
    await bay.call_off(order_id, "refunded_already")


async def emergency_stop(bay: Bay, _order_id: str) -> None:
    await bay.cut("stopped_by_owner")


@pytest.fixture
async def world(make_world: Any) -> World:
    made: World = await make_world()
    return made


async def during_its_start(world: World, enders: Enders) -> Order:
    """Have an order ended, one after the other, while its relay switches on."""
    switching, go_on, start = asyncio.Event(), asyncio.Event(), world.relay.start

    async def slowly(order_id: str, for_ms: int) -> None:
        switching.set()
        await go_on.wait()
        await start(order_id, for_ms)

    world.relay.start = slowly  # type: ignore[method-assign]
    order = await world.order()
    await world.intake.take(world.captured(order))
    await switching.wait()
    tasks = []
    for end in enders:
        tasks.append(asyncio.create_task(end(world.bay, order.id)))
        for _ in range(5):
            await world.ledger.run(lambda _: None)
            await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*tasks)
    await world.bay.settle()
    return await world.now(order)


@pytest.mark.parametrize("ender", [money_went_back, emergency_stop])
@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_withdrawing_at_the_same_moment_keeps_nobody_from_ending_it(
    world: World, ender: Any, *, withdrawn_first: bool
) -> None:
    enders = [withdraw, ender] if withdrawn_first else [ender, withdraw]
    order = await during_its_start(world, enders)
    await world.advance(60_000)
    assert not world.relay.on
    assert order.state in (OrderState.STOPPED, OrderState.UNDELIVERED)


async def test_withdrawing_alone_leaves_what_has_begun(world: World) -> None:
    order = await during_its_start(world, [withdraw])
    assert world.relay.on
    assert order.state is OrderState.CHARGING
