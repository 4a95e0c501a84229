"""Energy in Home Assistant: a real sensor ends a session, and sensors show it."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import orders

from .entries import BAY_1, HOUR_PASS, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled, state_of

METER = "sensor.meter"
POWER = "sensor.power"
UNIT = replace(HOUR_PASS, code="unit", name="One unit", energy_wh=1000)
METERED = replace(
    BAY_1,
    plan_codes=("unit",),
    energy_meter=METER,
    power_meter=POWER,
    plugged_w=20,
)


def count(hass: HomeAssistant, kwh: str) -> None:
    attributes = {"unit_of_measurement": "kWh"}
    hass.states.async_set(METER, kwh, attributes)


def flow(hass: HomeAssistant, watts: str) -> None:
    hass.states.async_set(POWER, watts, {"unit_of_measurement": "W"})


@pytest.fixture
async def metered_entry(
    hass: HomeAssistant,
    site_provider: object,
    clock: ObedientClock,
    relay_helpers: None,
) -> MockConfigEntry:
    count(hass, "7.000")
    flow(hass, "0")
    return await set_up(hass, make_entry(bays=[METERED], plans=[UNIT]))


async def test_session_ends_when_its_energy_is_used(
    hass: HomeAssistant, metered_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, metered_entry, plan="unit")
    await clock.pass_by(hass, 600)
    count(hass, "7.999")
    await settled(hass, metered_entry)
    assert state_of(hass, BAY_1.relay) == "on"
    count(hass, "8.000")
    await settled(hass, metered_entry)
    assert state_of(hass, BAY_1.relay) == "off"
    ledger = metered_entry.runtime_data.ledger
    ended = await ledger.run(lambda c: orders.get(c, order.id))
    assert (ended.state, ended.reason) == (OrderState.COMPLETED, "energy_used")
    assert (ended.ran_ms, ended.ran_mwh) == (600_000, 1_000_000)
    assert state_of(hass, "sensor.bay_1_energy") == "1.0"
    assert state_of(hass, "sensor.bay_1_energy_today") == "1.0"


async def test_energy_sensors_suit_the_energy_dashboard(
    hass: HomeAssistant, metered_entry: MockConfigEntry
) -> None:
    for name in ("energy", "energy_today"):
        state = hass.states.get(f"sensor.bay_1_{name}")
        assert state
        assert state.state == "0.0"
        assert state.attributes["device_class"] == "energy"
        assert state.attributes["state_class"] == "total"
        assert ("last_reset" in state.attributes) == (name == "energy_today")
        assert state.attributes["unit_of_measurement"] == "kWh"


async def test_energy_is_still_known_after_a_reload(
    hass: HomeAssistant, metered_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, metered_entry, plan="unit")
    count(hass, "7.250")
    await clock.pass_by(hass, 20)
    assert await hass.config_entries.async_reload(metered_entry.entry_id)
    await settled(hass, metered_entry)
    assert state_of(hass, "sensor.bay_1_energy") == "0.25"
    count(hass, "8.000")
    await settled(hass, metered_entry)
    assert state_of(hass, BAY_1.relay) == "off"
    assert state_of(hass, "sensor.bay_1_energy") == "1.0"


async def test_plugged_in_is_known_only_while_power_can_flow(
    hass: HomeAssistant, metered_entry: MockConfigEntry
) -> None:
    plugged = "binary_sensor.bay_1_plugged_in"
    assert state_of(hass, plugged) == "unknown"
    await paid(hass, metered_entry, plan="unit")
    assert state_of(hass, plugged) == "off"
    flow(hass, "19.9")
    await hass.async_block_till_done()
    assert state_of(hass, plugged) == "off"
    flow(hass, "20")
    await hass.async_block_till_done()
    assert state_of(hass, plugged) == "on"
    flow(hass, "unavailable")
    await hass.async_block_till_done()
    assert state_of(hass, plugged) == "unavailable"
    flow(hass, "20")
    await hass.async_block_till_done()
    assert state_of(hass, plugged) == "on"


async def test_bay_without_a_meter_has_no_energy_and_sells_none(
    hass: HomeAssistant,
    site_provider: object,
    clock: ObedientClock,
    relay_helpers: None,
) -> None:
    bay = replace(METERED, energy_meter=None, power_meter=None, plugged_w=None)
    await set_up(hass, make_entry(bays=[bay], plans=[UNIT]))
    assert state_of(hass, "sensor.bay_1_energy") is None
    assert state_of(hass, "binary_sensor.bay_1_plugged_in") is None
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            "paybay",
            "create_order",
            {"bay": "switch.bay_1", "plan": "unit"},
            blocking=True,
            return_response=True,
        )
    assert refused.value.translation_key == "offer_plan_needs_meter"
