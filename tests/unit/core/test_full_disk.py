"""A ledger that cannot be written: what is stopped goes off all the same."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from custom_components.paybay.bay import StopNotStoredError
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import LedgerError

from .world import World

_CHANGES = "SELECT total_changes()"


@pytest.fixture(params=["full", "dead"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that fills the disk, or takes the ledger away, for a while."""

    @contextmanager
    def fill(world: World) -> Any:
        real = world.ledger.run

        async def run[T](work: Callable[[Connection], T]) -> T:
            if request.param == "dead":
                message = "the file is gone"
                raise LedgerError(message)
            try:
                return await real(lambda c: _read_only(c, work))
            except PermissionError as err:
                raise LedgerError(*err.args) from err

        with monkeypatch.context() as patched:
            patched.setattr(world.ledger, "run", run)
            yield

    return fill


def _read_only[T](connection: Connection, work: Callable[[Connection], T]) -> T:
    before = connection.exec_driver_sql(_CHANGES).scalar_one()
    result = work(connection)
    if connection.exec_driver_sql(_CHANGES).scalar_one() != before:
        message = "disk full"
        raise PermissionError(message)
    return result


async def test_stopped_session_goes_off_on_a_full_disk_and_is_booked_later(
    world: World, disk: Any
) -> None:
    order = await world.paid_order()
    await world.advance(60_000)
    with disk(world):
        with pytest.raises(StopNotStoredError):
            await world.bay.stop("stopped_by_owner")
        assert not world.relay.on
        await world.advance(60_000)
    await world.advance(60_000)
    ended = await world.now(order)
    assert (ended.state, ended.reason) == (OrderState.STOPPED, "stopped_by_owner")
    assert (ended.ran_ms, world.relay.on_ms()) == (60_000, 60_000)
    assert await world.due(order) == [(900, "stopped_by_owner")]


async def test_order_called_off_goes_off_on_a_full_disk_and_is_booked_later(
    world: World, disk: Any
) -> None:
    order = await world.paid_order()
    await world.advance(60_000)
    with disk(world):
        with pytest.raises(StopNotStoredError):
            await world.bay.call_off(order.id, "refunded_already")
        assert not world.relay.on
    await world.advance(60_000)
    ended = await world.now(order)
    assert (ended.state, ended.reason) == (OrderState.STOPPED, "refunded_already")
    assert world.relay.on_ms() == 60_000


async def test_order_that_waits_is_called_off_without_touching_who_has_the_relay(
    world: World, disk: Any
) -> None:
    await world.paid_order()
    second = await world.paid_order()
    with disk(world), pytest.raises(StopNotStoredError):
        await world.bay.call_off(second.id, "refunded_already")
    assert world.relay.on
    await world.advance(60_000)
    assert (await world.now(second)).state is OrderState.UNDELIVERED
    assert world.relay.on
