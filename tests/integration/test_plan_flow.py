"""The screens of a plan."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import SUBENTRY_PLAN
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.plans import Plan
from custom_components.paybay.entry_data import plans_of

from .entries import BAY_1, PLANS, TEN_MIN, make_entry

FORM: dict[str, Any] = {"name": " Half hour ", "amount": 29.99, "minutes": 30}
HALF_HOUR = Plan(
    code="half_hour", name="Half hour", price=Money(2999, "INR"), duration_s=1800
)


async def _start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_PLAN), context={"source": SOURCE_USER}
    )


async def _go(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], user_input
    )


async def test_a_plan_is_added_with_a_code_made_from_its_name(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await _start(hass, entry)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    result = await _go(hass, result, FORM)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["unique_id"]) == ("Half hour", "half_hour")
    assert plans_of(entry)["half_hour"] == HALF_HOUR


async def test_a_hasty_owner_is_offered_a_price_and_not_a_plan_for_nothing(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await _start(hass, entry)
    assert result["data_schema"]
    offered = {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description
    }
    assert offered == {"amount": 10, "minutes": 10}


@pytest.mark.parametrize(
    ("change", "plan"),
    [
        ({"code": "thirty"}, replace(HALF_HOUR, code="thirty")),
        ({"currency": " eur "}, replace(HALF_HOUR, price=Money(2999, "EUR"))),
        ({"amount": 0}, replace(HALF_HOUR, price=Money(0, "INR"))),
        ({"amount": 100_000}, replace(HALF_HOUR, price=Money(10_000_000, "INR"))),
        ({"minutes": 1, "seconds": 30}, replace(HALF_HOUR, duration_s=90)),
        ({"minutes": 0.5}, replace(HALF_HOUR, duration_s=30)),
    ],
)
async def test_what_is_typed_is_what_is_sold(
    hass: HomeAssistant, entry: MockConfigEntry, change: dict[str, Any], plan: Plan
) -> None:
    await _go(hass, await _start(hass, entry), FORM | change)
    assert plans_of(entry)[plan.code] == plan


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": " "}, {"name": "name_missing"}),
        ({"code": "Ten Min"}, {"code": "plan_code"}),
        ({"code": "ten_min"}, {"code": "plan_code_taken"}),
        ({"amount": 0.5}, {"amount": "plan_amount"}),
        ({"amount": 100_000.01}, {"amount": "plan_amount"}),
        ({"amount": 10.001}, {"amount": "plan_amount_decimals"}),
        ({"currency": "rupee"}, {"currency": "plan_currency"}),
        ({"minutes": 0}, {"minutes": "plan_duration"}),
        ({"minutes": 1441}, {"minutes": "plan_duration"}),
        ({"minutes": 0.01}, {"minutes": "plan_duration_whole"}),
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
    result = await _go(hass, result, FORM)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_plan_with_energy_is_refused_where_a_bay_has_no_meter(
    hass: HomeAssistant,
) -> None:
    metered = replace(BAY_1, energy_meter="sensor.energy")
    for bay, errors in ((BAY_1, {"energy_wh": "plan_needs_meter"}), (metered, None)):
        entry = make_entry(bays=[bay], key_id=f"rzp_test_{bay.metered}")
        entry.add_to_hass(hass)
        result = await entry.start_subentry_reconfigure_flow(hass, "plan_ten_min")
        result = await _go(hass, result, FORM | {"energy_wh": 500})
        assert result.get("errors") == errors
    assert plans_of(entry)["ten_min"].energy_wh == 500


async def test_energy_of_a_plan_is_a_whole_number_of_watt_hours(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await _start(hass, entry)
    result = await _go(hass, result, FORM | {"energy_wh": 1.5})
    assert result["errors"] == {"energy_wh": "plan_energy"}
    result = await _go(hass, result, FORM | {"energy_wh": 2})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert plans_of(entry)["half_hour"] == replace(HALF_HOUR, energy_wh=2)


async def test_a_plan_is_changed_and_keeps_its_code(
    hass: HomeAssistant,
) -> None:
    metered = replace(BAY_1, energy_meter="sensor.energy")
    entry = make_entry(bays=[metered], plans=[replace(TEN_MIN, energy_wh=500)])
    entry.add_to_hass(hass)
    result = await entry.start_subentry_reconfigure_flow(hass, "plan_ten_min")
    assert (result["step_id"], result["description_placeholders"]) == (
        "reconfigure",
        {"code": "ten_min"},
    )
    assert result["data_schema"]
    suggested = {str(k): k.description for k in result["data_schema"].schema}
    assert suggested == {
        "name": {"suggested_value": "Ten min"},
        "amount": {"suggested_value": 10.0},
        "currency": {"suggested_value": "INR"},
        "minutes": {"suggested_value": 10},
        "seconds": {"suggested_value": 0},
        "energy_wh": {"suggested_value": 500},
    }

    result = await _go(hass, result, FORM | {"amount": 0.5})
    assert result["errors"] == {"amount": "plan_amount"}
    result = await _go(hass, result, FORM | {"energy_wh": 700})
    assert result["reason"] == "reconfigure_successful"
    assert plans_of(entry) == {
        "ten_min": replace(HALF_HOUR, code="ten_min", energy_wh=700)
    }
    assert entry.subentries["plan_ten_min"].title == "Half hour"


@pytest.mark.parametrize(
    ("codes", "errors"),
    [
        (("ten_min", "hour_pass"), {"currency": "mixed_currencies"}),
        (("ten_min", "gone"), None),
        (("hour_pass",), None),
    ],
)
async def test_a_new_currency_must_suit_the_bays_that_sell_the_plan(
    hass: HomeAssistant, codes: tuple[str, ...], errors: dict[str, str] | None
) -> None:
    entry = make_entry(bays=[replace(BAY_1, plan_codes=codes)], plans=PLANS)
    entry.add_to_hass(hass)
    result = await entry.start_subentry_reconfigure_flow(hass, "plan_ten_min")
    result = await _go(hass, result, FORM | {"currency": "EUR"})
    assert result.get("errors") == errors


async def test_a_plan_can_be_removed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_remove_subentry(entry, "plan_ten_min")
    assert list(plans_of(entry)) == ["hour_pass"]
