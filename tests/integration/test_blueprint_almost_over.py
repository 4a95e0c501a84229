"""The warning before a session ends: exact, once, and never late by a top-up."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .automations import let_pass, reload_automations, use
from .phones import Phone
from .site_fixtures import ObedientClock, paid

NAME = "session_almost_over"

pytestmark = pytest.mark.usefixtures("one_time")


@pytest.fixture
async def inputs(
    hass: HomeAssistant, bays: MockConfigEntry, phone: Phone
) -> dict[str, Any]:
    """Return what an owner fills in for a warning five minutes before the end."""
    return {"ends_at": "sensor.bay_1_ends_at", "notify": [phone.notify]}


async def test_warning_comes_once_and_at_the_minute(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("Asia/Kolkata")
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    await let_pass(hass, freezer, 295, clock)
    assert phone.told == []
    await let_pass(hass, freezer, 6, clock)
    (told,) = phone.told
    assert told["title"] == "Bay 1: almost over"
    assert told["message"] == "The session ends at 13:40, in 5 minutes."
    await let_pass(hass, freezer, 600, clock)
    assert len(phone.told) == 1


async def test_top_up_moves_the_warning(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    await let_pass(hass, freezer, 200, clock)
    await paid(hass, bays)
    await let_pass(hass, freezer, 690, clock)
    assert phone.told == []
    await let_pass(hass, freezer, 15, clock)
    assert len(phone.told) == 1


async def test_who_tops_up_after_the_warning_is_warned_again(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    await let_pass(hass, freezer, 400, clock)
    await paid(hass, bays)
    assert len(phone.told) == 1
    await let_pass(hass, freezer, 510, clock)
    assert len(phone.told) == 2


async def test_end_that_moves_by_seconds_after_the_warning_warns_nobody_again(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    await let_pass(hass, freezer, 301, clock)
    # Home Assistant's clock was slow against PayBay's.
    clock.start_ms += 5_000
    bays.runtime_data.bays["bay_1"].poke()
    await let_pass(hass, freezer, 20, clock, step_s=2)
    assert len(phone.told) == 1


async def test_session_that_is_too_short_has_no_warning(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs, before="-00:15:00")
    await paid(hass, bays)
    await let_pass(hass, freezer, 700, clock)
    assert phone.told == []


async def test_warning_comes_though_the_automations_were_reloaded_meanwhile(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    phone: Phone,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    await use(hass, NAME, **inputs)
    await paid(hass, bays)
    await let_pass(hass, freezer, 200, clock)
    await reload_automations(hass, NAME, **inputs)
    await let_pass(hass, freezer, 110, clock)
    assert len(phone.told) == 1


async def test_anything_else_can_be_done_with_the_words(
    hass: HomeAssistant,
    bays: MockConfigEntry,
    inputs: Any,
    *,
    clock: ObedientClock,
    freezer: FrozenDateTimeFactory,
) -> None:
    notice = {"notification_id": "mine", "title": "{{ title }}", "message": "x"}
    also = [{"action": "persistent_notification.create", "data": notice}]
    await use(hass, NAME, **(inputs | {"also": also, "notify": []}))
    await paid(hass, bays)
    await let_pass(hass, freezer, 301, clock)
    shown = hass.data["persistent_notification"]
    assert shown["mine"]["title"] == "Bay 1: almost over"
