"""A ledger that a backup brought back does not serve or repay yesterday again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import shutil

import pytest
from sqlalchemy import Connection, text

from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import Ledger, refund_choices, refunds, restored
from tests.unit.core.world import BAY, SITE, World

DAY_MS = 86_400_000
BUDGET = Money(1_000_000, "INR")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    config = BayConfig(
        id=BAY, name="Bay 1", relay="switch.bay_1", plan_codes=("ten_min",)
    )
    made = World(tmp_path / "ledger.db", config, keeps_time=False)
    await made.open()
    yield made
    await made.close()


def copy_files(path: Path, to: Path) -> None:
    to.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", to / f"ledger.db{suffix}")


def bring_back(copy: Path, path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    for file in copy.iterdir():
        shutil.copy(file, path.with_name(file.name))


def state_of(path: Path) -> tuple[int, bytes]:
    return path.stat().st_mtime_ns, path.read_bytes()


async def back_up(world: World, to: Path) -> None:
    """Copy the files as Home Assistant's backup does, while the ledger is open."""
    now_ms = world.clock.now_ms()
    await world.ledger.run(lambda c: restored.begin_backup(c, now_ms))
    await world.ledger.hold_file(hold=True)
    copy_files(world.path, to)
    await world.ledger.run(restored.end_backup)
    await world.ledger.hold_file(hold=False)


async def restore(world: World, copy: Path, *, after_ms: int) -> None:
    """Put the copy in the ledger's place, some time later, and start PayBay."""
    await world.close()
    bring_back(copy, world.path)
    world.clock.move_to(world.clock.mono_ms + after_ms)
    ledger = Ledger(world.path)
    ledger.open()
    now_ms = world.clock.now_ms()
    await ledger.run(lambda c: restored.note(c, now_ms))
    await asyncio.to_thread(ledger.close)
    await world.open()


async def approved(world: World) -> list[str]:
    """Return the reasons of what the budget lets go."""
    now_ms = world.clock.now_ms()
    found = await world.ledger.run(
        lambda c: refund_choices.approve_within(c, SITE, BUDGET, 0, now_ms)
    )
    return [refund.reason for refund in found]


async def test_order_that_was_paid_then_is_not_served_now(
    world: World, tmp_path: Path
) -> None:
    world.relay.lose()
    order = await world.paid_order()
    await back_up(world, tmp_path / "copy")
    world.relay.find()
    await world.advance(DAY_MS)
    assert world.relay.on_ms() == 600_000
    await restore(world, tmp_path / "copy", after_ms=60_000)
    await world.advance(DAY_MS)
    assert world.relay.on_ms() == 600_000
    assert (await world.now(order)).state is OrderState.UNDELIVERED


async def test_money_of_then_goes_back_only_at_the_owners_word(
    world: World, tmp_path: Path
) -> None:
    world.relay.lose()
    order = await world.paid_order()
    await back_up(world, tmp_path / "copy")
    await restore(world, tmp_path / "copy", after_ms=60_000)
    await world.bay.settle()
    assert await world.due(order) == [(1000, "start_window")]
    assert await approved(world) == []


async def test_payment_of_the_gap_is_judged_by_the_owner(
    world: World, tmp_path: Path
) -> None:
    order = await world.order()
    await back_up(world, tmp_path / "copy")
    paid = world.captured(order)
    await world.intake.take(paid)
    await world.advance(DAY_MS)
    await restore(world, tmp_path / "copy", after_ms=60_000)
    await world.intake.take(paid)
    await world.advance(DAY_MS)
    assert world.relay.on_ms() == 600_000
    assert await world.due(order) == [(1000, "paid_late")]
    assert await approved(world) == []


async def test_payment_of_a_minute_before_the_restore_is_not_served(
    world: World, tmp_path: Path
) -> None:
    order = await world.order()
    await back_up(world, tmp_path / "copy")
    paid = world.captured(order)
    await restore(world, tmp_path / "copy", after_ms=60_000)
    await world.intake.take(paid)
    await world.advance(10_000)
    assert world.relay.on_ms() == 0
    assert await world.due(order) == [(1000, "before_restore")]


