"""Printed QR codes against the Razorpay emulator: made once, found paid, retired."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
import time
from typing import Any

import pytest

from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.qr_codes import QrCode, QrState, QrTag
from custom_components.paybay.ledger import orders, qr_codes
from custom_components.paybay.printed_qrs import PrintedQrs, QrRefusedError
from custom_components.paybay.printed_qrs.keeper import UNFOUND_MS
from custom_components.paybay.providers.base import (
    ProviderFeatureError,
    ProviderUnavailableError,
    QrRequest,
)
from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.reconciler import EVERY_MS
from custom_components.paybay.reconciler.qr_codes import ANNOUNCED_EVERY_MS
from demo.razorpay_emulator import RazorpayEmulator

from .conftest import MakeWorld
from .test_refunds import Till
from .world import SITE, World

CREATE: dict[str, Any] = {"method": "POST", "path": "/v1/payments/qr_codes"}


class Wall(Till):
    """A shop with stickers on the wall."""

    def __init__(self, world: World, emulator: RazorpayEmulator) -> None:
        """Begin without a sticker."""
        super().__init__(world, emulator)
        self.bays: dict[str, BayConfig] = {world.config.id: world.config}
        self.restart_codes()

    def restart_codes(self) -> None:
        """Forget all that is only in memory, as a restart does."""
        self.codes = PrintedQrs(
            SITE,
            self.world.ledger,
            self.world.clock,
            self.provider,
            bays=self.bays,
            plans=self.plans,
            spawn=self.world._spawn,
        )

    async def hang(self, plan: str | None = None, **how: Any) -> QrCode:
        """Hang a sticker up."""
        printed = await self.codes.provision(self.world.config, plan, **how)
        return printed.qr

    async def now_of(self, qr: QrCode) -> QrCode:
        """Return a code as it is by now."""
        return await self.world.ledger.run(lambda c: qr_codes.get(c, qr.key))

    async def known(self) -> list[QrCode]:
        """Return all codes of the ledger."""
        found = await self.world.ledger.run(lambda c: qr_codes.of_site(c, SITE))
        return list(found)

    async def order_of(self, payment_id: str) -> Order:
        """Return the order that was made for a payment."""
        found = await self.world.ledger.run(
            lambda c: orders.of_site(c, SITE, list(OrderState))
        )
        (order,) = [o for o in found if o.qr_key]
        assert payment_id
        return order

    async def pass_by(self, for_ms: int = EVERY_MS) -> None:
        """Let time pass, and have the provider asked for what is due."""
        self.emulator.clock.advance(for_ms / 1000)
        self.world.clock.move_to(self.world.clock.mono_ms + for_ms)
        await self.reconciler.sweep()
        await self.world.bay.settle()


@pytest.fixture
async def wall(make_world: MakeWorld) -> AsyncIterator[Wall]:
    world = await make_world()
    world.config = world.bay.config
    object.__setattr__(world.bay.config, "plan_codes", ("ten_min", "free"))
    async with RazorpayEmulator() as emulator:
        emulator.clock.advance(world.clock.wall_ms / 1000 - time.time())
        made = Wall(world, emulator)
        yield made
        made.reconciler.close()
        made.refunder.close()
        made.codes.close()


def count_calls(wall: Wall, monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """Return a list that grows with each call of a provider's method."""
    calls: list[Any] = []
    real = getattr(wall.provider, name)

    async def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return await real(*args, **kwargs)

    monkeypatch.setattr(wall.provider, name, counted)
    return calls


async def test_code_is_made_with_its_price_its_poster_and_our_notes(
    wall: Wall,
) -> None:
    qr = await wall.hang("ten_min")
    (made,) = wall.emulator.books.qr_codes.values()
    assert (made.payment_amount, made.usage) == (1000, "multiple_use")
    assert made.description == "Bay 1: Ten min"
    assert made.notes["qr_key"] == qr.key
    assert (made.notes["bay_id"], made.notes["site_id"]) == (qr.bay_id, SITE)
    poster = await wall.codes.poster(qr.key)
    assert poster
    assert poster.image.startswith(b"\x89PNG")
    assert wall.codes.shown(qr.bay_id)


async def test_many_askers_at_once_get_one_code(wall: Wall) -> None:
    asked = (wall.hang("ten_min") for _ in range(5))
    codes = await asyncio.gather(*asked)
    assert len({qr.provider_id for qr in codes}) == 1
    assert len(wall.emulator.books.qr_codes) == 1


