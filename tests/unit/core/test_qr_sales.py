"""Money that comes by a printed QR code: served as the sticker says, or given back."""

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from custom_components.paybay.domain.amounts import OddAmountPolicy
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import Channel, Notice, QrFact
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.domain.qr_codes import QrCode, QrState, QrTag
from custom_components.paybay.intake import Intake, Taken
from custom_components.paybay.ledger import orders, qr_codes, refund_wishes
from custom_components.paybay.ledger.payments import Verdict

from .conftest import MakeWorld
from .world import BAY, SITE, TEN_RUPEES, World

TEN_MIN = Plan(code="ten_min", name="Ten min", price=TEN_RUPEES, duration_s=600)
QR_ID = "qr_00000000000001"
KEY = "qrk_00000000000000000001"
TAG = QrTag(key=KEY, bay_id=BAY, site_id=SITE)
KINDS = ("bare", "payment.captured", "qr_code.credited")


def fact(**changes: Any) -> QrFact:
    fields: dict[str, Any] = {
        "id": QR_ID,
        "active": True,
        "amount": None,
        "image_url": "https://rzp.io/i/x",
        "created_s": 1,
        "tag": TAG,
    }
    return QrFact(**(fields | changes))


def sticker(**changes: Any) -> QrCode:
    fields: dict[str, Any] = {
        "key": KEY,
        "site_id": SITE,
        "bay_id": BAY,
        "bay_name": "Bay 1",
        "state": QrState.ASKED,
        "created_ms": 1,
    }
    return QrCode(**(fields | changes))


FIXED: dict[str, Any] = {
    "plan_code": "ten_min",
    "plan_name": "Ten min",
    "price": TEN_RUPEES,
    "owed_ms": 600_000,
}


class Wall:
    """A bay with a printed QR code on the wall beside it."""

    def __init__(self, world: World, *, max_ms: int | None = None) -> None:
        self.world = world
        self.plans = {TEN_MIN.code: TEN_MIN}
        world.intake = Intake(
            SITE,
            world.ledger,
            world.clock,
            {world.config.id: world.config},
            world._taken,
            plans=self.plans,
            max_ms=lambda _bay_id: max_ms,
        )

    async def hang(self, *, active: bool = True, **changes: Any) -> QrCode:
        """Hang a code up, and tell that the provider has made it."""
        code = sticker(**changes)
        await self.world.ledger.run(lambda c: qr_codes.add(c, code))
        if active:
            await self.world.ledger.run(lambda c: qr_codes.made(c, KEY, fact()))
        return code

    def told(self, amount: Money = TEN_RUPEES, kind: str = KINDS[2]) -> Notice:
        """Return what the provider says of a scan."""
        order = Order(**_any_order(amount))
        notice = replace(self.world.captured(order), reference_id=None)
        assert notice.payment
        payment = replace(
            notice.payment,
            id="pay_00000000000007",
            qr=None if kind == "bare" else TAG,
        )
        return replace(
            notice,
            kind=kind,
            event_id=f"evt_{kind}",
            payment=payment,
            qr=fact() if kind == "qr_code.credited" else None,
        )

    async def pay(self, amount: Money = TEN_RUPEES) -> Taken:
        """Have the code scanned and paid, and let the bay act on it."""
        taken = await self.world.intake.take(self.told(amount))
        await self.world.bay.settle()
        return taken

    async def code(self) -> QrCode:
        """Return the code as the ledger has it by now."""
        return await self.world.ledger.run(lambda c: qr_codes.get(c, KEY))


def _any_order(price: Money) -> dict[str, Any]:
    texts = dict.fromkeys(("id", "site_id", "bay_id", "plan_code", "plan_name"), "x")
    numbers = dict.fromkeys(("owed_ms", "created_ms", "offer_ends_ms"), 1)
    return {
        **texts,
        **numbers,
        "watch_code": "x",
        "price": price,
        "state": OrderState.CREATED,
    }


@pytest.fixture
async def wall(make_world: MakeWorld) -> Wall:
    return Wall(await make_world())


async def refunded(wall: Wall, taken: Taken) -> list[tuple[int, str]]:
    assert taken.order
    assert taken.order.state is OrderState.UNDELIVERED
    assert not wall.world.relay.switchings
    return await wall.world.due(taken.order)


@pytest.mark.parametrize("kinds", list(permutations(KINDS)))
async def test_one_scan_is_one_session_in_whatever_order_it_is_told(
    wall: Wall, kinds: tuple[str, ...]
) -> None:
    await wall.hang()
    for kind in kinds * 3:
        await wall.world.intake.take(wall.told(kind=kind))
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 600_000
    found = await wall.world.ledger.run(
        lambda c: orders.of_site(c, SITE, list(OrderState))
    )
    assert [order.state for order in found] == [OrderState.COMPLETED]


