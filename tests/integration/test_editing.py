"""Whatever an owner edits while a customer charges, the customer gets it all."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import orders

from .entries import BAY_1
from .site_fixtures import ObedientClock, paid, settled, state_of

RELAY = BAY_1.relay
BAY_FORM: dict[str, Any] = {
    "name": "Renamed",
    "relay": RELAY,
    "plans": ["hour_pass"],
    "who_switches_on": {"start_mode": "automation"},
    "protection": {},
    "windows": {"start_window_s": 60, "resume_window_s": 0},
    "hours": {"daily_cap_min": 1, "weekdays": []},
    "printed_qr": {},
}
PLAN_FORM = {"name": "Dearer", "amount": 99, "currency": "INR", "minutes": 1}

type Edit = Callable[[HomeAssistant, MockConfigEntry], Awaitable[Any]]


async def _edit_bay(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    result = await entry.start_subentry_reconfigure_flow(hass, BAY_1.id)
    flows = hass.config_entries.subentries
    return await flows.async_configure(result["flow_id"], BAY_FORM)


async def _edit_plan(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    result = await entry.start_subentry_reconfigure_flow(hass, "plan_ten_min")
    flows = hass.config_entries.subentries
    return await flows.async_configure(result["flow_id"], PLAN_FORM)


async def _remove_plan(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    hass.config_entries.async_remove_subentry(entry, "plan_ten_min")
    return {"type": FlowResultType.ABORT}


async def _new_secret(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    flows = hass.config_entries.flow
    result = await entry.start_reconfigure_flow(hass)
    choice = {"next_step_id": "new_secret"}
    result = await flows.async_configure(result["flow_id"], choice)
    return await flows.async_configure(result["flow_id"], {})


async def _new_way(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    flows = hass.config_entries.flow
    result = await entry.start_reconfigure_flow(hass)
    for step in ("reach", "reach_polling"):
        choice = {"next_step_id": step}
        result = await flows.async_configure(result["flow_id"], choice)
    return result


async def _options(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    flows = hass.config_entries.options
    result = await flows.async_init(entry.entry_id)
    choice = {"next_step_id": "account"}
    result = await flows.async_configure(result["flow_id"], choice)
    given = {"refund_budget": 1, "polling_only": True}
    return await flows.async_configure(result["flow_id"], given)


@pytest.mark.parametrize(
    "edit", [_edit_bay, _edit_plan, _remove_plan, _new_secret, _new_way, _options]
)
async def test_an_edit_does_not_touch_the_session_that_runs(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock, edit: Edit
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 100)
    went: list[str] = []

    @callback
    def listen(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        went.append(new.state if new else "gone")

    stop = async_track_state_change_event(hass, RELAY, listen)
    site = site_entry.runtime_data
    result = await edit(hass, site_entry)
    assert result["type"] is not FlowResultType.MENU
    assert not result.get("errors")
    await settled(hass, site_entry)
    assert site_entry.state is ConfigEntryState.LOADED
    assert site_entry.runtime_data is not site, "the edit has reached the site"

    await clock.pass_by(hass, 499)
    assert went == []
    assert state_of(hass, RELAY) == "on"
    await clock.pass_by(hass, 2)
    stop()
    assert went == ["off"]
    ledger = site_entry.runtime_data.ledger
    after = await ledger.run(lambda c: orders.get(c, order.id))
    assert (after.state, after.ran_ms) == (OrderState.COMPLETED, 600_000)