@pytest.mark.parametrize("kind", ["drop_response", "502"])
async def test_answer_that_got_lost_makes_no_second_code(wall: Wall, kind: str) -> None:
    wall.emulator.faults.spoil(kind, **CREATE)
    try:
        await wall.hang()
    except ProviderUnavailableError:
        await wall.hang()
    (made,) = wall.emulator.books.qr_codes.values()
    (known,) = await wall.known()
    assert (known.provider_id, known.state) == (made.id, QrState.ACTIVE)


async def test_code_made_while_nobody_heard_is_found_before_another_is_made(
    wall: Wall,
) -> None:
    wall.emulator.faults.spoil("drop_response", **CREATE)
    wall.emulator.faults.spoil("502", method="GET", times=None)
    with pytest.raises(ProviderUnavailableError):
        await wall.hang()
    wall.emulator.faults.reset()
    wall.restart_codes()
    qr = await wall.hang()
    (made,) = wall.emulator.books.qr_codes.values()
    assert qr.provider_id == made.id


async def test_code_made_while_nobody_heard_takes_money_that_is_served(
    wall: Wall,
) -> None:
    wall.emulator.faults.spoil("drop_response", **CREATE)
    wall.emulator.faults.spoil("502", method="GET", times=None)
    with pytest.raises(ProviderUnavailableError):
        await wall.hang()
    wall.emulator.faults.reset()
    (made,) = wall.emulator.books.qr_codes.values()
    wall.emulator.scan(made.id, 1000)
    await wall.pass_by()
    assert wall.world.relay.on
    assert (await wall.known())[0].state is QrState.ACTIVE


@pytest.mark.parametrize("feature", ["not_found", "server_error"])
async def test_account_without_the_feature_is_told_apart(
    wall: Wall, feature: Any
) -> None:
    wall.emulator.faults.qr_feature = feature
    with pytest.raises(ProviderFeatureError):
        await wall.hang()
    wall.emulator.faults.reset()
    await wall.hang()
    assert len(wall.emulator.books.qr_codes) == 1
    assert [qr.state for qr in await wall.known()] == [QrState.ACTIVE]


async def test_code_never_made_is_forgotten_after_a_day(wall: Wall) -> None:
    wall.emulator.faults.spoil("500", **CREATE)
    with pytest.raises(ProviderFeatureError):
        await wall.hang()
    await wall.codes.look()
    assert [qr.state for qr in await wall.known()] == [QrState.ASKED]
    wall.world.clock.wall_ms += UNFOUND_MS + 1
    await wall.codes.look()
    assert await wall.known() == []


async def test_scan_without_a_webhook_is_served_within_seconds(wall: Wall) -> None:
    qr = await wall.hang()
    await wall.pass_by()
    wall.emulator.scan(str(qr.provider_id), 1500)
    await wall.pass_by()
    assert wall.world.relay.on
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 900_000


