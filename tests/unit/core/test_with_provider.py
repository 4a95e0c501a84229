"""Offers and reconciling against the Razorpay emulator, by the real SDK."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Any

import pytest

from custom_components.paybay.dispatcher import Dispatcher
from custom_components.paybay.domain.bay import BayStatus, BusyPolicy
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import Notice
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.intake import Intake
from custom_components.paybay.ledger import orders
from custom_components.paybay.offers import MAX_OPEN_OFFERS, OfferRefusedError, Offers
from custom_components.paybay.providers.base import (
    ProviderError,
    ProviderUnavailableError,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.reachability import Reachability
from custom_components.paybay.reconciler import (
    EVERY_MS,
    FRESH_MS,
    LINKLESS_MS,
    Reconciler,
)
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import MakeWorld
from .world import SITE, World

TEN_MIN = Plan(code="ten_min", name="Ten min", price=Money(1000, "INR"), duration_s=600)
FREE = Plan(code="free", name="Free", price=Money(0, "INR"), duration_s=60)


class Shop:
    """A world with an account at the provider."""

    def __init__(self, world: World, emulator: RazorpayEmulator) -> None:
        """Put the parts together as a site does."""
        self.world = world
        self.emulator = emulator
        key_id, key_secret = emulator.auth
        self.provider = RazorpayProvider(
            run=_in_thread,
            key_id=key_id,
            key_secret=key_secret,
            webhook_secrets=["unused"],
            base_url=emulator.base_url,
            sleep=lambda _: asyncio.sleep(0),
        )
        bay = world.bay
        self.looked_up: list[str] = []
        self.dispatcher = Dispatcher(
            {bay.config.id: bay}, lambda _: None, self.looked_up.append
        )
        self.dispatcher.release()
        configs = {bay.config.id: bay.config}
        self.plans = {plan.code: plan for plan in (TEN_MIN, FREE)}
        self.intake = Intake(
            SITE,
            world.ledger,
            world.clock,
            configs,
            self.dispatcher.taken,
            plans=self.plans,
        )
        self.bay_ids = {bay.config.id}
        self.offers = Offers(SITE, world.ledger, world.clock, self.provider, self.plans)
        self.reachability = Reachability()
        self.reconciler = Reconciler(
            SITE,
            world.ledger,
            world.clock,
            self.provider,
            intake=self.intake,
            bay_ids=self.bay_ids,
            reachability=self.reachability,
            take_refunds=self.take_refunds,
            spawn=world._spawn,
        )

    async def take_refunds(self, payment_id: str) -> int:
        """Take in a payment's refunds."""
        raise AssertionError(payment_id)

    async def buy(self, plan: str = "ten_min") -> Order:
        """Create an order."""
        return await self.offers.make(self.world.bay, plan)

    def links(self) -> list[dict[str, Any]]:
        """Return the emulator's payment links."""
        found: list[dict[str, Any]] = self.emulator.snapshot()["links"]
        return found


async def _in_thread(work: Any, *args: Any) -> Any:
    return await asyncio.to_thread(work, *args)


@pytest.fixture
async def shop(make_world: MakeWorld) -> AsyncIterator[Shop]:
    world = await make_world()
    world.config = world.bay.config
    object.__setattr__(world.bay.config, "plan_codes", ("ten_min", "free"))
    async with RazorpayEmulator() as emulator:
        emulator.clock.advance(world.clock.wall_ms / 1000 - time.time())
        made = Shop(world, emulator)
        yield made
        made.reconciler.close()


async def test_offer_is_a_link_at_the_plans_price(shop: Shop) -> None:
    order = await shop.buy()
    (link,) = shop.links()
    assert order.link_id == link["id"]
    assert order.link_url == link["short_url"]
    assert (link["amount"], link["reference_id"]) == (1000, order.id)
    await shop.world.bay.settle()
    assert shop.world.bay.face.status is BayStatus.RESERVED


async def test_free_plan_starts_at_once_without_a_link(shop: Shop) -> None:
    order = await shop.buy("free")
    assert order.state is OrderState.CHARGING
    assert shop.links() == []
    await shop.world.advance(60_000)
    assert shop.world.relay.on_ms() == 60_000


