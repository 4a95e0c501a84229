"""Money for an order that the ledger has lost: the owner hears of it, others never."""

from pathlib import Path

from sqlalchemy import Connection, delete

from custom_components.paybay.domain.notices import Channel, Notice
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.ledger import orders, payments
from custom_components.paybay.ledger.schema import orders as order_table, timeline
from custom_components.paybay.offers import Offers
from tests.unit.ledger.test_restored import back_up, restore

from .test_refunds import Till, till
from .world import BAY, SITE

__all__ = ["till"]

HOUR_MS = 3_600_000


async def lose(till: Till) -> Order:
    """Sell and be paid, and then have a ledger without the order."""
    order = await till.buy()
    till.emulator.pay(order.id)

    def forget(connection: Connection) -> None:
        connection.execute(delete(timeline))
        connection.execute(delete(order_table))

    await till.world.ledger.run(forget)
    return order


async def found(till: Till, lost: Order) -> Order | None:
    return await till.world.ledger.run(lambda c: orders.find(c, lost.id))


async def paid_to(till: Till) -> payments.Payment | None:
    """Return the only payment, if the ledger took it for one of ours."""
    return await till.world.ledger.run(lambda c: payments.find(c, till.payment_id()))


async def is_raised(till: Till, lost: Order) -> None:
    """See the order again, its money owed back and waiting for a word."""
    order = await till.world.now(lost)
    assert (order.state, order.reason) == (OrderState.UNDELIVERED, "order_unknown")
    assert (order.bay_id, order.bay_name) == (BAY, "Bay 1")
    assert (order.plan_name, order.price) == (lost.plan_name, lost.price)
    assert await till.world.due(lost) == [(1000, "order_unknown")]
    await till.world.bay.settle()
    assert not till.world.relay.on


async def test_daily_sweep_raises_it_once(till: Till) -> None:
    lost = await lose(till)
    for _ in range(2):
        await till.reconciler.sweep_payments()
    await is_raised(till, lost)


async def test_bare_payment_event_raises_it_once(till: Till) -> None:
    lost = await lose(till)
    fact = await till.provider.fetch_payment(till.payment_id())
    for event_id in ("evt_1", "evt_2"):
        notice = Notice(
            channel=Channel.WEBHOOK,
            kind="payment.captured",
            event_id=event_id,
            payment=fact,
            reference_id=lost.id,
        )
        await till.intake.take(notice)
        assert till.looked_up == [fact.id]
        await till.reconciler.match(fact.id)
    await is_raised(till, lost)
    paid = await till.world.ledger.run(lambda c: payments.find(c, fact.id))
    assert paid
    assert (paid.rrn, paid.created_ms) == (fact.rrn, fact.created_s * 1000)


async def test_event_that_carries_the_link_raises_it_at_once(till: Till) -> None:
    lost = await lose(till)
    details = await till.provider.find_link(payment_id=till.payment_id())
    assert details
    notice = Notice(
        channel=Channel.WEBHOOK,
        kind="payment_link.paid",
        event_id="evt_1",
        payment=details.payments[0],
        link=details.link,
    )
    await till.intake.take(notice)
    await is_raised(till, lost)
    assert till.looked_up == []


async def test_only_the_owners_word_refunds_it(till: Till) -> None:
    lost = await lose(till)
    await till.reconciler.sweep_payments()
    for _ in range(3):
        await till.look(after_ms=HOUR_MS)
    assert await till.world.due(lost) == [(1000, "order_unknown")]
    waiting = await till.row(lost)
    assert (waiting.state, waiting.approved_by) == (RefundState.DUE, None)
    await till.approve(waiting)
    await till.look()
    assert (await till.row(lost)).state is RefundState.PROCESSED
    assert till.given() == [(1000, "processed")]


async def test_what_went_back_already_is_not_owed_again(till: Till) -> None:
    lost = await lose(till)
    till.emulator.refund(till.payment_id())
    await till.reconciler.sweep_payments()
    assert await till.world.due(lost) == []


async def test_link_of_another_site_of_the_account_is_ignored(till: Till) -> None:
    till.offers = Offers(
        "other_site", till.world.ledger, till.world.clock, till.provider, till.plans
    )
    lost = await lose(till)
    await till.reconciler.sweep_payments()
    assert await found(till, lost) is None
    assert await paid_to(till) is None


async def test_mark_on_a_payment_alone_proves_nothing(till: Till) -> None:
    """A browser may write a payment's notes; only the account's keys a link's."""
    foreign = till.emulator.foreign_payment(1000)
    foreign.notes |= {"site_id": SITE, "bay_id": BAY, "order_id": "ord_lost"}
    await till.reconciler.sweep_payments()
    assert await paid_to(till) is None


async def test_payment_made_after_the_backup_is_raised_and_not_served_again(
    till: Till, tmp_path: Path
) -> None:
    await back_up(till.world, tmp_path / "copy")
    order = await till.pay()
    assert order.state is OrderState.CHARGING
    await till.world.advance(600_000)
    await restore(till.world, tmp_path / "copy", after_ms=HOUR_MS)
    again = Till(till.world, till.emulator)
    await again.reconciler.sweep_payments()
    await is_raised(again, order)
    await again.look()
    assert again.given() == []