async def test_payment_after_the_restore_is_served(
    world: World, tmp_path: Path
) -> None:
    await back_up(world, tmp_path / "copy")
    await restore(world, tmp_path / "copy", after_ms=60_000)
    order = await world.paid_order()
    await world.advance(700_000)
    assert (await world.now(order)).state is OrderState.COMPLETED


async def test_backup_that_ended_leaves_no_gap(world: World, tmp_path: Path) -> None:
    await back_up(world, tmp_path / "copy")
    world.relay.dead = True
    await world.kill(down_ms=DAY_MS)
    now_ms = world.clock.now_ms()
    assert await world.ledger.run(lambda c: restored.note(c, now_ms)) is None
    await world.paid_order()
    assert await approved(world) == ["no_proof"]


async def test_owner_is_told_of_a_gap_once(world: World, tmp_path: Path) -> None:
    await back_up(world, tmp_path / "copy")
    await restore(world, tmp_path / "copy", after_ms=60_000)
    gap = await world.ledger.run(lambda c: restored.unseen(c, SITE))
    assert gap
    assert gap.to_ms - gap.from_ms == 60_000
    await world.ledger.run(lambda c: restored.see(c, SITE))
    assert await world.ledger.run(lambda c: restored.unseen(c, SITE)) is None


async def test_copy_is_whole_although_payments_go_on(
    world: World, tmp_path: Path
) -> None:
    """The main file is copied first and the log last, with payments in between."""
    await world.ledger.run(lambda c: restored.begin_backup(c, 1))
    await world.ledger.hold_file(hold=True)
    copy = tmp_path / "copy"
    copy_files(world.path, copy)
    before = state_of(world.path)
    made = [await world.order() for _ in range(400)]
    assert state_of(world.path) == before
    shutil.copy(f"{world.path}-wal", copy / "ledger.db-wal")

    ledger = Ledger(copy / "ledger.db")
    ledger.open()

    def look(connection: Connection) -> tuple[str, int]:
        said = connection.execute(text("PRAGMA integrity_check")).scalar_one()
        count = connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
        return said, count

    assert await ledger.run(look) == ("ok", len(made))
    await asyncio.to_thread(ledger.close)


async def test_refund_of_then_is_compared_with_the_provider(
    world: World, tmp_path: Path
) -> None:
    world.relay.dead = True
    order = await world.paid_order()
    await back_up(world, tmp_path / "copy")
    await restore(world, tmp_path / "copy", after_ms=60_000)
    (refund,) = await world.ledger.run(lambda c: refunds.of_order(c, order.id))
    assert await world.ledger.run(
        lambda c: restored.is_payment_before(c, refund.payment_id)
    )


async def test_clock_that_starts_in_the_past_does_not_hide_the_gap(
    world: World, tmp_path: Path
) -> None:
    order = await world.order()
    await back_up(world, tmp_path / "copy")
    paid = world.captured(order)
    world.clock.wall_ms -= 10 * DAY_MS
    await restore(world, tmp_path / "copy", after_ms=60_000)
    world.clock.wall_ms += 11 * DAY_MS
    await world.ledger.run(lambda c: restored.correct(c, world.clock.now_ms()))
    await world.intake.take(paid)
    assert world.relay.on_ms() == 0
    assert await world.due(order) == [(1000, "paid_late")]
    assert await approved(world) == []
    fresh = await world.paid_order()
    assert (await world.now(fresh)).state is OrderState.CHARGING


async def test_clock_that_was_ahead_does_not_refuse_for_days(
    world: World, tmp_path: Path
) -> None:
    await back_up(world, tmp_path / "copy")
    world.clock.wall_ms += DAY_MS
    await restore(world, tmp_path / "copy", after_ms=60_000)
    world.clock.wall_ms -= DAY_MS
    await world.ledger.run(lambda c: restored.correct(c, world.clock.now_ms()))
    await world.advance(2_000)
    order = await world.paid_order()
    await world.advance(700_000)
    assert (await world.now(order)).state is OrderState.COMPLETED
