"""Each captured payment is credited once, whatever told of it and in which order."""

import asyncio
from dataclasses import replace
from itertools import permutations

import pytest

from custom_components.paybay.domain.happenings import What
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    LinkFact,
    LinkStatus,
    Notice,
    PaymentStatus,
)
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import orders, payments
from custom_components.paybay.ledger.payments import Verdict

from .world import World

KINDS = ("payment.captured", "order.paid", "payment_link.paid")


def _link(order: Order, status: LinkStatus = LinkStatus.PAID) -> LinkFact:
    return LinkFact(
        id="plink_00000000000001",
        reference_id=order.id,
        status=status,
        amount=order.price,
        url="http://127.0.0.1/i/x",
    )


def _as(notice: Notice, kind: str) -> Notice:
    return replace(notice, kind=kind, event_id=f"evt_{kind}")


@pytest.mark.parametrize("kinds", list(permutations(KINDS)))
async def test_three_events_of_one_payment_are_one_credit(
    switch_world: World, kinds: tuple[str, ...]
) -> None:
    world = switch_world
    order = await world.order()
    notice = world.captured(order)
    verdicts = [(await world.intake.take(_as(notice, k))).verdict for k in kinds]
    assert verdicts == [Verdict.CREDITED, Verdict.KNOWN, Verdict.KNOWN]
    await world.advance(2_000_000)
    assert world.relay.on_ms() == 600_000


async def test_same_event_at_the_same_moment_is_one_credit(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    notice = world.captured(order)
    copies = (world.intake.take(notice) for _ in range(20))
    verdicts = [taken.verdict for taken in await asyncio.gather(*copies)]
    assert sorted(verdicts) == [Verdict.CREDITED] + [Verdict.KNOWN] * 19


async def test_webhook_and_poll_are_one_credit(switch_world: World) -> None:
    world = switch_world
    order = await world.order()
    notice = world.captured(order)
    poll = replace(notice, channel=Channel.POLL, event_id=None)
    assert (await world.intake.take(poll)).verdict is Verdict.CREDITED
    assert (await world.intake.take(notice)).verdict is Verdict.KNOWN


async def test_event_without_our_reference_never_burns_the_payment(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    notice = world.captured(order)
    bare = replace(notice, reference_id=None, event_id="evt_bare")
    assert (await world.intake.take(bare)).verdict is Verdict.UNMATCHED
    assert (await world.intake.take(bare)).verdict is Verdict.UNMATCHED
    assert (await world.intake.take(notice)).verdict is Verdict.CREDITED
    assert (await world.intake.take(bare)).verdict is Verdict.KNOWN


async def test_unmatched_event_is_matched_by_its_link_later(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    await world.ledger.run(
        lambda c: orders.change(c, order.id, link_id="plink_00000000000001")
    )
    link = replace(_link(order), reference_id=None)
    notice = replace(world.captured(order), reference_id=None, link=link)
    assert (await world.intake.take(notice)).verdict is Verdict.CREDITED


async def test_payment_of_another_shop_is_stored_and_left_alone(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    notice = replace(world.captured(order), reference_id="somebody-elses-order")
    assert (await world.intake.take(notice)).verdict is Verdict.UNMATCHED
    strangers = await world.ledger.run(
        lambda c: payments.unmatched(c, "site", 0, ["payment.captured"])
    )
    assert notice.payment
    assert strangers == [notice.payment.id]
    assert world.relay.switchings == []


async def test_failed_attempt_is_never_final(switch_world: World) -> None:
    world = switch_world
    order = await world.order()
    notice = world.captured(order)
    assert notice.payment
    failed = replace(
        notice,
        kind="payment.failed",
        event_id="evt_failed",
        payment=replace(notice.payment, status=PaymentStatus.FAILED),
    )
    assert (await world.intake.take(failed)).verdict is Verdict.NOTED
    assert (await world.now(order)).state is OrderState.CREATED
    assert (await world.intake.take(notice)).verdict is Verdict.CREDITED


async def test_second_payment_of_one_order_is_owed_back(switch_world: World) -> None:
    world = switch_world
    order = await world.paid_order()
    assert (await world.pay(order)).verdict is Verdict.EXTRA
    assert await world.due(order) == [(1000, "paid_twice")]
    await world.advance(2_000_000)
    assert world.relay.on_ms() == 600_000


async def test_other_amount_than_asked_is_owed_back(switch_world: World) -> None:
    world = switch_world
    order = await world.order()
    taken = await world.pay(order, amount=Money(500, "INR"))
    assert taken.order
    assert taken.order.state is OrderState.UNDELIVERED
    assert await world.due(order) == [(500, "amount_differs")]
    assert world.relay.switchings == []


async def test_other_currency_than_asked_is_owed_back(switch_world: World) -> None:
    world = switch_world
    order = await world.order()
    await world.pay(order, amount=Money(1000, "USD"))
    assert await world.due(order) == [(1000, "amount_differs")]


async def test_late_capture_is_judged_by_the_payments_own_time(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    created_s = world.clock.wall_ms // 1000 - 301
    taken = await world.pay(order, created_s=created_s)
    assert taken.order
    assert taken.order.state is OrderState.UNDELIVERED
    assert await world.due(order) == [(1000, "paid_late")]


@pytest.mark.parametrize("status", [LinkStatus.CANCELLED, LinkStatus.EXPIRED])
async def test_capture_that_lost_the_race_with_the_offers_end_is_served(
    switch_world: World, status: LinkStatus
) -> None:
    world = switch_world
    order = await world.order()
    over = Notice(channel=Channel.POLL, kind="poll", link=_link(order, status))
    await world.intake.take(over)
    assert (await world.now(order)).state.value == status.value
    await world.pay(order)
    assert world.relay.on


async def test_end_of_an_offer_does_not_touch_a_paid_order(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.paid_order()
    over = Notice(
        channel=Channel.WEBHOOK,
        kind="payment_link.expired",
        event_id="evt_over",
        link=_link(order, LinkStatus.EXPIRED),
    )
    await world.intake.take(over)
    assert (await world.now(order)).state is OrderState.CHARGING


async def test_money_given_back_before_we_heard_of_it_is_not_owed_again(
    switch_world: World,
) -> None:
    world = switch_world
    order = await world.order()
    await world.pay(order, status=PaymentStatus.REFUNDED, refunded_minor=1000)
    assert await world.due(order) == []
    assert world.relay.switchings == []


async def test_story_of_an_order_is_told_in_order(switch_world: World) -> None:
    world = switch_world
    order = await world.paid_order()
    await world.advance(600_000)
    story = await world.ledger.run(lambda c: orders.story(c, order.id))
    assert [line["what"] for line in story] == [
        "created",
        "payment",
        "credit",
        "claimed",
        "starting",
        "start",
        "delivered",
        "complete",
    ]
    assert What.SESSION_ENDED in world.heard()
