"""The screens of a bay."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import DOMAIN, SUBENTRY_BAY
from custom_components.paybay.domain.amounts import OddAmountPolicy
from custom_components.paybay.domain.bay import (
    BayConfig,
    BusyPolicy,
    ClaimFallback,
    RestPolicy,
    StartMode,
)
from custom_components.paybay.domain.hours import OpeningHours
from custom_components.paybay.domain.money import Money
from custom_components.paybay.entry_data import bays_of
from custom_components.paybay.meter import EntityMeter

from .entries import BAY_1, BAY_2, PLANS, TEN_MIN, make_entry

pytestmark = pytest.mark.usefixtures("relays")

FORM: dict[str, Any] = {
    "name": " Bay 2 ",
    "relay": BAY_2.relay,
    "plans": ["ten_min", "hour_pass"],
    "who_switches_on": {},
    "protection": {},
    "windows": {},
    "printed_qr": {},
}


async def _start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_BAY), context={"source": SOURCE_USER}
    )


async def _go(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], user_input
    )


def _newest(entry: MockConfigEntry) -> BayConfig:
    return list(bays_of(entry).values())[-1]


def _inner(result: SubentryFlowResult, name: str) -> list[Any]:
    """Return what a section of a form suggests."""
    assert result["data_schema"]
    sections = {str(k): v for k, v in result["data_schema"].schema.items()}
    return [key.description for key in sections[name].schema.schema]


def _switch(
    hass: HomeAssistant, platform: str, unique_id: str = "1"
) -> er.RegistryEntry:
    return er.async_get(hass).async_get_or_create("switch", platform, unique_id)


async def test_a_bay_on_a_plain_switch_is_added_after_a_word_of_warning(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await _start(hass, entry)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    result = await _go(hass, result, FORM)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "protection")
    assert result["description_placeholders"] == {
        "bay": "Bay 2",
        "relay": "relay 2",
    }

    result = await _go(hass, result, {})
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Bay 2")
    assert result["unique_id"] == BAY_2.relay
    added = _newest(entry)
    assert added == replace(BAY_2, id=added.id)


async def test_every_rule_of_a_bay_can_be_set(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    rules = {
        "who_switches_on": {
            "start_mode": "automation",
            "claim_window_s": 20,
            "claim_fallback": "refund",
        },
        "windows": {"start_window_s": 120, "resume_window_s": 0},
        "queue": {"busy": "refund", "max_queue_min": 30},
        "early_end": {"rest": "keep", "customer_stop": False},
        "hours": {
            "opens": "18:00:00",
            "closes": "02:30:00",
            "weekdays": ["fri", "sat"],
            "daily_cap_min": 90,
        },
        "printed_qr": {"odd_amount": "refund", "min_amount": 12.5, "max_amount": 99},
    }
    result = await _go(hass, await _start(hass, entry), FORM | rules)
    await _go(hass, result, {})
    added = _newest(entry)
    assert added == replace(
        BAY_2,
        id=added.id,
        start_mode=StartMode.AUTOMATION,
        claim_window_s=20,
        claim_fallback=ClaimFallback.REFUND,
        start_window_s=120,
        resume_window_s=0,
        busy=BusyPolicy.REFUND,
        max_queue_s=1800,
        rest=RestPolicy.KEEP,
        customer_stop=False,
        hours=OpeningHours(opens_min=1080, closes_min=150, weekdays=frozenset({4, 5})),
        daily_cap_min=90,
        odd_amount=OddAmountPolicy.REFUND,
        min_amount_minor=1250,
        max_amount_minor=9900,
    )


async def test_the_relay_of_a_bridge_ends_by_itself_and_may_be_renamed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    relay = _switch(hass, "mqtt", "paybay_lot_a_2_relay")
    form = FORM | {"relay": relay.entity_id}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["step_id"] == "protected_bridge"
    result = await _go(hass, result, {})
    assert (result["type"], result["unique_id"]) == (
        FlowResultType.CREATE_ENTRY,
        relay.id,
    )

    er.async_get(hass).async_update_entity(
        relay.entity_id, new_entity_id="switch.renamed"
    )
    form = FORM | {"relay": "switch.renamed"}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["errors"] == {"relay": "relay_in_use"}


@pytest.mark.parametrize(
    ("platform", "unique_id"),
    [("shelly", "paybay_lot_2_relay"), ("mqtt", "zigbee_0x1_switch")],
)
async def test_any_other_relay_is_a_plain_switch(
    hass: HomeAssistant, entry: MockConfigEntry, platform: str, unique_id: str
) -> None:
    relay = _switch(hass, platform, unique_id)
    form = FORM | {"relay": relay.entity_id}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["step_id"] == "protection"


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": " "}, {"name": "name_missing"}),
        ({"plans": []}, {"plans": "no_plans"}),
        ({"relay": "switch.nobody_knows"}, {"relay": "relay_unknown"}),
        ({"relay": BAY_1.relay}, {"relay": "relay_in_use"}),
        (
            {"relay": BAY_1.relay, "plans": []},
            {"relay": "relay_in_use", "plans": "no_plans"},
        ),
        (
            {
                "who_switches_on": {"claim_window_s": 60},
                "windows": {"start_window_s": 30},
            },
            {"who_switches_on": "claim_window_too_long"},
        ),
        (
            {"printed_qr": {"min_amount": 20, "max_amount": 10}},
            {"printed_qr": "amounts_crossed"},
        ),
    ],
)
async def test_a_mistake_is_named_and_can_be_corrected(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    change: dict[str, Any],
    errors: dict[str, str],
) -> None:
    result = await _go(hass, await _start(hass, entry), FORM | change)
    assert (result["step_id"], result["errors"]) == ("user", errors)
    result = await _go(hass, await _go(hass, result, FORM), {})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_relay_of_another_account_is_taken_too(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    other = replace(BAY_2, id="bay_9", name="Far socket")
    make_entry(bays=[other], key_id="rzp_test_other0000001").add_to_hass(hass)
    result = await _go(hass, await _start(hass, entry), FORM)
    assert result["errors"] == {"relay": "relay_in_use"}
    assert result["description_placeholders"] == {"bay": "Far socket"}


async def test_a_relay_registered_since_is_still_taken(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    er.async_get(hass).async_get_or_create(
        "input_boolean", "input_boolean", "relay_1", suggested_object_id="relay_1"
    )
    form = FORM | {"relay": BAY_1.relay}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["errors"] == {"relay": "relay_in_use"}


async def test_a_switch_of_paybay_is_no_relay(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = FORM | {"relay": _switch(hass, DOMAIN).entity_id}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["errors"] == {"relay": "own_switch"}


async def test_a_relay_named_by_its_registry_id_is_stored_by_entity_id(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    relay = _switch(hass, "shelly")
    result = await _go(hass, await _start(hass, entry), FORM | {"relay": relay.id})
    await _go(hass, result, {})
    assert _newest(entry).relay == relay.entity_id


async def test_a_plan_by_energy_needs_a_meter(hass: HomeAssistant) -> None:
    metered = replace(TEN_MIN, code="kwh", name="One unit", energy_wh=1000)
    entry = make_entry(bays=(), plans=[*PLANS, metered])
    entry.add_to_hass(hass)
    result = await _start(hass, entry)
    assert result["data_schema"]
    offered = result["data_schema"]({k: FORM[k] for k in FORM if k != "plans"})
    assert offered["plans"] == ["ten_min", "hour_pass"]

    result = await _go(hass, result, FORM | {"plans": ["ten_min", "kwh"]})
    assert result["errors"] == {"plans": "plan_needs_meter"}
    assert result["description_placeholders"] == {"plans": "One unit"}

    hass.states.async_set("sensor.kwh", "7.1", {"unit_of_measurement": "kWh"})
    with_meter = FORM | {
        "plans": ["ten_min", "kwh"],
        "meter": {"energy_meter": "sensor.kwh"},
    }
    result = await _go(hass, result, with_meter)
    result = await _go(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert _newest(entry).energy_meter == "sensor.kwh"


async def test_taking_the_meter_away_from_a_bay_that_sells_energy_is_refused(
    hass: HomeAssistant,
) -> None:
    kwh = replace(TEN_MIN, code="kwh", name="One unit", energy_wh=1000)
    bay = replace(BAY_1, plan_codes=("kwh",), energy_meter="sensor.kwh")
    entry = make_entry(bays=[bay], plans=[*PLANS, kwh])
    entry.add_to_hass(hass)
    hass.states.async_set("sensor.kwh", "7.1", {"unit_of_measurement": "kWh"})
    result = await entry.start_subentry_reconfigure_flow(hass, "bay_1")
    form = FORM | {"relay": BAY_1.relay, "plans": ["kwh"]}
    result = await _go(hass, result, form | {"meter": {}})
    assert result["errors"] == {"plans": "plan_needs_meter"}
    result = await _go(hass, result, form | {"meter": {"energy_meter": "sensor.kwh"}})
    assert result["reason"] == "reconfigure_successful"


@pytest.mark.parametrize(
    ("meter", "reason"),
    [
        ({"energy_meter": "sensor.nobody"}, "meter_unknown"),
        ({"energy_meter": "sensor.water"}, "meter_unit"),
        ({"power_meter": "sensor.kwh"}, "meter_unit"),
        ({"plugged_w": 20}, "plugged_needs_power"),
        ({"load_within_s": 20}, "load_needs_power"),
    ],
)
async def test_a_sensor_that_is_no_meter_is_refused(
    hass: HomeAssistant, meter: dict[str, Any], reason: str
) -> None:
    entry = make_entry(bays=())
    entry.add_to_hass(hass)
    hass.states.async_set("sensor.water", "7.1", {"unit_of_measurement": "m³"})
    hass.states.async_set("sensor.kwh", "7.1", {"unit_of_measurement": "kWh"})
    result = await _start(hass, entry)
    result = await _go(hass, result, FORM | {"meter": meter})
    assert result["errors"] == {"meter": reason}


async def test_a_meter_that_is_renamed_is_found_again(hass: HomeAssistant) -> None:
    entry = make_entry(bays=())
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    sensor = registry.async_get_or_create("sensor", "shelly", "1")
    hass.states.async_set(sensor.entity_id, "7.1", {"unit_of_measurement": "kWh"})
    result = await _start(hass, entry)
    form = FORM | {"meter": {"energy_meter": sensor.entity_id}}
    result = await _go(hass, result, form)
    await _go(hass, result, {})
    bay = _newest(entry)
    registry.async_update_entity(sensor.entity_id, new_entity_id="sensor.renamed")
    hass.states.async_set("sensor.renamed", "8", {"unit_of_measurement": "kWh"})
    assert EntityMeter(hass, bay).read().total_mwh == 8_000_000
    result = await entry.start_subentry_reconfigure_flow(hass, bay.id)
    shown = {"suggested_value": "sensor.renamed"}
    assert shown in _inner(result, "meter")


async def test_the_plans_of_a_bay_have_one_currency(hass: HomeAssistant) -> None:
    euro = replace(TEN_MIN, code="euro", price=Money(100, "EUR"))
    entry = make_entry(bays=(), plans=[*PLANS, euro])
    entry.add_to_hass(hass)
    form = FORM | {"plans": ["ten_min", "euro"]}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["errors"] == {"plans": "mixed_currencies"}


@pytest.mark.usefixtures("relays")
async def test_a_new_bay_has_a_name_and_is_offered_only_relays_it_can_have(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    own = _switch(hass, DOMAIN).entity_id
    result = await _start(hass, entry)
    assert result["data_schema"]
    form = {
        str(key): (key, value) for key, value in result["data_schema"].schema.items()
    }
    assert form["name"][0].description == {"suggested_value": "Bay 2"}
    refused = form["relay"][1].config["exclude_entities"]
    assert refused == sorted([BAY_1.relay, own])


async def test_without_a_plan_there_is_no_bay(hass: HomeAssistant) -> None:
    entry = make_entry(bays=(), plans=())
    entry.add_to_hass(hass)
    result = await _start(hass, entry)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_plan_yet")


async def test_a_bay_is_changed_without_another_warning(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert result["data_schema"]
    suggested = {str(k): k.description for k in result["data_schema"].schema}
    assert suggested["relay"] == {"suggested_value": BAY_1.relay}

    change = {"name": "Left", "relay": BAY_1.relay, "plans": ["ten_min"]}
    result = await _go(hass, result, FORM | change)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "reconfigure_successful",
    )
    assert bays_of(entry) == {
        BAY_1.id: replace(BAY_1, name="Left", plan_codes=("ten_min",))
    }


async def test_a_bay_moves_to_another_relay(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    result = await _go(hass, result, FORM | {"name": "Bay 1"})
    assert result["step_id"] == "protection"
    await _go(hass, result, {})
    assert bays_of(entry) == {BAY_1.id: replace(BAY_1, relay=BAY_2.relay)}
    assert entry.subentries[BAY_1.id].unique_id == BAY_2.relay


async def test_a_change_cannot_take_the_relay_of_another_bay(
    hass: HomeAssistant,
) -> None:
    entry = make_entry(bays=[BAY_1, BAY_2])
    entry.add_to_hass(hass)
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    result = await _go(hass, result, FORM)
    assert (result["step_id"], result["errors"]) == (
        "reconfigure",
        {"relay": "relay_in_use"},
    )


async def test_plans_that_were_removed_are_not_offered_again(
    hass: HomeAssistant,
) -> None:
    entry = make_entry(plans=[TEN_MIN])
    entry.add_to_hass(hass)
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    assert result["data_schema"]
    suggested = {str(k): k.description for k in result["data_schema"].schema}
    assert suggested["plans"] == {"suggested_value": ["ten_min"]}
