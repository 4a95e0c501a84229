"""A paid event that nobody heard is told again, and its order waits for an answer."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.paybay.const import EVENT_ORDER_PAID
from custom_components.paybay.domain.bay import ClaimFallback, StartMode
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import orders

from .entries import BAY_1, make_entry
from .site_fixtures import ObedientClock, captured, set_up, settled, state_of

RELAY = BAY_1.relay


@pytest.fixture
async def automated(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up a bay that gives an order back unless an automation starts it."""
    bay = replace(
        BAY_1,
        start_mode=StartMode.AUTOMATION,
        claim_fallback=ClaimFallback.REFUND,
        claim_window_s=10,
        start_window_s=300,
    )
    return await set_up(hass, make_entry(bays=[bay]))


async def killed_after_the_commit(
    hass: HomeAssistant, entry: MockConfigEntry, clock: ObedientClock
) -> Order:
    """Have an order paid, and Home Assistant die before anybody hears of it."""
    site = entry.runtime_data
    order: Order = await site.offers.make(site.bays["bay_1"], "ten_min")
    assert await hass.config_entries.async_unload(entry.entry_id)
    paid = captured(order, created_s=clock.now_ms() // 1000)
    with patch.object(site.intake, "_on_taken"):
        await site.intake.take(paid)
    return order


async def now(entry: MockConfigEntry, order: Order) -> Order:
    found: Order = await entry.runtime_data.ledger.run(
        lambda c: orders.get(c, order.id)
    )
    return found


def told(fired: list[Event[Any]]) -> list[tuple[str, bool]]:
    return [(event.data["order_id"], event.data["repeated"]) for event in fired]


async def test_order_paid_a_moment_before_a_crash_is_told_of_once_automations_hear(
    hass: HomeAssistant, automated: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await killed_after_the_commit(hass, automated, clock)
    fired = async_capture_events(hass, EVENT_ORDER_PAID)
    hass.set_state(CoreState.starting)
    clock.gone_ms += 20_000
    await set_up(hass, automated)
    await clock.pass_by(hass, 60)
    await settled(hass, automated)
    assert told(fired) == []
    assert (await now(automated, order)).state is OrderState.PAID
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settled(hass, automated)
    assert told(fired) == [(order.id, True)]
    await clock.pass_by(hass, 9)
    assert (await now(automated, order)).state is OrderState.PAID
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.bay_1"}, blocking=True
    )
    await settled(hass, automated)
    assert state_of(hass, RELAY) == "on"


async def test_order_that_nobody_claims_after_the_repeat_goes_back(
    hass: HomeAssistant, automated: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await killed_after_the_commit(hass, automated, clock)
    await set_up(hass, automated)
    await clock.pass_by(hass, 11)
    await settled(hass, automated)
    ended = await now(automated, order)
    assert (ended.state, ended.reason) == (OrderState.UNDELIVERED, "unclaimed")


async def test_order_paid_while_home_assistant_starts_is_told_of_again(
    hass: HomeAssistant, automated: MockConfigEntry, clock: ObedientClock
) -> None:
    assert await hass.config_entries.async_unload(automated.entry_id)
    hass.set_state(CoreState.starting)
    await set_up(hass, automated)
    fired = async_capture_events(hass, EVENT_ORDER_PAID)
    site = automated.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    await site.intake.take(captured(order))
    await clock.pass_by(hass, 60)
    await settled(hass, automated)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settled(hass, automated)
    assert told(fired) == [(order.id, False), (order.id, True)]


async def test_order_is_not_held_past_its_start_window(
    hass: HomeAssistant, automated: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await killed_after_the_commit(hass, automated, clock)
    hass.set_state(CoreState.starting)
    await set_up(hass, automated)
    await clock.pass_by(hass, 301)
    await settled(hass, automated)
    ended = await now(automated, order)
    assert (ended.state, ended.reason) == (OrderState.UNDELIVERED, "start_window")
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settled(hass, automated)


async def test_what_was_claimed_or_has_run_is_not_told_of_again(
    hass: HomeAssistant, automated: MockConfigEntry, clock: ObedientClock
) -> None:
    site = automated.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    await site.intake.take(captured(order))
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.bay_1"}, blocking=True
    )
    fired = async_capture_events(hass, EVENT_ORDER_PAID)
    await hass.config_entries.async_reload(automated.entry_id)
    await settled(hass, automated)
    assert fired == []


async def test_direct_bay_starts_at_once_and_still_tells(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await killed_after_the_commit(hass, site_entry, clock)
    fired = async_capture_events(hass, EVENT_ORDER_PAID)
    await set_up(hass, site_entry)
    assert state_of(hass, RELAY) == "on"
    assert told(fired) == [(order.id, True)]
