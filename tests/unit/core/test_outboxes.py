"""Outcomes that a device keeps are acknowledged once the ledger has closed them."""

from typing import Any

import pytest

from custom_components.paybay.ledger import LedgerError, unknown_outcomes
from custom_components.paybay.outboxes import LOOK_MS, Outboxes

from .conftest import MakeWorld
from .world import BAY, SITE, World


class Keeper:
    """A driver of a device with an outbox."""

    def __init__(self, *outbox: str) -> None:
        self.outbox = list(outbox)

    def unacknowledged(self) -> list[str]:
        return self.outbox

    async def acknowledge(self, order_id: str) -> None:
        self.outbox = [kept for kept in self.outbox if kept != order_id]


class Desk:
    """A world, a relay that keeps outcomes, and who looks after it."""

    def __init__(self, world: World, *outbox: str) -> None:
        self.relay = Keeper(*outbox)
        self.told = 0
        self.outboxes = Outboxes(
            SITE,
            world.ledger,
            world.clock,
            {BAY: self.relay},
            spawn=world._spawn,
        )
        self.outboxes.listen(self._tell)

    def _tell(self) -> None:
        self.told += 1


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(keeps_time=True)


async def test_outcome_of_an_order_that_has_ended_is_let_go(world: World) -> None:
    order = await world.paid_order()
    desk = Desk(world, order.id)
    await desk.outboxes.clear()
    assert desk.relay.outbox == [order.id]
    await world.advance(601_000)
    await desk.outboxes.clear()
    assert desk.relay.outbox == []
    assert desk.told == 0


async def test_outcome_of_an_unreported_session_is_let_go(world: World) -> None:
    order = await world.paid_order()
    world.relay.lose()
    await world.advance(600_000 + 601_000)
    assert (await world.now(order)).reason == "unreported"
    desk = Desk(world, order.id)
    await desk.outboxes.clear()
    assert desk.relay.outbox == []


async def test_outcome_of_an_unknown_order_is_raised_once_and_let_go(
    world: World,
) -> None:
    desk = Desk(world, "ord_x", "ord_x")
    await desk.outboxes.clear()
    assert desk.relay.outbox == []
    desk.relay.outbox = ["ord_x"]
    await desk.outboxes.clear()
    assert (desk.relay.outbox, desk.told) == ([], 1)
    (known,) = await world.ledger.run(lambda c: unknown_outcomes.of_site(c, SITE))
    assert (known.order_id, known.bay_id) == ("ord_x", BAY)
    await world.ledger.run(lambda c: unknown_outcomes.forget(c, "ord_x"))
    assert await world.ledger.run(lambda c: unknown_outcomes.of_site(c, SITE)) == []


async def test_nothing_is_let_go_that_could_not_be_raised(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    desk = Desk(world, "ord_x")
    desk.outboxes.open()
    with monkeypatch.context() as patched:
        patched.setattr(world.ledger, "run", full)
        world.clock.move_to(world.clock.mono_ms + LOOK_MS)
        await world_at_rest(world)
    assert desk.relay.outbox == ["ord_x"]
    world.clock.move_to(world.clock.mono_ms + LOOK_MS)
    await world_at_rest(world)
    assert desk.relay.outbox == []
    desk.outboxes.close()


async def world_at_rest(world: World) -> None:
    """Wait for everything that was begun."""
    while tasks := [task for task in world._tasks if not task.done()]:
        await tasks[0]
