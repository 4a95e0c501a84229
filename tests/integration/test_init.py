"""A site's life: set up, reloaded, changed, disabled, removed, stopped."""

from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import AsyncMock, NonCallableMagicMock, patch

from homeassistant.config_entries import (
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.core import CoreState, Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.const import EVENT_ORDER_PAID
from custom_components.paybay.domain.notices import LinkFact, LinkStatus
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.drivers.switch import SwitchDriver
from custom_components.paybay.ledger import (
    LedgerError,
    deliveries,
    orders,
    refunds,
)
from custom_components.paybay.providers.base import (
    LinkDetails,
    LinkRequest,
    ProviderAuthError,
    ProviderUnavailableError,
)
from custom_components.paybay.site import Site

from .entries import BAY_1, BAY_2, make_entry
from .webhooks import HOOK, captured, signed

RELAY = BAY_1.relay


async def _offer(live_provider: NonCallableMagicMock, site: Site) -> Order:
    """Create an order as a customer would."""

    async def create(request: LinkRequest) -> LinkFact:
        return LinkFact(
            id="plink_" + request.reference_id[-14:],
            reference_id=request.reference_id,
            status=LinkStatus.CREATED,
            amount=request.amount,
            url="http://127.0.0.1/i/abc",
        )

    async def fetch(link_id: str) -> LinkDetails:
        order = await site.ledger.run(lambda c: orders.find_by_link(c, link_id))
        assert order
        return LinkDetails(
            link=LinkFact(
                id=link_id,
                reference_id=order.id,
                status=LinkStatus.CREATED,
                amount=order.price,
                url="http://127.0.0.1/i/abc",
            )
        )

    live_provider.create_link.side_effect = create
    live_provider.fetch_link.side_effect = fetch
    return await site.offers.make(site.bays[BAY_1.id], "ten_min")


async def _pay(
    hass: HomeAssistant, client: Any, order: Order, event_id: str = "evt_paid"
) -> None:
    now_s = int(dt_util.utcnow().timestamp())
    payment_id = "pay_" + order.id[-14:]
    body = captured(order.id, payment_id=payment_id, created_s=now_s)
    response = await client.post(
        HOOK, data=body, headers=signed(body, event_id=event_id)
    )
    assert response.status == 200
    await hass.async_block_till_done()


async def _state(entry: MockConfigEntry, order: Order) -> OrderState:
    found = await entry.runtime_data.ledger.run(lambda c: orders.get(c, order.id))
    state: OrderState = found.state
    return state


@pytest.fixture
async def charging(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
    hass_client_no_auth: ClientSessionGenerator,
) -> Order:
    """Return an order that is being served."""
    client = await hass_client_no_auth()
    order = await _offer(live_provider, live_entry.runtime_data)
    await _pay(hass, client, order)
    assert hass.states.is_state(RELAY, "on")
    assert await _state(live_entry, order) is OrderState.CHARGING
    return order


async def test_paid_order_switches_its_relay_on_and_fires_the_event(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    fired: list[Event[Any]] = []
    hass.bus.async_listen(EVENT_ORDER_PAID, fired.append)
    client = await hass_client_no_auth()
    order = await _offer(live_provider, live_entry.runtime_data)
    assert hass.states.is_state(RELAY, "off")
    await _pay(hass, client, order)
    await _pay(hass, client, order, "evt_again")
    assert hass.states.is_state(RELAY, "on")
    assert len(fired) == 1
    assert fired[0].data == {
        "order_id": order.id,
        "bay_id": BAY_1.id,
        "bay": "Bay 1",
        "device_id": fired[0].data["device_id"],
        "plan": "ten_min",
        "seconds": 600.0,
        "amount": 1000,
        "currency": "INR",
        "test_mode": True,
        "repeated": False,
    }
    assert fired[0].data["device_id"]


async def test_session_goes_on_across_a_reload(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    before = live_entry.runtime_data.bays[BAY_1.id].face.ends_ms
    await hass.config_entries.async_reload(live_entry.entry_id)
    await hass.async_block_till_done()
    face = live_entry.runtime_data.bays[BAY_1.id].face
    assert hass.states.is_state(RELAY, "on")
    assert face.status == "charging"
    assert abs(face.ends_ms - before) < 1_500
    ledger = live_entry.runtime_data.ledger
    assert len(await ledger.run(lambda c: deliveries.of_order(c, charging.id))) == 1


async def test_editing_the_bay_does_not_end_its_session(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    subentry = live_entry.subentries[BAY_1.id]
    data = {**subentry.data, "resume_window_s": 60}
    hass.config_entries.async_update_subentry(
        live_entry, subentry, data=data, title="First bay"
    )
    await hass.async_block_till_done()
    assert live_entry.runtime_data.bays[BAY_1.id].config.name == "First bay"
    assert hass.states.is_state(RELAY, "on")
    assert await _state(live_entry, charging) is OrderState.CHARGING


async def test_removing_the_bay_switches_off_and_owes_the_rest(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    hass.config_entries.async_remove_subentry(live_entry, BAY_1.id)
    await hass.async_block_till_done()
    assert hass.states.is_state(RELAY, "off")
    assert await _state(live_entry, charging) is OrderState.STOPPED
    due = await live_entry.runtime_data.ledger.run(
        lambda c: refunds.of_order(c, charging.id)
    )
    assert [(refund.amount.minor, refund.reason) for refund in due] == [
        (1000, "bay_gone")
    ]


async def test_moving_the_bay_to_another_relay_takes_its_session_along(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    subentry = live_entry.subentries[BAY_1.id]
    hass.config_entries.async_update_subentry(
        live_entry, subentry, data={**subentry.data, "relay": BAY_2.relay}
    )
    await hass.async_block_till_done()
    assert hass.states.is_state(RELAY, "off")
    assert hass.states.is_state(BAY_2.relay, "on")
    assert await _state(live_entry, charging) is OrderState.CHARGING


def _move(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Give the first bay the second one's relay."""
    subentry = entry.subentries[BAY_1.id]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "relay": BAY_2.relay}
    )


async def test_session_moves_to_another_relay_only_when_the_old_one_is_off(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    charging: Order,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.paybay.orphans._CONFIRM_S", 0.01)
    monkeypatch.setattr("custom_components.paybay.orphans.LEAVE_AGAIN_S", 0.01)
    with patch.object(SwitchDriver, "_call", AsyncMock()) as call:
        _move(hass, live_entry)
        await hass.async_block_till_done()
        assert call.await_count >= 1
        assert hass.states.is_state(RELAY, "on")
        assert hass.states.is_state(BAY_2.relay, "off")
        ledger = live_entry.runtime_data.ledger
        (stretch,) = await ledger.run(deliveries.open_ones)
        assert stretch.order_id == charging.id
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.is_state(RELAY, "off")
    assert hass.states.is_state(BAY_2.relay, "on")
    assert await _state(live_entry, charging) is OrderState.CHARGING


async def test_old_relay_that_is_not_there_yet_at_boot_is_waited_for(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    charging: Order,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.paybay.orphans.LEAVE_AGAIN_S", 0.01)
    hass.states.async_remove(RELAY)
    hass.set_state(CoreState.not_running)
    _move(hass, live_entry)
    await hass.async_block_till_done()
    assert hass.states.is_state(BAY_2.relay, "off")
    assert live_entry.runtime_data.held == {BAY_1.id}
    hass.set_state(CoreState.running)
    await hass.async_block_till_done(wait_background_tasks=True)
    # It never came: it is gone for good, and holds nobody up.
    assert hass.states.is_state(BAY_2.relay, "on")


async def test_removed_bays_relay_is_tried_until_it_is_off(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    charging: Order,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.paybay.orphans._CONFIRM_S", 0.01)
    monkeypatch.setattr("custom_components.paybay.ORPHANS_AGAIN_S", 0.01)
    with patch.object(SwitchDriver, "_call", AsyncMock()) as call:
        hass.config_entries.async_remove_subentry(live_entry, BAY_1.id)
        await hass.async_block_till_done()
        assert await _state(live_entry, charging) is OrderState.CHARGING
        assert call.await_count >= 1
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.is_state(RELAY, "off")
    assert await _state(live_entry, charging) is OrderState.STOPPED


async def test_set_up_that_fails_leaves_no_second_site_behind(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    with patch(
        "custom_components.paybay.async_track_issues",
        side_effect=RuntimeError("a bug"),
    ):
        await hass.config_entries.async_reload(live_entry.entry_id)
        await hass.async_block_till_done()
    first = live_entry.runtime_data
    assert live_entry.state is ConfigEntryState.SETUP_ERROR
    assert not first.open
    await hass.config_entries.async_reload(live_entry.entry_id)
    await hass.async_block_till_done()
    assert live_entry.runtime_data is not first
    assert await _state(live_entry, charging) is OrderState.CHARGING


async def test_orphans_wait_for_a_ledger_that_fails(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    with patch(
        "custom_components.paybay.async_settle_orphans",
        side_effect=LedgerError("disk full"),
    ):
        await hass.config_entries.async_reload(live_entry.entry_id)
        await hass.async_block_till_done()
    assert live_entry.state is ConfigEntryState.LOADED
    assert await _state(live_entry, charging) is OrderState.CHARGING


async def test_disabling_the_site_withdraws_its_open_links(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
) -> None:
    order = await _offer(live_provider, live_entry.runtime_data)
    live_provider.cancel_link.side_effect = ProviderUnavailableError("down")
    await hass.config_entries.async_set_disabled_by(
        live_entry.entry_id, ConfigEntryDisabler.USER
    )
    live_provider.cancel_link.assert_awaited_once_with(order.link_id)


async def test_disabling_the_site_switches_off(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    ledger = live_entry.runtime_data.ledger
    await hass.config_entries.async_set_disabled_by(
        live_entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done()
    assert hass.states.is_state(RELAY, "off")
    order = await ledger.run(lambda c: orders.get(c, charging.id))
    assert order.state is OrderState.STOPPED


async def test_removing_the_site_switches_off(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order
) -> None:
    ledger = live_entry.runtime_data.ledger
    await hass.config_entries.async_remove(live_entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.is_state(RELAY, "off")
    order = await ledger.run(lambda c: orders.get(c, charging.id))
    assert order.state is OrderState.STOPPED


async def test_removing_the_site_withdraws_its_open_links(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
) -> None:
    order = await _offer(live_provider, live_entry.runtime_data)
    ledger = live_entry.runtime_data.ledger
    assert order.link_id
    cancelled = LinkFact(
        id=order.link_id,
        reference_id=order.id,
        status=LinkStatus.CANCELLED,
        amount=order.price,
        url="http://127.0.0.1/i/abc",
    )
    live_provider.cancel_link.return_value = LinkDetails(link=cancelled)
    await hass.config_entries.async_remove(live_entry.entry_id)
    live_provider.cancel_link.assert_awaited_once_with(order.link_id)
    order = await ledger.run(lambda c: orders.get(c, order.id))
    assert order.state is OrderState.CANCELLED


async def test_stopping_home_assistant_keeps_the_session(
    hass: HomeAssistant, live_entry: MockConfigEntry, charging: Order, tmp_path: Path
) -> None:
    site = live_entry.runtime_data
    await hass.async_stop(force=True)
    assert hass.states.is_state(RELAY, "on")
    assert not site.open
    assert (tmp_path / "paybay.db").exists()


async def test_open_links_are_asked_for_once_at_start(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
) -> None:
    order = await _offer(live_provider, live_entry.runtime_data)
    live_provider.fetch_link.reset_mock()
    await hass.config_entries.async_reload(live_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    live_provider.fetch_link.assert_awaited_once_with(order.link_id or "plink_none")


async def test_keys_that_are_refused_start_a_reauth_and_nothing_stops(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
    charging: Order,
) -> None:
    live_provider.check.side_effect = ProviderAuthError("no")
    live_provider.find_link.side_effect = ProviderUnavailableError("down")
    await hass.config_entries.async_reload(live_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert live_entry.state is ConfigEntryState.LOADED
    flows = hass.config_entries.flow.async_progress_by_handler("paybay")
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert hass.states.is_state(RELAY, "on")


async def test_unusable_ledger_is_said_and_tried_again(
    hass: HomeAssistant, live_provider: NonCallableMagicMock, tmp_path: Path
) -> None:
    (tmp_path / "paybay.db").write_bytes(b"not a database at all, no " * 300)
    hass.config.config_dir = str(tmp_path)
    entry = make_entry()
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "ledger_unusable"


async def test_renamed_relay_is_followed(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    relay = entity_registry.async_get_or_create(
        "switch", "demo", "relay-7", suggested_object_id="old_name"
    )
    subentry = ConfigSubentry(
        data=MappingProxyType(
            {**live_entry.subentries[BAY_1.id].data, "relay": relay.entity_id}
        ),
        subentry_type="bay",
        title="Bay 7",
        unique_id=relay.id,
    )
    hass.config_entries.async_add_subentry(live_entry, subentry)
    await hass.async_block_till_done()
    entity_registry.async_update_entity(
        relay.entity_id, new_entity_id="switch.new_name"
    )
    await hass.async_block_till_done()
    bay = live_entry.runtime_data.bays[subentry.subentry_id]
    assert bay.config.relay == "switch.new_name"


async def test_relay_that_turns_out_to_be_a_bridges_is_driven_as_one(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    with patch(
        "custom_components.paybay.drivers.bridge_link.mqtt.async_wait_for_mqtt_client",
        AsyncMock(return_value=False),
    ):
        entity_registry.async_get_or_create(
            "switch",
            "mqtt",
            "paybay_pi_1_relay",
            suggested_object_id="pi_bay_1",
        )
        subentry = live_entry.subentries[BAY_1.id]
        data = {**subentry.data, "relay": "switch.pi_bay_1"}
        hass.config_entries.async_update_subentry(live_entry, subentry, data=data)
        await hass.async_block_till_done()
        bay = live_entry.runtime_data.bays[BAY_1.id]
        assert bay._driver.keeps_time