async def test_hundred_codes_are_watched_with_one_call(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await wall.hang(anew=True)
    await wall.pass_by()
    listed = count_calls(wall, monkeypatch, "list_qrs")
    paid = count_calls(wall, monkeypatch, "qr_payments")
    for _ in range(6):
        await wall.pass_by()
    assert (len(listed), len(paid)) == (6, 0)


async def test_codes_are_asked_for_rarely_while_webhooks_tell(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    qr = await wall.hang()
    wall.emulator.scan(str(qr.provider_id), 1000)
    await wall.webhooks("qr_code.credited")
    listed = count_calls(wall, monkeypatch, "list_qrs")
    for _ in range(12):
        await wall.pass_by()
    assert len(listed) == 12 * EVERY_MS // ANNOUNCED_EVERY_MS


async def test_shop_without_a_code_asks_for_none(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = count_calls(wall, monkeypatch, "list_qrs")
    await wall.pass_by()
    await wall.reconciler.reconcile()
    assert listed == []


@pytest.mark.parametrize("notes", [True, False])
async def test_bare_payment_event_is_matched_by_its_code(
    wall: Wall, *, notes: bool
) -> None:
    qr = await wall.hang()
    wall.emulator.quirks.copy_qr_notes = notes
    payment = wall.emulator.scan(str(qr.provider_id), 1000)
    await wall.webhooks("payment.captured")
    assert wall.looked_up == ([] if notes else [payment.id])
    await wall.reconciler.match(payment.id)
    await wall.world.bay.settle()
    assert wall.world.relay.on
    await wall.webhooks("payment.captured", "qr_code.credited")
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 600_000


async def test_code_of_another_shop_on_the_account_is_never_ours(wall: Wall) -> None:
    await wall.hang()
    other = await wall.provider.create_qr(_foreign())
    wall.emulator.books.qr_codes[other.id].notes.clear()
    payment = wall.emulator.scan(other.id, 1000)
    assert not await wall.reconciler.match(payment.id)
    await wall.webhooks("payment.captured", "qr_code.credited")
    await wall.reconciler.reconcile(thorough=True)
    assert not wall.world.relay.switchings


def _foreign() -> Any:
    return QrRequest(tag=QrTag(key="x"), name="", description="", amount=None)


async def test_payment_nothing_told_of_is_found_by_the_sweep(wall: Wall) -> None:
    qr = await wall.hang()
    await wall.reconciler.reconcile()
    wall.emulator.scan(str(qr.provider_id), 1000)
    await wall.reconciler.sweep_payments()
    await wall.world.bay.settle()
    assert wall.world.relay.on


async def test_payment_captured_days_late_is_found_and_goes_back(wall: Wall) -> None:
    qr = await wall.hang()
    payment = wall.emulator.scan(str(qr.provider_id), 1000, hours_late=48)
    await wall.reconciler.reconcile()
    order = await wall.order_of(payment.id)
    assert order.state is OrderState.UNDELIVERED
    assert await wall.world.due(order) == [(1000, "paid_late")]


async def test_account_without_the_feature_does_not_disturb_other_matching(
    wall: Wall,
) -> None:
    wall.emulator.faults.qr_feature = "not_found"
    payment = wall.emulator.foreign_payment(1000)
    assert not await wall.reconciler.match(payment.id)


async def test_airtel_payer_whose_money_went_back_is_not_charged_for_free(
    wall: Wall,
) -> None:
    qr = await wall.hang()
    payment = wall.emulator.scan(str(qr.provider_id), 1000, airtel=True)
    await wall.webhooks("qr_code.credited")
    await wall.world.bay.settle()
    await wall.webhooks("refund.created", "refund.processed")
    await wall.look()
    await wall.world.bay.settle()
    order = await wall.order_of(payment.id)
    assert order.state is OrderState.STOPPED
    assert not wall.world.relay.on
    assert [row.reason for row in await wall.rows(order)] == ["elsewhere"]


async def test_retired_code_is_closed_and_what_comes_late_goes_back(
    wall: Wall,
) -> None:
    qr = await wall.hang()
    (retired,) = await wall.codes.retire(qr.bay_id)
    assert retired.state is QrState.RETIRED
    wall.emulator.quirks.closed_qr_payment = "capture"
    payment = wall.emulator.scan(str(qr.provider_id), 1000, in_flight=True)
    await wall.reconciler.reconcile()
    await wall.look()
    order = await wall.order_of(payment.id)
    assert (order.state, order.reason) == (OrderState.UNDELIVERED, "qr_retired")
    assert payment.amount_refunded == 1000


async def test_code_that_cannot_be_closed_stays_known_and_its_money_goes_back(
    wall: Wall,
) -> None:
    qr = await wall.hang()
    wall.emulator.quirks.multiple_use_closes = False
    (retiring,) = await wall.codes.retire(qr.bay_id)
    assert retiring.state is QrState.RETIRING
    assert retiring.answer == "QR codes for multiple payments cannot be closed."
    assert [stuck.key for stuck in wall.codes.stuck] == [qr.key]
    payment = wall.emulator.scan(str(qr.provider_id), 1000)
    await wall.pass_by()
    await wall.look()
    assert payment.amount_refunded == 1000
    assert not wall.world.relay.switchings
    wall.emulator.quirks.multiple_use_closes = True
    await wall.codes.look()
    assert (await wall.now_of(qr)).state is QrState.RETIRED
    assert list(wall.codes.stuck) == []


async def test_retiring_goes_on_by_itself_when_the_provider_is_back(
    wall: Wall,
) -> None:
    qr = await wall.hang()
    wall.emulator.faults.spoil("502", times=None)
    (retiring,) = await wall.codes.retire(qr.bay_id)
    assert retiring.state is QrState.RETIRING
    wall.emulator.faults.reset()
    wall.restart_codes()
    await wall.codes.look()
    assert (await wall.now_of(qr)).state is QrState.RETIRED


async def test_replaced_code_is_retired_once_the_new_one_is_there(wall: Wall) -> None:
    old = await wall.hang("ten_min")
    wall.emulator.faults.spoil("502", **CREATE)
    with pytest.raises(ProviderUnavailableError):
        await wall.hang("ten_min", anew=True)
    assert (await wall.now_of(old)).state is QrState.ACTIVE
    new = await wall.hang("ten_min", anew=True)
    assert (await wall.now_of(old)).state is QrState.RETIRED
    assert (await wall.now_of(new)).state is QrState.ACTIVE


async def test_code_with_an_older_price_is_replaced_by_todays(wall: Wall) -> None:
    await wall.hang("ten_min")
    wall.plans["ten_min"] = replace(wall.plans["ten_min"], price=Money(1500, "INR"))
    printed = await wall.codes.provision(wall.world.config, "ten_min")
    assert printed.outdated
    new = await wall.hang("ten_min", anew=True)
    assert new.price == Money(1500, "INR")


async def test_code_closed_in_the_dashboard_is_noticed_without_a_webhook(
    wall: Wall,
) -> None:
    qr = await wall.hang()
    wall.emulator.close_qr_code(str(qr.provider_id))
    await wall.pass_by()
    assert (await wall.now_of(qr)).state is QrState.RETIRED


async def test_codes_of_a_bay_that_is_gone_are_retired_by_themselves(
    wall: Wall,
) -> None:
    qr = await wall.hang()
    wall.bays.clear()
    wall.codes.open()
    await wall.codes.look()
    assert (await wall.now_of(qr)).state is QrState.RETIRED


async def test_bay_without_codes_has_none_to_retire(wall: Wall) -> None:
    with pytest.raises(QrRefusedError, match="not_printed"):
        await wall.codes.retire(wall.world.config.id)


async def test_part_of_a_links_price_buys_nothing_and_goes_back(wall: Wall) -> None:
    order = await wall.buy()
    wall.emulator.link(order.id).accept_partial = True
    wall.emulator.pay(order.id, amount=400)
    await wall.webhooks("payment.captured", "payment_link.partially_paid")
    await wall.reconciler.reconcile()
    now = await wall.world.now(order)
    assert now.state is OrderState.UNDELIVERED
    assert await wall.world.due(order) == [(400, "amount_differs")]


async def test_linked_orders_price_wins_over_a_plan_edited_before_the_payment(
    wall: Wall,
) -> None:
    order = await wall.buy()
    wall.plans["ten_min"] = replace(wall.plans["ten_min"], duration_s=60)
    wall.emulator.pay(order.id)
    await wall.webhooks("payment_link.paid")
    await wall.world.advance(2_000_000)
    assert wall.world.relay.on_ms() == 600_000


async def test_code_made_with_test_keys_is_none_for_live_keys(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = await wall.hang("ten_min")
    assert tried.test_mode
    monkeypatch.setattr(wall.provider, "_test_mode", False)
    live = await wall.hang("ten_min")
    assert live.key != tried.key
    assert not live.test_mode
    await wall.codes.look()
    assert (await wall.now_of(tried)).state is QrState.ACTIVE
    monkeypatch.setattr(wall.provider, "_test_mode", True)
    assert (await wall.hang("ten_min")).key == tried.key


async def test_company_without_printed_codes_is_not_asked(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RazorpayProvider, "capabilities", frozenset())
    with pytest.raises(QrRefusedError, match="not_possible"):
        await wall.hang()
    assert await wall.known() == []


async def test_removed_site_retires_the_codes_of_both_modes(wall: Wall) -> None:
    other = await wall.hang()
    flip = "UPDATE qr_codes SET test_mode = NOT test_mode"
    await wall.world.ledger.run(lambda c: c.exec_driver_sql(flip))
    own = await wall.hang("ten_min")
    stuck = await wall.codes.retire_all()
    assert [qr.key for qr in stuck] == [other.key]
    assert (await wall.now_of(other)).state is QrState.RETIRING
    assert (await wall.now_of(own)).state is QrState.RETIRED


async def test_live_codes_are_named_while_the_site_has_test_keys(wall: Wall) -> None:
    await wall.hang()
    await wall.codes.look()
    assert list(wall.codes.unwatched) == []
    flip = "UPDATE qr_codes SET test_mode = 0"
    await wall.world.ledger.run(lambda c: c.exec_driver_sql(flip))
    await wall.codes.look()
    assert len(wall.codes.unwatched) == 1
