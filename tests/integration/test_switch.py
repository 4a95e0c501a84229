"""The bay's switch."""

from dataclasses import replace
from typing import Any

from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.bay import NothingToStartError
from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.bay import BusyPolicy, ClaimFallback, StartMode
from custom_components.paybay.domain.hours import OpeningHours
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import LedgerError, orders

from .entries import BAY_1, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of

SWITCH = "switch.bay_1"
IN_SERVICE = "switch.bay_1_in_service"
RELAY = "input_boolean.relay_1"


@pytest.fixture
async def automation_entry(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up a bay that leaves the start to others."""
    bay = replace(
        BAY_1, start_mode=StartMode.AUTOMATION, claim_fallback=ClaimFallback.REFUND
    )
    return await set_up(hass, make_entry(bays=[bay]))


@pytest.fixture
def fresh_relays(clock: ObedientClock, relay_helpers: None) -> None:
    """Have relays, and a clock that obeys."""


async def turn(
    hass: HomeAssistant, to: str, context: Context | None = None, entity: str = SWITCH
) -> None:
    await hass.services.async_call(
        entity.partition(".")[0],
        f"turn_{to}",
        {"entity_id": entity},
        blocking=True,
        context=context,
    )


async def test_it_bears_the_name_of_its_bay_and_belongs_to_its_device(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    registered = entity_registry.async_get(SWITCH)
    assert registered
    assert registered.unique_id == "bay_1_session"
    assert registered.config_subentry_id == "bay_1"
    device = device_registry.async_get(registered.device_id or "")
    assert device
    assert (DOMAIN, "bay_1") in device.identifiers
    state = hass.states.get(SWITCH)
    assert state
    assert state.name == "Bay 1"
    assert state.state == "off"


async def test_it_is_on_while_a_session_runs_and_off_after_its_time(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    assert state_of(hass, SWITCH) == state_of(hass, RELAY) == "on"
    await clock.pass_by(hass, 600)
    assert state_of(hass, SWITCH) == state_of(hass, RELAY) == "off"


async def test_it_stays_on_while_a_session_is_paused(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    for _ in range(2):  # PayBay itself tries once to go on
        await turn(hass, "off", entity=RELAY)
        await settled(hass, site_entry)
        await clock.pass_by(hass, 20)
    assert state_of(hass, "sensor.bay_1_status") == "paused"
    assert state_of(hass, SWITCH) == "on"


async def test_turning_it_on_starts_the_paid_order_that_waits(
    hass: HomeAssistant, automation_entry: MockConfigEntry
) -> None:
    order = await paid(hass, automation_entry)
    assert state_of(hass, SWITCH) == "off"
    await turn(hass, "on")
    assert state_of(hass, RELAY) == "on"
    site = automation_entry.runtime_data
    now = await site.ledger.run(lambda c: orders.get(c, order.id))
    assert now.state is OrderState.CHARGING
    assert now.claimed_by == "switch"


async def test_its_state_keeps_the_context_of_who_turned_it_on(
    hass: HomeAssistant, automation_entry: MockConfigEntry
) -> None:
    await paid(hass, automation_entry)
    context = Context()
    await turn(hass, "on", context)
    state = hass.states.get(SWITCH)
    assert state
    assert state.state == "on"
    assert state.context.id == context.id


async def test_turning_it_on_without_a_paid_order_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await turn(hass, "on")
    assert refused.value.translation_key == "nothing_to_start"
    assert refused.value.translation_placeholders == {"bay": "Bay 1"}
    assert state_of(hass, SWITCH) == state_of(hass, RELAY) == "off"


async def test_turning_it_on_while_a_session_runs_changes_nothing(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    before = hass.states.get("sensor.bay_1_ends_at")
    await turn(hass, "on")
    assert hass.states.get("sensor.bay_1_ends_at") == before
    assert state_of(hass, SWITCH) == "on"


async def test_turning_it_on_while_the_same_order_starts_is_no_error(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    site = site_entry.runtime_data
    bay = site.bays["bay_1"]

    async def beaten(*_: Any) -> None:
        await paid(hass, site_entry)
        raise NothingToStartError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(bay), "start", beaten)
        await turn(hass, "on")
    assert state_of(hass, SWITCH) == "on"


async def test_a_relay_that_refuses_is_reported(
    hass: HomeAssistant, automation_entry: MockConfigEntry
) -> None:
    async def broken(_call: ServiceCall) -> None:
        raise HomeAssistantError

    await paid(hass, automation_entry)
    hass.services.async_register("input_boolean", "turn_on", broken)
    with pytest.raises(HomeAssistantError) as failed:
        await turn(hass, "on")
    assert failed.value.translation_key == "start_failed_no_proof"
    assert state_of(hass, SWITCH) == "off"
    assert state_of(hass, "sensor.bay_1_status") == "problem"


async def test_a_relay_out_of_reach_is_reported(
    hass: HomeAssistant, automation_entry: MockConfigEntry
) -> None:
    await paid(hass, automation_entry)
    hass.states.async_set(RELAY, "unavailable")
    with pytest.raises(HomeAssistantError) as failed:
        await turn(hass, "on")
    assert failed.value.translation_key == "start_failed_offline"


async def test_turning_it_off_stops_the_session(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry)
    await turn(hass, "off")
    assert state_of(hass, SWITCH) == state_of(hass, RELAY) == "off"
    site = site_entry.runtime_data
    now = await site.ledger.run(lambda c: orders.get(c, order.id))
    assert (now.state, now.reason) == (OrderState.STOPPED, "stopped_by_owner")


async def test_turning_it_off_when_nothing_runs_is_no_error(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await turn(hass, "off")
    assert state_of(hass, SWITCH) == "off"


async def test_a_ledger_that_fails_is_reported(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    ledger = site_entry.runtime_data.ledger
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "run", full)
        with pytest.raises(HomeAssistantError) as failed:
            await turn(hass, "off")
    assert failed.value.translation_key == "ledger_failed"


async def test_it_stays_available_while_its_relay_is_offline(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    hass.states.async_set(RELAY, "unavailable")
    await settled(hass, site_entry)
    assert state_of(hass, "sensor.bay_1_status") == "offline"
    assert state_of(hass, SWITCH) == "on"


async def test_it_is_on_again_after_a_reload(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    assert await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert state_of(hass, SWITCH) == state_of(hass, RELAY) == "on"


async def test_bay_out_of_service_sells_nothing_until_it_is_back(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await turn(hass, "off", entity=IN_SERVICE)
    assert state_of(hass, "sensor.bay_1_status") == "out_of_service"
    assert await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert state_of(hass, IN_SERVICE) == "off"
    with pytest.raises(ServiceValidationError) as refused:
        await _order(hass)
    assert refused.value.translation_key == "offer_bay_out_of_service"
    await turn(hass, "on", entity=IN_SERVICE)
    assert state_of(hass, "sensor.bay_1_status") == "available"


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"busy": BusyPolicy.REFUND}, "offer_bay_charging"),
        ({"max_queue_s": 60}, "offer_queue_full"),
        ({"daily_cap_min": 11}, "offer_daily_cap"),
    ],
)
async def test_bay_that_cannot_serve_a_second_order_refuses_it_before_it_is_paid(
    hass: HomeAssistant,
    site_provider: Any,
    fresh_relays: None,
    rules: dict[str, Any],
    key: str,
) -> None:
    entry = await set_up(hass, make_entry(bays=[replace(BAY_1, **rules)]))
    await paid(hass, entry)
    assert state_of(hass, RELAY) == "on"
    site_provider.create_link.reset_mock()
    with pytest.raises(ServiceValidationError) as refused:
        await _order(hass)
    assert refused.value.translation_key == key
    site_provider.create_link.assert_not_called()


async def test_closed_bay_refuses_an_order_before_it_is_paid(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> None:
    never = OpeningHours(weekdays=frozenset())
    await set_up(hass, make_entry(bays=[replace(BAY_1, hours=never)]))
    with pytest.raises(ServiceValidationError) as refused:
        await _order(hass)
    assert refused.value.translation_key == "offer_closed"


async def test_second_order_goes_on_without_the_relay_going_off(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    first = await paid(hass, site_entry)
    second = await paid(hass, site_entry)
    changes: list[Any] = []
    async_track_state_change_event(hass, [RELAY], changes.append)
    await clock.pass_by(hass, first.owed_ms / 1000 + 1)
    await settled(hass, site_entry)
    assert changes == []
    ledger = site_entry.runtime_data.ledger
    now = await ledger.run(lambda c: orders.get(c, second.id))
    assert now.state is OrderState.CHARGING


async def _order(hass: HomeAssistant) -> None:
    await hass.services.async_call(
        DOMAIN,
        "create_order",
        {"bay": SWITCH, "plan": "ten_min"},
        blocking=True,
        return_response=True,
    )
