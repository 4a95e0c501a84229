"""Automations made from PayBay's blueprints, as an owner's editor would store them."""

from pathlib import Path
import shutil
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.paybay.const import DOMAIN

from .site_fixtures import ObedientClock, state_of

BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "paybay"


def import_blueprint(hass: HomeAssistant, name: str) -> None:
    """Put a blueprint where Home Assistant puts those it imports."""
    folder = Path(hass.config.path("blueprints/automation/paybay"))
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(BLUEPRINTS / f"{name}.yaml", folder)


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> str:
    """Make an automation of a blueprint; return its entity id."""
    import_blueprint(hass, name)
    made = {"path": f"paybay/{name}.yaml", "input": inputs}
    automation = {"id": f"id_{name}", "alias": name, "use_blueprint": made}
    for needed in ("homeassistant", "repairs", "persistent_notification"):
        assert await async_setup_component(hass, needed, {})
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert state_of(hass, f"automation.{name}") == "on"
    return f"automation.{name}"


async def reload_automations(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Load the same automation anew, as after any edit of any automation."""
    made = {"path": f"paybay/{name}.yaml", "input": inputs}
    automation = {"id": f"id_{name}", "alias": f"{name} 2", "use_blueprint": made}
    config = {"automation": [automation]}
    with patch("homeassistant.config.load_yaml_config_file", return_value=config):
        await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()


def bay_device(hass: HomeAssistant, entry: MockConfigEntry, bay_id: str) -> str:
    """Return the id of a bay's device."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, bay_id), entry.entry_id
    )
    assert device
    return device.id


async def let_pass(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    seconds: float,
    clock: ObedientClock | None = None,
    *,
    step_s: float = 30,
) -> None:
    """Let time go by in Home Assistant, and at PayBay unless its clock is left out."""
    while seconds > 0:
        step = min(step_s, seconds)
        seconds -= step
        freezer.tick(step)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        if clock is not None:
            await clock.pass_by(hass, step)
    await hass.async_block_till_done(wait_background_tasks=True)


async def leap(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    seconds: float,
    clock: ObedientClock,
    *,
    step_s: float = 900,
) -> None:
    """Let hours go by in which PayBay has nothing to do: only its wall clock moves."""
    clock.start_ms += int(seconds * 1000)
    await let_pass(hass, freezer, seconds, step_s=step_s)
