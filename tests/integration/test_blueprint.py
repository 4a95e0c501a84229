"""The blueprint in a real automation, with real paid events."""

from dataclasses import replace
from pathlib import Path
import shutil
from typing import Any

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.bay import ClaimFallback, StartMode
from custom_components.paybay.domain.orders import OrderState
from custom_components.paybay.ledger import orders

from .entries import BAY_1, BAY_2, make_entry
from .site_fixtures import ObedientClock, captured, paid, set_up, settled, state_of

FILE = "start_when_paid.yaml"
SOURCE = Path(__file__).parents[2] / "blueprints" / "automation" / "paybay" / FILE
RELAY = BAY_1.relay


@pytest.fixture
async def blueprint_entry(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up two bays that give an order back unless an automation starts it."""
    changes: dict[str, Any] = {
        "start_mode": StartMode.AUTOMATION,
        "claim_fallback": ClaimFallback.REFUND,
    }
    bays = [replace(bay, **changes) for bay in (BAY_1, BAY_2)]
    return await set_up(hass, make_entry(bays=bays))


def import_blueprint(hass: HomeAssistant) -> None:
    folder = Path(hass.config.path("blueprints/automation/paybay"))
    folder.mkdir(parents=True)
    shutil.copy(SOURCE, folder)


async def use_blueprint(
    hass: HomeAssistant, entry: MockConfigEntry, target: str
) -> None:
    """Import the blueprint and make an automation for Bay 1 of it."""
    import_blueprint(hass)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, "bay_1"), entry.entry_id
    )
    assert device
    uses = {"path": f"paybay/{FILE}", "input": {"bay": device.id, "target": target}}
    automation = {"id": "paid", "alias": "Paid", "use_blueprint": uses}
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert state_of(hass, "automation.paid") == "on"


async def order_now(entry: MockConfigEntry, order_id: str) -> tuple[str, str | None]:
    ledger = entry.runtime_data.ledger
    order = await ledger.run(lambda c: orders.get(c, order_id))
    return order.state, order.claimed_by


def test_it_is_a_valid_blueprint() -> None:
    blueprint = Blueprint(
        load_yaml_dict(str(SOURCE)),
        expected_domain="automation",
        schema=BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    assert set(blueprint.inputs) == {"bay", "target"}
    assert str(blueprint.metadata["source_url"]).endswith(f"paybay/{FILE}")


@pytest.mark.parametrize(
    ("target", "claimed_by"), [("switch.bay_1", "switch"), (RELAY, "relay")]
)
async def test_it_starts_a_paid_order_and_paybay_ends_it(
    hass: HomeAssistant,
    blueprint_entry: MockConfigEntry,
    clock: ObedientClock,
    target: str,
    claimed_by: str,
) -> None:
    await use_blueprint(hass, blueprint_entry, target)
    order = await paid(hass, blueprint_entry)
    assert state_of(hass, RELAY) == state_of(hass, "switch.bay_1") == "on"
    assert await order_now(blueprint_entry, order.id) == (
        OrderState.CHARGING,
        claimed_by,
    )
    await clock.pass_by(hass, 601)
    assert state_of(hass, RELAY) == state_of(hass, "switch.bay_1") == "off"
    assert (await order_now(blueprint_entry, order.id))[0] == OrderState.COMPLETED


async def test_the_switch_keeps_the_context_of_the_automation(
    hass: HomeAssistant, blueprint_entry: MockConfigEntry
) -> None:
    await use_blueprint(hass, blueprint_entry, "switch.bay_1")
    await paid(hass, blueprint_entry)
    run = hass.states.get("automation.paid")
    switch = hass.states.get("switch.bay_1")
    assert run
    assert switch
    assert switch.context.id == run.context.id


async def test_it_leaves_other_bays_alone(
    hass: HomeAssistant, blueprint_entry: MockConfigEntry
) -> None:
    await use_blueprint(hass, blueprint_entry, "switch.bay_1")
    await paid(hass, blueprint_entry, bay_id="bay_2")
    assert state_of(hass, RELAY) == "off"
    assert state_of(hass, BAY_2.relay) == "off"


async def test_one_order_after_another_is_started(
    hass: HomeAssistant, blueprint_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await use_blueprint(hass, blueprint_entry, "switch.bay_1")
    for _ in range(3):
        order = await paid(hass, blueprint_entry)
        assert (await order_now(blueprint_entry, order.id))[0] == OrderState.CHARGING
        await clock.pass_by(hass, 601)
        assert (await order_now(blueprint_entry, order.id))[0] == OrderState.COMPLETED


async def test_it_does_no_harm_where_paybay_starts_by_itself(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await use_blueprint(hass, site_entry, "switch.bay_1")
    order = await paid(hass, site_entry)
    assert (await order_now(site_entry, order.id))[0] == OrderState.CHARGING
    assert [r for r in caplog.records if r.levelname in ("WARNING", "ERROR")] == []


async def test_a_disabled_automation_gives_the_order_back(
    hass: HomeAssistant, blueprint_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await use_blueprint(hass, blueprint_entry, "switch.bay_1")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.paid"}, blocking=True
    )
    site = blueprint_entry.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    await site.intake.take(captured(order))
    await settled(hass, blueprint_entry)
    await clock.pass_by(hass, 11)
    assert await order_now(blueprint_entry, order.id) == (
        OrderState.UNDELIVERED,
        "refused",
    )
