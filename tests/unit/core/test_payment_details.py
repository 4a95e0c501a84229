"""Fees: the provider often tells them only after the capture."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import NonCallableMagicMock, create_autospec

import pytest

from custom_components.paybay.domain.notices import PaymentFact
from custom_components.paybay.domain.order_view import OrderView
from custom_components.paybay.domain.orders import Order
from custom_components.paybay.ledger import order_views
from custom_components.paybay.payment_details import EVERY_MS, PaymentDetails
from custom_components.paybay.providers.base import (
    PaymentProvider,
    ProviderRefusedError,
    ProviderUnavailableError,
)

from .world import SITE, World

DAY_MS = 24 * 3_600_000


@pytest.fixture
def provider() -> NonCallableMagicMock:
    made: NonCallableMagicMock = create_autospec(PaymentProvider, instance=True)
    return made


@pytest.fixture
def details(
    switch_world: World, provider: NonCallableMagicMock
) -> Iterator[PaymentDetails]:
    world = switch_world
    made = PaymentDetails(SITE, world.ledger, world.clock, provider, world._spawn)
    made.open()
    yield made
    made.close()


async def paid(world: World, **changes: Any) -> tuple[Order, PaymentFact]:
    order = await world.order()
    notice = world.captured(order, **changes)
    await world.intake.take(notice)
    assert notice.payment
    return order, notice.payment


async def pass_by(world: World, for_ms: int) -> None:
    """Let time pass in steps, so that each look ends before the next is due."""
    for _ in range(0, for_ms, EVERY_MS):
        await world.advance(EVERY_MS)
        await world.ledger.run(lambda _: None)
        await world.settle_tasks()


async def view_of(world: World, order: Order) -> OrderView:
    return await world.ledger.run(lambda c: order_views.one(c, order.id))


async def test_fee_is_asked_for_later_and_then_no_more(
    switch_world: World, details: PaymentDetails, provider: NonCallableMagicMock
) -> None:
    order, fact = await paid(switch_world)
    answer = {field: getattr(fact, field) for field in fact.__slots__}
    provider.fetch_payment.return_value = PaymentFact(
        **(answer | {"fee_minor": 24, "tax_minor": 4})
    )
    await pass_by(switch_world, DAY_MS)
    view = await view_of(switch_world, order)
    assert (view.fee and view.fee.minor, view.tax and view.tax.minor) == (24, 4)
    provider.fetch_payment.assert_called_once_with(fact.id)


async def test_fee_that_never_comes_is_asked_for_a_few_times_only(
    switch_world: World, details: PaymentDetails, provider: NonCallableMagicMock
) -> None:
    _, fact = await paid(switch_world)
    provider.fetch_payment.return_value = fact
    await pass_by(switch_world, 6 * DAY_MS)
    assert provider.fetch_payment.call_count == 5


async def test_payment_that_is_complete_is_never_asked_for(
    switch_world: World, details: PaymentDetails, provider: NonCallableMagicMock
) -> None:
    await paid(switch_world, fee_minor=24, tax_minor=4)
    await pass_by(switch_world, DAY_MS)
    provider.fetch_payment.assert_not_called()


async def test_provider_that_is_away_is_asked_again_and_costs_no_try(
    switch_world: World, details: PaymentDetails, provider: NonCallableMagicMock
) -> None:
    order, fact = await paid(switch_world)
    provider.fetch_payment.side_effect = ProviderUnavailableError("away")
    await pass_by(switch_world, DAY_MS)
    answer = {field: getattr(fact, field) for field in fact.__slots__}
    provider.fetch_payment.side_effect = [PaymentFact(**(answer | {"fee_minor": 24}))]
    await pass_by(switch_world, EVERY_MS)
    assert (await view_of(switch_world, order)).fee is not None


async def test_refusal_of_one_payment_does_not_hold_up_the_others(
    switch_world: World, details: PaymentDetails, provider: NonCallableMagicMock
) -> None:
    _, lost = await paid(switch_world)
    order, fact = await paid(switch_world)
    answer = {field: getattr(fact, field) for field in fact.__slots__}
    known = PaymentFact(**(answer | {"fee_minor": 24}))

    async def fetch(payment_id: str) -> PaymentFact:
        if payment_id == lost.id:
            raise ProviderRefusedError("no such payment", 400, None)
        return known

    provider.fetch_payment.side_effect = fetch
    await pass_by(switch_world, 3 * EVERY_MS)
    assert (await view_of(switch_world, order)).fee is not None
