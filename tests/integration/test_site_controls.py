"""The owner closes the shop, or stops everything at once."""

from dataclasses import replace
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.bay import StartMode
from custom_components.paybay.domain.notices import LinkStatus
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import LedgerError, marks, orders, refunds
from custom_components.paybay.offers import OfferRefusedError
from custom_components.paybay.open_sign import CLOSED
from custom_components.paybay.providers.base import LinkDetails, ProviderAuthError

from .entries import BAY_1, BAY_2, FREE, PLANS, make_entry
from .site_fixtures import (
    ObedientClock,
    captured,
    paid,
    set_up,
    settled,
    state_of,
    unpaid_link,
)

OPEN = "switch.razorpay_test_open_for_business"
STOP = "button.razorpay_test_stop_everything_now"


async def switch(hass: HomeAssistant, service: str) -> None:
    await hass.services.async_call(
        "switch", service, {"entity_id": OPEN}, blocking=True
    )


async def stop(hass: HomeAssistant) -> None:
    await hass.services.async_call(
        "button", "press", {"entity_id": STOP}, blocking=True
    )


async def now(entry: MockConfigEntry, order: Order) -> tuple[OrderState, str | None]:
    found = await entry.runtime_data.ledger.run(lambda c: orders.get(c, order.id))
    return found.state, found.reason


async def owed(entry: MockConfigEntry, order: Order) -> list[tuple[int, str]]:
    found = await entry.runtime_data.ledger.run(lambda c: refunds.of_order(c, order.id))
    return [(refund.amount.minor, refund.reason) for refund in found]


async def test_closed_site_sells_nothing_and_stays_closed(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    assert state_of(hass, OPEN) == "on"
    await switch(hass, "turn_off")
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert state_of(hass, OPEN) == "off"
    site = site_entry.runtime_data
    with pytest.raises(OfferRefusedError, match="site_closed"):
        await site.offers.make(site.bays["bay_1"], "ten_min")
    await switch(hass, "turn_on")
    await paid(hass, site_entry)
    assert state_of(hass, BAY_1.relay) == "on"


async def test_free_order_made_while_the_site_closes_is_not_granted(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> None:
    entry = make_entry(
        plans=(*PLANS, FREE), bays=(replace(BAY_1, plan_codes=("free",)),)
    )
    await set_up(hass, entry)
    site = entry.runtime_data
    # Stored, and not yet heard of: an order of that very moment looked before.
    await site.ledger.run(lambda c: marks.put(c, entry.entry_id, CLOSED, 1))
    with pytest.raises(OfferRefusedError, match="site_closed"):
        await site.offers.make(site.bays["bay_1"], "free")
    assert state_of(hass, BAY_1.relay) == "off"


async def test_money_that_arrives_at_a_closed_site_goes_back(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    site = site_entry.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    await switch(hass, "turn_off")
    await site.intake.take(captured(order))
    await settled(hass, site_entry)
    assert await now(site_entry, order) == (OrderState.UNDELIVERED, "site_closed")
    assert await owed(site_entry, order) == [(1000, "site_closed")]
    assert state_of(hass, BAY_1.relay) == "off"


async def test_closing_withdraws_what_is_offered_and_lets_sessions_run(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    site = site_entry.runtime_data
    offered = await site.offers.make(site.bays["bay_1"], "hour_pass")
    running = await paid(hass, site_entry)

    async def cancel(link_id: str) -> LinkDetails:
        link = replace(unpaid_link(link_id).link, status=LinkStatus.CANCELLED)
        return LinkDetails(link=link)

    site_provider.cancel_link.side_effect = cancel
    await switch(hass, "turn_off")
    await settled(hass, site_entry)
    assert (await now(site_entry, offered))[0] is OrderState.CANCELLED
    assert state_of(hass, BAY_1.relay) == "on"
    await clock.pass_by(hass, 601)
    assert (await now(site_entry, running))[0] is OrderState.COMPLETED


async def test_sign_that_cannot_be_stored_is_not_turned(
    hass: HomeAssistant, site_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(site_entry.runtime_data.ledger, "run", full)
        with pytest.raises(HomeAssistantError) as failed:
            await switch(hass, "turn_off")
    assert failed.value.translation_key == "ledger_failed"
    assert state_of(hass, OPEN) == "on"


async def test_stop_everything_ends_what_runs_and_what_waits(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> None:
    waits = replace(BAY_2, start_mode=StartMode.AUTOMATION, claim_window_s=200)
    entry = await set_up(hass, make_entry(bays=[BAY_1, waits]))
    running = await paid(hass, entry)
    waiting = await paid(hass, entry, bay_id="bay_2", created_s=clock.now_ms() // 1000)
    await clock.pass_by(hass, 150)
    assert (await now(entry, waiting))[0] is OrderState.PAID
    await stop(hass)
    await settled(hass, entry)
    assert state_of(hass, BAY_1.relay) == "off"
    assert await now(entry, running) == (OrderState.STOPPED, "stopped_by_owner")
    assert await now(entry, waiting) == (OrderState.UNDELIVERED, "stopped_by_owner")
    assert await owed(entry, running) == [(750, "stopped_by_owner")]
    assert await owed(entry, waiting) == [(1000, "stopped_by_owner")]


async def test_stop_everything_on_a_dead_ledger_switches_off_and_says_so(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 60)
    with monkeypatch.context() as patched:
        patched.setattr(site_entry.runtime_data.ledger, "run", full)
        with pytest.raises(HomeAssistantError) as failed:
            await stop(hass)
        assert state_of(hass, BAY_1.relay) == "off"
    assert failed.value.translation_key == "stop_not_stored"
    await clock.pass_by(hass, 30)
    await settled(hass, site_entry)
    assert await now(site_entry, order) == (OrderState.STOPPED, "stopped_by_owner")


async def test_stop_everything_with_nothing_to_stop_does_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await stop(hass)
    assert state_of(hass, BAY_1.relay) == "off"


async def test_refused_keys_are_urgent_while_money_is_owed(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    def urgent() -> list[Any]:
        found = ir.async_get(hass).issues.values()
        key = "keys_refused_money_owed"
        return [
            issue.translation_placeholders
            for issue in found
            if issue.domain == DOMAIN and issue.translation_key == key
        ]

    site_provider.check.side_effect = ProviderAuthError("no")
    for _ in range(31):
        await clock.pass_by(hass, 10)
        await settled(hass, site_entry)
    assert urgent() == []
    await paid(hass, site_entry, created_s=1_700_000_000)
    assert urgent() == [{"site": "Razorpay (test)", "amount": "10.00 INR"}]
    site_provider.check.side_effect = None
    for _ in range(7):
        await clock.pass_by(hass, 10)
        await settled(hass, site_entry)
    assert urgent() == []