async def test_one_scan_told_many_times_at_once_is_one_session(wall: Wall) -> None:
    await wall.hang()
    told = [wall.told(kind=kind) for kind in KINDS] * 5
    told += [replace(each, event_id=None, channel=Channel.POLL) for each in told]
    taken = await asyncio.gather(*(wall.world.intake.take(each) for each in told))
    assert [each.verdict for each in taken].count(Verdict.CREDITED) == 1
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 600_000


async def test_payment_that_names_no_code_is_never_finally_a_strangers(
    wall: Wall,
) -> None:
    await wall.hang()
    first = await wall.world.intake.take(wall.told(kind="bare"))
    assert first.verdict is Verdict.UNMATCHED
    assert (await wall.pay()).verdict is Verdict.CREDITED


async def test_order_remembers_the_sticker_it_was_paid_by(wall: Wall) -> None:
    await wall.hang()
    taken = await wall.pay()
    assert taken.order
    order = await wall.world.now(taken.order)
    assert (order.qr_key, order.price, order.plan_code) == (KEY, TEN_RUPEES, "ten_min")


async def test_stickers_promise_wins_over_a_plan_that_was_edited(wall: Wall) -> None:
    await wall.hang(**FIXED)
    wall.plans["ten_min"] = replace(TEN_MIN, price=Money(2000, "INR"), duration_s=60)
    taken = await wall.pay()
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 600_000
    assert taken.order
    assert await wall.world.due(taken.order) == []


async def test_stickers_promise_wins_over_a_plan_that_was_deleted(wall: Wall) -> None:
    await wall.hang(**FIXED)
    wall.plans.clear()
    await wall.pay()
    assert wall.world.relay.on


async def test_open_amount_buys_by_todays_plans(wall: Wall) -> None:
    await wall.hang()
    wall.plans["ten_min"] = replace(TEN_MIN, duration_s=60)
    await wall.pay(Money(1500, "INR"))
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 90_000


async def test_scan_of_a_code_whose_making_we_never_heard_of_is_served(
    wall: Wall,
) -> None:
    await wall.hang(active=False)
    await wall.pay()
    assert wall.world.relay.on
    code = await wall.code()
    assert (code.state, code.provider_id) == (QrState.ACTIVE, QR_ID)


@pytest.mark.parametrize(
    ("paid", "reason"),
    [
        (Money(999, "INR"), "below_minimum"),
        (Money(10_000_000, "INR"), "above_maximum"),
        (Money(1000, "USD"), "other_currency"),
    ],
)
async def test_amount_that_buys_nothing_goes_back_whole(
    wall: Wall, paid: Money, reason: str
) -> None:
    await wall.hang()
    taken = await wall.pay(paid)
    assert await refunded(wall, taken) == [(paid.minor, reason)]


@pytest.mark.parametrize(
    ("rules", "minor", "reason"),
    [
        ({"odd_amount": OddAmountPolicy.REFUND}, 1500, "odd_amount"),
        ({"min_amount_minor": 2000}, 1500, "below_minimum"),
        ({"max_amount_minor": 1400}, 1500, "above_maximum"),
    ],
)
async def test_owners_rules_for_open_amounts_hold(
    make_world: MakeWorld, rules: dict[str, Any], minor: int, reason: str
) -> None:
    wall = Wall(await make_world(**rules))
    await wall.hang()
    taken = await wall.pay(Money(minor, "INR"))
    assert await refunded(wall, taken) == [(minor, reason)]


async def test_bay_that_sells_nothing_keeps_no_money(wall: Wall) -> None:
    await wall.hang()
    wall.plans.clear()
    assert await refunded(wall, await wall.pay()) == [(1000, "nothing_for_sale")]


@pytest.mark.parametrize(
    ("paid", "reason"),
    [
        (Money(900, "INR"), "amount_differs"),
        (Money(1000, "USD"), "other_currency"),
    ],
)
async def test_fixed_code_takes_its_amount_only(
    wall: Wall, paid: Money, reason: str
) -> None:
    await wall.hang(**FIXED)
    assert await refunded(wall, await wall.pay(paid)) == [(paid.minor, reason)]


async def test_money_on_a_retired_sticker_goes_back(wall: Wall) -> None:
    await wall.hang()
    await wall.world.ledger.run(lambda c: qr_codes.retire(c, KEY))
    assert await refunded(wall, await wall.pay()) == [(1000, "qr_retired")]


