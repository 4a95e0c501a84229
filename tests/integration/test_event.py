"""The activity of a bay."""

from typing import Any

from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.happenings import What

from .entries import BAY_1, BAY_2, make_entry
from .site_fixtures import ObedientClock, captured, paid, set_up, settled

ACTIVITY = "event.bay_1_activity"
_OWN = ("order_id", "plan", "seconds", "reason")


@pytest.fixture
def told(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Collect what the activity tells, entity id and all."""
    lines: list[dict[str, Any]] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new and new.domain == "event" and new.attributes.get("event_type"):
            own = {key: new.attributes[key] for key in _OWN}
            lines.append(
                {"entity": new.entity_id, "type": new.attributes["event_type"], **own}
            )

    hass.bus.async_listen("state_changed", note)
    return lines


async def test_a_paid_session_is_told_from_payment_to_end(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    told: list[dict[str, Any]],
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    about = {
        "entity": ACTIVITY,
        "order_id": order.id,
        "plan": "ten_min",
        "seconds": 600.0,
    }
    assert told == [
        {**about, "type": "payment_received", "reason": None},
        {**about, "type": "session_started", "reason": None},
        {**about, "type": "session_ended", "reason": "time_up"},
    ]


async def test_an_order_that_cannot_be_served_is_told(
    hass: HomeAssistant, site_entry: MockConfigEntry, told: list[dict[str, Any]]
) -> None:
    await paid(hass, site_entry, created_s=1_700_000_000)
    assert [(line["type"], line["reason"]) for line in told] == [
        ("payment_received", None),
        ("order_undelivered", "paid_late"),
        ("attention", "refund_due"),
    ]


async def test_a_second_payment_is_told(
    hass: HomeAssistant, site_entry: MockConfigEntry, told: list[dict[str, Any]]
) -> None:
    order = await paid(hass, site_entry)
    await site_entry.runtime_data.intake.take(captured(order))
    await settled(hass, site_entry)
    assert told[-2]["type"] == "payment_extra"
    assert told[-2]["reason"] == "paid_twice"
    assert told[-1]["type"] == "attention"


async def test_a_stray_relay_is_told_without_an_order(
    hass: HomeAssistant, site_entry: MockConfigEntry, told: list[dict[str, Any]]
) -> None:
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": BAY_1.relay}, blocking=True
    )
    await settled(hass, site_entry)
    assert told == [
        {
            "entity": ACTIVITY,
            "type": "relay_stray",
            "order_id": None,
            "plan": None,
            "seconds": None,
            "reason": None,
        }
    ]


async def test_a_bay_tells_nothing_of_its_neighbour(
    hass: HomeAssistant,
    site_provider: object,
    clock: object,
    relay_helpers: None,
    told: list[dict[str, Any]],
) -> None:
    entry = await set_up(hass, make_entry(bays=[BAY_1, BAY_2]))
    await paid(hass, entry, bay_id="bay_2")
    assert {line["entity"] for line in told} == {"event.bay_2_activity"}


async def test_it_knows_every_kind_of_happening_and_tells_nothing_of_customers(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    state = hass.states.get(ACTIVITY)
    assert state
    assert state.attributes["event_types"] == [what.value for what in What]
    assert set(state.attributes) == {
        *_OWN,
        "event_type",
        "event_types",
        "friendly_name",
    }


async def test_what_happens_during_setup_is_told(
    hass: HomeAssistant,
    site_provider: object,
    clock: object,
    relay_helpers: None,
    told: list[dict[str, Any]],
) -> None:
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": BAY_1.relay}, blocking=True
    )
    await set_up(hass, make_entry())
    assert [line["type"] for line in told] == ["relay_stray"]


async def test_nothing_is_told_again_after_a_reload(
    hass: HomeAssistant, site_entry: MockConfigEntry, told: list[dict[str, Any]]
) -> None:
    await paid(hass, site_entry)
    before = hass.states.get(ACTIVITY)
    assert before
    assert await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    after = hass.states.get(ACTIVITY)
    assert after
    assert after.state == before.state
