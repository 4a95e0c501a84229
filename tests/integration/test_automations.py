"""Real automations with PayBay's own triggers and conditions."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.condition import async_get_all_descriptions as conditions
from homeassistant.helpers.trigger import async_get_all_descriptions as triggers
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.paybay import condition, trigger

from .entries import BAY_1, BAY_2, make_entry
from .site_fixtures import ObedientClock, paid, set_up, settled

REASON = "{{ trigger.to_state.attributes.reason if 'to_state' in trigger else '' }}"


@pytest.fixture
async def two_bays(
    hass: HomeAssistant, site_provider: object, clock: object, relay_helpers: None
) -> MockConfigEntry:
    """Set up a site with two bays."""
    return await set_up(hass, make_entry(bays=[BAY_1, BAY_2]))


def bay_device(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    registry = dr.async_get(hass)
    found = registry.async_get_device_by_identifier(("paybay", "bay_1"), entry.entry_id)
    assert found
    return found.id


async def automate(
    hass: HomeAssistant, entry: MockConfigEntry, **parts: Any
) -> list[ServiceCall]:
    """Make an automation about the first bay, by its device; return what it does."""
    calls: list[ServiceCall] = async_mock_service(hass, "test", "done")
    target = {"device_id": bay_device(hass, entry)}
    config = {
        kind: [{"target": target, **part} for part in listed]
        for kind, listed in parts.items()
    }
    action = {
        "action": "test.done",
        "data": {"reason": REASON},
    }
    automation = {"triggers": [{"trigger": "event", "event_type": "try"}], **config}
    assert await async_setup_component(
        hass, "automation", {"automation": {**automation, "actions": [action]}}
    )
    await hass.async_block_till_done()
    return calls


@pytest.mark.parametrize(
    ("kind", "after_s"),
    [("payment_received", 0), ("session_started", 0), ("session_ended", 610)],
)
async def test_automation_runs_once_when_it_happens_at_its_bay(
    hass: HomeAssistant,
    two_bays: MockConfigEntry,
    clock: ObedientClock,
    kind: str,
    after_s: int,
) -> None:
    calls = await automate(hass, two_bays, triggers=[{"trigger": f"paybay.{kind}"}])
    await paid(hass, two_bays, bay_id="bay_2")
    await clock.pass_by(hass, 610)
    assert calls == []
    await paid(hass, two_bays, created_s=clock.now_ms() // 1000)
    assert bool(calls) == (after_s == 0)
    await clock.pass_by(hass, after_s)
    await settled(hass, two_bays)
    assert len(calls) == 1


async def test_automation_runs_when_a_paid_order_is_not_delivered(
    hass: HomeAssistant, two_bays: MockConfigEntry
) -> None:
    parts = [{"trigger": "paybay.order_undelivered"}]
    calls = await automate(hass, two_bays, triggers=parts)
    await paid(hass, two_bays)
    assert calls == []
    await paid(hass, two_bays, created_s=1_700_000_000)
    assert [call.data["reason"] for call in calls] == ["paid_late"]


async def test_automation_runs_when_a_bay_has_a_problem(
    hass: HomeAssistant, two_bays: MockConfigEntry
) -> None:
    async def broken(_call: ServiceCall) -> None:
        raise HomeAssistantError

    calls = await automate(hass, two_bays, triggers=[{"trigger": "paybay.bay_problem"}])
    hass.services.async_register("input_boolean", "turn_on", broken)
    await paid(hass, two_bays, bay_id="bay_2")
    assert calls == []
    await paid(hass, two_bays)
    assert len(calls) == 1


async def test_entities_of_others_are_none_of_our_triggers_business(
    hass: HomeAssistant, two_bays: MockConfigEntry
) -> None:
    others = {"entity_id": ["binary_sensor.other", "event.other"]}
    parts = [
        {"trigger": "paybay.bay_problem", "target": others},
        {"trigger": "paybay.payment_received", "target": others},
    ]
    calls = await automate(hass, two_bays, triggers=parts)
    told = {"event_type": "payment_received"}
    for state in ("off", "on"):
        hass.states.async_set("binary_sensor.other", state)
    for moment in ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:01+00:00"):
        hass.states.async_set("event.other", moment, told)
    await hass.async_block_till_done()
    assert calls == []


async def test_nothing_runs_again_after_a_reload(
    hass: HomeAssistant, two_bays: MockConfigEntry
) -> None:
    parts = [{"trigger": "paybay.payment_received"}]
    calls = await automate(hass, two_bays, triggers=parts)
    await paid(hass, two_bays)
    assert await hass.config_entries.async_reload(two_bays.entry_id)
    await settled(hass, two_bays)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("kind", "while_free", "while_charging"),
    [("bay_is_free", True, False), ("bay_is_charging", False, True)],
)
async def test_condition_lets_an_automation_run_or_not(
    hass: HomeAssistant,
    two_bays: MockConfigEntry,
    kind: str,
    *,
    while_free: bool,
    while_charging: bool,
) -> None:
    part = {"condition": f"paybay.{kind}", "options": {"behavior": "any"}}
    calls = await automate(hass, two_bays, conditions=[part])
    hass.bus.async_fire("try")
    await hass.async_block_till_done()
    assert bool(calls) == while_free
    calls.clear()
    await paid(hass, two_bays)
    hass.bus.async_fire("try")
    await hass.async_block_till_done()
    assert bool(calls) == while_charging


async def test_home_assistant_offers_them_with_the_bays_as_targets(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await async_setup_component(hass, "automation", {})
    await hass.async_block_till_done()
    offered = await triggers(hass)
    described = {key: offered[f"paybay.{key}"] for key in trigger.TRIGGERS}
    assert all(d and "target" in d for d in described.values())
    asked = await conditions(hass)
    required = {key: asked[f"paybay.{key}"] for key in condition.CONDITIONS}
    assert all(r and "target" in r for r in required.values())