async def test_money_on_a_sticker_of_a_bay_that_is_gone_goes_back(wall: Wall) -> None:
    await wall.hang(bay_id="gone")
    assert await refunded(wall, await wall.pay()) == [(1000, "bay_gone")]


async def test_money_on_a_sticker_the_ledger_forgot_goes_back(wall: Wall) -> None:
    assert await refunded(wall, await wall.pay()) == [(1000, "qr_unknown")]


@pytest.mark.parametrize(
    ("code", "reason"), [(FIXED, "too_long"), ({}, "above_maximum")]
)
async def test_more_time_than_the_device_takes_goes_back(
    make_world: MakeWorld, code: dict[str, Any], reason: str
) -> None:
    wall = Wall(await make_world(keeps_time=True), max_ms=599_999)
    await wall.hang(**code)
    assert await refunded(wall, await wall.pay()) == [(1000, reason)]


async def test_thirty_hours_by_sticker_are_no_longer_than_the_queue_may_be(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    wall = Wall(world)
    await wall.hang(**(FIXED | {"owed_ms": 3_600_000}))
    orders = []
    for count in range(30):
        told = wall.told()
        assert told.payment
        payment = replace(told.payment, id=f"pay_{count:014d}")
        taken = await world.intake.take(replace(told, event_id=None, payment=payment))
        assert taken.order
        orders.append(taken.order)
        await world.bay.settle()
    due = [await world.due(order) for order in orders]
    assert due == [[]] * 5 + [[(1000, "queue_full")]] * 25
    assert world.bay.face.ends_ms == world.clock.wall_ms + 5 * 3_600_000


@pytest.mark.parametrize(
    ("code", "paid", "energy_wh"),
    [
        (FIXED | {"energy_wh": 500}, TEN_RUPEES, 500),
        (FIXED, TEN_RUPEES, None),
        ({}, TEN_RUPEES, 700),
        ({}, Money(1500, "INR"), 1050),
    ],
)
async def test_energy_that_a_sticker_promises_is_on_its_order(
    wall: Wall, code: dict[str, Any], paid: Money, energy_wh: int | None
) -> None:
    wall.plans[TEN_MIN.code] = replace(TEN_MIN, energy_wh=700)
    await wall.hang(**code)
    taken = await wall.pay(paid)
    assert taken.order
    assert (await wall.world.now(taken.order)).energy_wh == energy_wh


async def test_scan_paid_late_goes_back(wall: Wall) -> None:
    await wall.hang()
    told = wall.told()
    assert told.payment
    late = replace(told.payment, created_s=told.payment.created_s - 301)
    taken = await wall.world.intake.take(replace(told, payment=late))
    assert await refunded(wall, taken) == [(1000, "paid_late")]


async def test_sticker_of_a_removed_site_is_refunded_by_the_next_of_the_account(
    wall: Wall,
) -> None:
    await wall.hang(site_id="removed")
    await wall.world.ledger.run(lambda c: qr_codes.retire(c, KEY))
    assert await refunded(wall, await wall.pay()) == [(1000, "qr_retired")]


async def test_sticker_of_another_site_at_work_is_left_to_it(wall: Wall) -> None:
    await wall.hang(site_id="other")
    other = QrTag(key=KEY, bay_id=BAY, site_id="other")
    told = wall.told()
    assert told.payment
    told = replace(
        told, payment=replace(told.payment, qr=other), qr=replace(fact(), tag=other)
    )
    taken = await wall.world.intake.take(told)
    assert taken.verdict is Verdict.UNMATCHED


async def test_code_of_another_shop_is_left_alone(wall: Wall) -> None:
    told = replace(wall.told(kind="bare"), qr=fact(id="qr_other", tag=None))
    assert (await wall.world.intake.take(told)).verdict is Verdict.UNMATCHED


async def test_owner_may_refund_money_that_bought_nothing_by_its_order(
    make_world: MakeWorld,
) -> None:
    wall = Wall(await make_world())
    await wall.hang(bay_id="gone")
    taken = await wall.pay()
    assert taken.order
    order_id = taken.order.id
    refund = await wall.world.ledger.run(
        lambda c: refund_wishes.refund_order(c, order_id, None, 5)
    )
    assert refund.amount == TEN_RUPEES


async def test_code_closed_at_the_provider_is_known_as_retired_for_good(
    wall: Wall,
) -> None:
    await wall.hang()
    for active in (False, True):
        news = Notice(
            channel=Channel.WEBHOOK,
            kind="qr_code.closed",
            event_id=f"evt_{active}",
            qr=fact(active=active),
        )
        await wall.world.intake.take(news)
    assert (await wall.code()).state is QrState.RETIRED