async def test_free_plans_taken_at_the_same_moment_keep_the_bays_rules(
    shop: Shop,
) -> None:
    object.__setattr__(shop.world.bay.config, "busy", BusyPolicy.REFUND)
    taken = await asyncio.gather(
        shop.buy("free"), shop.buy("free"), return_exceptions=True
    )
    assert [type(found) for found in taken] == [Order, OfferRefusedError]
    assert str(taken[1]) == "bay_charging"
    await shop.world.advance(180_000)
    assert shop.world.relay.on_ms() == 60_000


async def test_bay_that_cannot_serve_asks_for_no_money(shop: Shop) -> None:
    shop.world.relay.lose()
    with pytest.raises(OfferRefusedError, match="bay_offline"):
        await shop.buy()
    assert shop.links() == []


async def test_bay_that_charges_sells_what_queues_behind(shop: Shop) -> None:
    await shop.buy("free")
    assert (await shop.buy()).link_url is not None


async def test_plan_of_another_bay_is_refused(shop: Shop) -> None:
    with pytest.raises(OfferRefusedError, match="plan_not_offered"):
        await shop.buy("hour_pass")


async def test_plan_past_the_devices_maximum_is_refused(shop: Shop) -> None:
    shop.world.relay.max_ms = 599_999
    with pytest.raises(OfferRefusedError, match="plan_too_long"):
        await shop.buy()
    assert shop.links() == []


async def test_open_links_are_limited(shop: Shop) -> None:
    for _ in range(MAX_OPEN_OFFERS):
        await shop.buy()
    with pytest.raises(OfferRefusedError, match="too_many_offers"):
        await shop.buy()


async def test_answer_that_got_lost_does_not_lose_the_link(shop: Shop) -> None:
    shop.emulator.faults.spoil("drop_response", method="POST", path="/v1/payment_links")
    order = await shop.buy()
    (link,) = shop.links()
    assert order.link_id == link["id"]


async def test_provider_that_refuses_ends_the_order(shop: Shop) -> None:
    shop.emulator.quirks.max_amount = 500
    with pytest.raises(ProviderError):
        await shop.buy()
    await shop.world.bay.settle()
    assert shop.world.bay.face.status is BayStatus.AVAILABLE


async def test_provider_that_is_down_leaves_the_order_to_the_reconciler(
    shop: Shop,
) -> None:
    shop.emulator.faults.spoil("500", times=None)
    with pytest.raises(ProviderUnavailableError):
        await shop.buy()
    shop.emulator.faults.reset()
    (order,) = await shop.world.ledger.run(
        lambda c: orders.of_site(c, SITE, [OrderState.CREATED])
    )
    await shop.reconciler.reconcile()
    assert (await shop.world.now(order)).state is OrderState.CREATED
    shop.world.clock.wall_ms += LINKLESS_MS + 1
    await shop.reconciler.reconcile()
    assert (await shop.world.now(order)).state is OrderState.CANCELLED


async def test_payment_no_webhook_told_of_is_found_and_served_once(
    shop: Shop,
) -> None:
    order = await shop.buy()
    shop.emulator.pay(order.id, "success")
    await shop.reconciler.reconcile()
    await shop.reconciler.reconcile()
    await shop.world.bay.settle()
    assert (await shop.world.now(order)).state is OrderState.CHARGING
    await shop.world.advance(2_000_000)
    assert shop.world.relay.on_ms() == 600_000


async def test_bare_payment_event_is_matched_by_its_link(shop: Shop) -> None:
    order = await shop.buy()
    shop.emulator.pay(order.id, "success")
    (fact,) = await shop.provider.payments_between(
        shop.world.clock.wall_ms // 1000 - 60, shop.world.clock.wall_ms // 1000 + 60
    )
    notice = shop.world.captured(order)
    bare = Notice(
        channel=notice.channel, kind="payment.captured", event_id="e", payment=fact
    )
    await shop.intake.take(bare)
    assert shop.looked_up == [fact.id]
    await shop.reconciler.match(fact.id)
    await shop.world.bay.settle()
    assert (await shop.world.now(order)).state is OrderState.CHARGING


async def test_payment_of_another_shop_matches_nothing(shop: Shop) -> None:
    shop.emulator.foreign_payment(1000)
    (fact,) = await shop.provider.payments_between(
        shop.world.clock.wall_ms // 1000 - 60, shop.world.clock.wall_ms // 1000 + 60
    )
    assert not await shop.reconciler.match(fact.id)


