"""A bay's screens on what ends a session when Home Assistant cannot."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.clock import LoopClock
from custom_components.paybay.drivers.auto_off import AutoOffDriver
from custom_components.paybay.drivers.esphome import EsphomeDriver
from custom_components.paybay.drivers.make import make_driver
from custom_components.paybay.drivers.switch import SwitchDriver
from custom_components.paybay.entry_data import bay_data, bays_of

from .entries import BAY_1, bay_subentry, make_entry
from .test_bay_flow import FORM, _go, _newest, _start

pytestmark = pytest.mark.usefixtures("relays")

NUMBER = "number.socket_auto_off"


@pytest.fixture
def auto_off(hass: HomeAssistant) -> er.RegistryEntry:
    entity = er.async_get(hass).async_get_or_create(
        "number", "shelly", "1", suggested_object_id="socket_auto_off"
    )
    limits = {"min": 0, "max": 3600, "step": 1, "unit_of_measurement": "s"}
    hass.states.async_set(NUMBER, "0", limits)
    return entity


async def test_an_esphome_bay_is_recognised_and_ends_by_itself(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    node = MockConfigEntry(domain="esphome")
    node.add_to_hass(hass)
    registry = er.async_get(hass)
    relay = registry.async_get_or_create(
        "switch", "esphome", "06ab/0/switch/PayBay 1 relay", config_entry=node
    )
    registry.async_get_or_create(
        "sensor", "esphome", "06ab/0/text_sensor/PayBay 1 report", config_entry=node
    )
    form = FORM | {"relay": relay.entity_id}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["step_id"] == "protected_esphome"
    result = await _go(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    driver = make_driver(hass, _newest(entry), LoopClock(hass.loop))
    assert isinstance(driver, EsphomeDriver)


async def test_a_plain_switch_may_have_an_end_of_its_own(
    hass: HomeAssistant, entry: MockConfigEntry, auto_off: er.RegistryEntry
) -> None:
    form = FORM | {"protection": {"auto_off": NUMBER, "auto_off_s": 120}}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["step_id"] == "protected_timer"
    await _go(hass, result, {})
    added = _newest(entry)
    assert (added.auto_off, added.auto_off_s) == (auto_off.id, 120)
    assert isinstance(make_driver(hass, added, LoopClock(hass.loop)), AutoOffDriver)


async def test_a_time_set_in_the_relay_itself_is_enough(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = FORM | {"protection": {"auto_off_s": 300}}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["step_id"] == "protected_timer"
    await _go(hass, result, {})
    assert (_newest(entry).auto_off, _newest(entry).auto_off_s) == (None, 300)


async def test_a_renamed_auto_off_entity_is_still_shown_and_used(
    hass: HomeAssistant, auto_off: er.RegistryEntry
) -> None:
    bay = replace(BAY_1, auto_off=auto_off.id, auto_off_s=120)
    entry = make_entry(bays=[bay])
    entry.add_to_hass(hass)
    er.async_get(hass).async_update_entity(NUMBER, new_entity_id="number.renamed")
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    assert result["data_schema"]
    fields = {str(key): key for key in result["data_schema"].schema}
    inner = result["data_schema"].schema[fields["protection"]].schema.schema
    shown = {str(key): key.description for key in inner}
    assert shown["auto_off"] == {"suggested_value": "number.renamed"}
    driver = make_driver(hass, bays_of(entry)[BAY_1.id], LoopClock(hass.loop))
    assert isinstance(driver, AutoOffDriver)
    assert driver._number is not None
    assert driver._number._entity_id == "number.renamed"


@pytest.mark.parametrize(
    ("protection", "unit", "complaint"),
    [
        ({"auto_off": "number.nobody"}, "s", ("auto_off_unknown", {})),
        ({"auto_off": NUMBER}, "W", ("auto_off_unit", {"unit": "W"})),
        ({"auto_off_s": 9}, "s", ("auto_off_short", {"least": "10"})),
        (
            {"auto_off": NUMBER, "auto_off_s": 3601},
            "s",
            ("auto_off_long", {"longest": "3600"}),
        ),
    ],
)
@pytest.mark.usefixtures("auto_off")
async def test_a_mistake_is_named(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    protection: dict[str, Any],
    unit: str,
    complaint: tuple[str, dict[str, str]],
) -> None:
    limits = {"min": 0, "max": 3600, "step": 1, "unit_of_measurement": unit}
    hass.states.async_set(NUMBER, "0", limits)
    form = FORM | {"protection": protection}
    result = await _go(hass, await _start(hass, entry), form)
    assert result["errors"] == {"protection": complaint[0]}
    assert result["description_placeholders"] == complaint[1]


async def test_an_auto_off_entity_that_is_away_now_is_taken_all_the_same(
    hass: HomeAssistant, entry: MockConfigEntry, auto_off: er.RegistryEntry
) -> None:
    hass.states.async_remove(NUMBER)
    form = FORM | {"protection": {"auto_off": NUMBER, "auto_off_s": 120}}
    await _go(hass, await _go(hass, await _start(hass, entry), form), {})
    assert _newest(entry).auto_off == auto_off.id


async def test_a_changed_end_is_told_and_an_unchanged_one_is_not(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    same = FORM | {"name": "Bay 1", "relay": BAY_1.relay}
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    result = await _go(hass, result, same)
    assert result["type"] is FlowResultType.ABORT

    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    result = await _go(hass, result, same | {"protection": {"auto_off_s": 60}})
    assert result["step_id"] == "protected_timer"
    await _go(hass, result, {})
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    result = await _go(hass, result, same)
    assert result["step_id"] == "protection", "taken away again"


def test_a_bay_stored_before_there_was_protection_is_a_plain_switch(
    hass: HomeAssistant,
) -> None:
    old = bay_subentry(BAY_1)
    stored = bay_data(BAY_1)
    del stored["auto_off"], stored["auto_off_s"]
    entry = make_entry(bays=(), subentries=[{**old, "data": stored}])
    assert bays_of(entry) == {BAY_1.id: BAY_1}
    assert isinstance(make_driver(hass, BAY_1, LoopClock(hass.loop)), SwitchDriver)
