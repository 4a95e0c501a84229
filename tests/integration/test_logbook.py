"""What the logbook says."""

from datetime import timedelta
from typing import Any

from homeassistant.components.logbook.processor import EventProcessor
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.paybay.const import EVENT_ATTENTION, EVENT_ORDER_PAID
from custom_components.paybay.logbook import NEEDS
from custom_components.paybay.open_items import kinds as item_kinds

from .site_fixtures import paid

PAID = {
    "order_id": "ord_1",
    "bay_id": "bay_1",
    "bay": "Bay 1",
    "plan": "ten_min",
    "seconds": 600.0,
    "amount": 1000,
    "currency": "INR",
    "test_mode": False,
    "repeated": False,
}
REFUND = {"kind": "refund_due", "bay_id": "bay_1", "amount": 500, "currency": "INR"}


@pytest.fixture(autouse=True)
def _custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Have the recorder there before Home Assistant."""


@pytest.fixture
async def book(hass: HomeAssistant, site_entry: MockConfigEntry) -> None:
    """Set up the logbook."""
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()


async def lines(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the lines of our events that the logbook shows."""
    await async_wait_recording_done(hass)
    now = dt_util.utcnow()
    book = EventProcessor(hass, (EVENT_ORDER_PAID, EVENT_ATTENTION))
    shown = await get_instance(hass).async_add_executor_job(
        book.get_events, now - timedelta(hours=1), now + timedelta(hours=1)
    )
    return [line for line in shown if line.get("domain") == "paybay"]


@pytest.mark.parametrize(
    ("event_type", "data", "message"),
    [
        (EVENT_ORDER_PAID, PAID, "was paid 10.00 INR for 10 min (Ten min)"),
        (
            EVENT_ORDER_PAID,
            PAID | {"test_mode": True, "seconds": 90.0},
            "was paid 10.00 INR for 1 min 30 s (Ten min), in test mode",
        ),
        (
            EVENT_ORDER_PAID,
            PAID | {"seconds": 20.0},
            "was paid 10.00 INR for 20 s (Ten min)",
        ),
        (
            EVENT_ORDER_PAID,
            PAID | {"amount": 0},
            "was ordered for free: 10 min (Ten min)",
        ),
        (
            EVENT_ORDER_PAID,
            PAID | {"repeated": True},
            "still has 10 min (Ten min) to start",
        ),
        (
            EVENT_ATTENTION,
            REFUND,
            "needs you: a refund of 5.00 INR waits for your approval",
        ),
        (EVENT_ATTENTION, REFUND | {"kind": "new"}, "needs you: see the repairs"),
    ],
)
async def test_event_is_a_line_of_its_bay(
    hass: HomeAssistant,
    book: None,
    event_type: str,
    data: dict[str, object],
    message: str,
) -> None:
    hass.bus.async_fire(event_type, data)
    (line,) = await lines(hass)
    assert line["message"] == message
    assert (line["name"], line["entity_id"]) == ("Bay 1", "switch.bay_1")


async def test_plan_that_is_gone_is_named_by_its_code(
    hass: HomeAssistant, book: None
) -> None:
    for gone in ({"plan": "old"}, {"plan": "old", "bay_id": "bay_9"}):
        hass.bus.async_fire(EVENT_ORDER_PAID, PAID | gone)
    first, second = await lines(hass)
    assert first["message"] == "was paid 10.00 INR for 10 min (old)"
    assert second["message"] == first["message"]


async def test_line_about_no_bay_is_paybays(hass: HomeAssistant, book: None) -> None:
    data = {"kind": "event_unreadable", "bay_id": None, "amount": None}
    hass.bus.async_fire(EVENT_ATTENTION, data)
    (line,) = await lines(hass)
    assert line["name"] == "PayBay"
    assert "entity_id" not in line


async def test_events_as_they_are_fired_can_be_read(
    hass: HomeAssistant, book: None, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    await paid(hass, site_entry, created_s=1_700_000_000)
    assert [line["message"] for line in await lines(hass)] == [
        "was paid 10.00 INR for 10 min (Ten min), in test mode",
        "needs you: a refund of 10.00 INR waits for your approval",
    ]


def test_every_kind_of_item_has_words() -> None:
    kinds = {
        value for name, value in vars(item_kinds).items() if name.startswith("ISSUE_")
    }
    assert set(NEEDS) == kinds
