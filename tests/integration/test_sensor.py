"""What the sensors show."""

from datetime import UTC, datetime

from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .entries import BAY_1, BAY_2, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of

STATUS = "sensor.bay_1_status"
ENDS_AT = "sensor.bay_1_ends_at"
ACTIVE = "sensor.razorpay_test_active_bays"
BAY_SENSORS = {
    "charging_time_today": "time_today",
    "ends_at": "ends_at",
    "revenue": "revenue_total",
    "revenue_today": "revenue_today",
    "sessions_today": "sessions_today",
    "status": "status",
}


@pytest.fixture
async def two_bays(
    hass: HomeAssistant, site_provider: object, clock: object, relay_helpers: None
) -> MockConfigEntry:
    """Set up a site with two bays."""
    return await set_up(hass, make_entry(bays=[BAY_1, BAY_2]))


async def test_status_follows_an_order_from_its_link_to_its_end(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    shown: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] == STATUS and new:
            shown.append(new.state)

    hass.bus.async_listen("state_changed", note)
    assert state_of(hass, STATUS) == "available"
    await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    assert shown == ["reserved", "starting", "charging", "available"]


async def test_status_offers_every_bay_status(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    state = hass.states.get(STATUS)
    assert state
    assert state.attributes["options"] == [
        "available",
        "reserved",
        "starting",
        "charging",
        "paused",
        "offline",
        "problem",
        "out_of_service",
    ]


async def test_ends_at_is_known_only_while_a_session_runs(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    assert state_of(hass, ENDS_AT) == "unknown"
    await paid(hass, site_entry)
    end = datetime.fromtimestamp(clock.now_ms() / 1000 + 600, UTC)
    assert state_of(hass, ENDS_AT) == end.isoformat()
    await clock.pass_by(hass, 601)
    assert state_of(hass, ENDS_AT) == "unknown"


async def test_nothing_ticks_while_a_session_runs(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    await clock.pass_by(hass, 5)
    await settled(hass, site_entry)
    changes: list[str] = []
    hass.bus.async_listen(
        "state_changed", lambda event: changes.append(event.data["entity_id"])
    )
    await clock.pass_by(hass, 300)
    assert changes == []


async def test_active_bays_counts_bays_that_are_charging(
    hass: HomeAssistant, two_bays: MockConfigEntry, clock: ObedientClock
) -> None:
    assert state_of(hass, ACTIVE) == "0"
    await paid(hass, two_bays, bay_id="bay_1", plan="hour_pass")
    assert state_of(hass, ACTIVE) == "1"
    await paid(hass, two_bays, bay_id="bay_2")
    assert state_of(hass, ACTIVE) == "2"
    await clock.pass_by(hass, 601)
    assert state_of(hass, ACTIVE) == "1"


async def test_a_bay_that_cannot_be_reached_says_so_and_stays_available(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    hass.states.async_remove("input_boolean.relay_1")
    await settled(hass, site_entry)
    assert state_of(hass, STATUS) == "offline"


async def test_each_sensor_belongs_to_its_bay_or_to_the_site(
    hass: HomeAssistant, two_bays: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    found = er.async_entries_for_config_entry(entity_registry, two_bays.entry_id)
    assert {
        entity.entity_id: (entity.unique_id, entity.config_subentry_id)
        for entity in found
        if entity.domain == "sensor" and not entity.entity_category
    } == {
        **{
            f"sensor.razorpay_test_{key}": (f"{two_bays.entry_id}_{key}", None)
            for key in ("active_bays", "cash_today", "orders_waiting", "revenue_today")
        },
        **{
            f"sensor.{bay}_{name}": (f"{bay}_{key}", bay)
            for bay in ("bay_1", "bay_2")
            for name, key in BAY_SENSORS.items()
        },
    }


async def test_removing_a_bay_removes_its_entities_and_its_device(
    hass: HomeAssistant,
    two_bays: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    about = ("paybay", "bay_2"), two_bays.entry_id
    assert device_registry.async_get_device_by_identifier(*about)
    hass.config_entries.async_remove_subentry(two_bays, "bay_2")
    await hass.async_block_till_done()
    assert entity_registry.async_get("sensor.bay_2_status") is None
    assert device_registry.async_get_device_by_identifier(*about) is None
    assert state_of(hass, STATUS) == "available"