async def test_ended_offer_is_closed_at_the_provider_too(shop: Shop) -> None:
    order = await shop.buy()
    shop.emulator.quirks.expiry_lag_s = 3600
    shop.emulator.clock.advance(961)
    shop.world.clock.wall_ms += 961_000
    await shop.reconciler.sweep()
    assert (await shop.world.now(order)).state in (
        OrderState.CANCELLED,
        OrderState.EXPIRED,
    )
    assert shop.links()[0]["status"] in ("cancelled", "expired")


async def test_payment_that_wins_the_race_with_the_cancel_is_served(
    shop: Shop,
) -> None:
    order = await shop.buy()
    shop.emulator.quirks.expiry_lag_s = 3600
    shop.emulator.clock.advance(961)
    shop.world.clock.wall_ms += 961_000
    shop.emulator.faults.pay_before_cancel = True
    await shop.reconciler.sweep()
    await shop.world.bay.settle()
    assert (await shop.world.now(order)).state is OrderState.CHARGING


async def test_without_a_webhook_a_payment_is_found_within_seconds(
    shop: Shop,
) -> None:
    order = await shop.buy()
    await shop.reconciler.sweep()
    shop.emulator.pay(order.id, "success")
    shop.world.clock.move_to(shop.world.clock.mono_ms + EVERY_MS)
    await shop.reconciler.sweep()
    await shop.world.bay.settle()
    assert (await shop.world.now(order)).state is OrderState.CHARGING


async def test_link_nobody_pays_is_asked_for_less_and_less(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    fetch = shop.provider.fetch_link

    async def count(link_id: str) -> Any:
        asked.append(shop.world.clock.mono_ms)
        return await fetch(link_id)

    monkeypatch.setattr(shop.provider, "fetch_link", count)
    await shop.buy()
    for _ in range(90):
        await shop.reconciler.sweep()
        shop.world.clock.move_to(shop.world.clock.mono_ms + EVERY_MS)
    early = [at for at in asked if at < asked[0] + FRESH_MS]
    assert len(early) == FRESH_MS // EVERY_MS
    assert len(asked) - len(early) == 10


async def test_link_for_a_bay_that_is_gone_is_withdrawn(shop: Shop) -> None:
    order = await shop.buy()
    shop.bay_ids.clear()
    await shop.reconciler.reconcile()
    assert (await shop.world.now(order)).state is OrderState.CANCELLED
    assert shop.links()[0]["status"] == "cancelled"


async def test_capture_after_the_links_end_is_found_without_a_webhook(
    shop: Shop,
) -> None:
    order = await shop.buy()
    payment = shop.emulator.pay(order.id, "pending")
    shop.emulator.clock.advance(1000)
    shop.world.clock.wall_ms += 1_000_000
    await shop.reconciler.sweep()
    assert (await shop.world.now(order)).state is OrderState.EXPIRED
    shop.emulator.settle(payment.id)
    await shop.reconciler.reconcile()
    assert (await shop.world.now(order)).state is OrderState.UNDELIVERED
    assert await shop.world.due(order) == [(1000, "paid_late")]


async def test_one_surprise_does_not_end_the_polling(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.buy()

    async def fail(_: str) -> Any:
        raise ValueError

    monkeypatch.setattr(shop.provider, "fetch_link", fail)
    await shop.reconciler.sweep()
    monkeypatch.undo()
    shop.emulator.pay(order.id, "success")
    shop.world.clock.move_to(shop.world.clock.mono_ms + EVERY_MS)
    await shop.reconciler.sweep()
    await shop.world.bay.settle()
    assert (await shop.world.now(order)).state is OrderState.CHARGING


async def test_links_of_another_account_do_not_block_sales_for_ever(
    shop: Shop,
) -> None:
    for _ in range(MAX_OPEN_OFFERS):
        await shop.buy()
    shop.emulator.books.links.clear()
    shop.world.clock.wall_ms += 961_000
    shop.emulator.clock.advance(961)
    await shop.reconciler.sweep()
    order = await shop.buy()
    assert order.state is OrderState.CREATED
    shop.world.clock.move_to(shop.world.clock.mono_ms + 4 * 24 * 3_600_000)
    await shop.reconciler.sweep()
    left = await shop.world.ledger.run(
        lambda c: orders.of_site(c, SITE, [OrderState.CREATED])
    )
    assert len(left) <= 1


async def test_unreachable_provider_stops_nothing(shop: Shop) -> None:
    order = await shop.buy()
    shop.emulator.faults.spoil("502", times=None)
    tally = await shop.reconciler.reconcile()
    assert (tally.links, tally.unanswered) == (1, 1)
    assert (await shop.world.now(order)).state is OrderState.CREATED
