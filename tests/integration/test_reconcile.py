"""Looking again at everything, at the owner's word."""

from dataclasses import replace
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.paybay.const import DOMAIN
from custom_components.paybay.providers.base import (
    ProviderRefusedError,
    ProviderUnavailableError,
)

from .site_fixtures import ObedientClock, captured, settled, state_of

BUTTON = "button.razorpay_test_reconcile_now"
REACHABLE = "binary_sensor.razorpay_test_payment_provider"
RELAY = "input_boolean.relay_1"


async def forgotten(entry: MockConfigEntry, provider: NonCallableMagicMock) -> None:
    """Have an order paid of which only the list of payments tells."""
    site = entry.runtime_data
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    fact = captured(order).payment
    assert fact
    listed = replace(fact, reference_id=order.id)
    provider.payments_between.return_value = [listed]


async def reconcile(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.services.async_call(
        DOMAIN,
        "reconcile",
        {"config_entry_id": entry.entry_id},
        blocking=True,
        return_response=True,
    )


async def while_it_asks(
    hass: HomeAssistant, entry: MockConfigEntry, clock: ObedientClock, minutes: int
) -> None:
    """Let time pass and each question be answered."""
    for _ in range(minutes * 6):
        await clock.pass_by(hass, 10)
        await settled(hass, entry)


async def press(hass: HomeAssistant) -> None:
    await hass.services.async_call(
        "button", "press", {"entity_id": BUTTON}, blocking=True
    )


async def test_action_says_what_it_looked_at_and_found(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
) -> None:
    await forgotten(site_entry, site_provider)
    assert await reconcile(hass, site_entry) == {
        "links": 1,
        "payments": 1,
        "credited": 1,
        "refunded": 0,
        "unanswered": 0,
        "complete": True,
    }
    await settled(hass, site_entry)
    assert state_of(hass, RELAY) == "on"
    assert (await reconcile(hass, site_entry))["credited"] == 0


async def test_action_is_for_administrators(
    hass: HomeAssistant, site_entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "reconcile",
            {"config_entry_id": site_entry.entry_id},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_button_finds_a_payment_nobody_told_of(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
) -> None:
    await forgotten(site_entry, site_provider)
    await press(hass)
    await settled(hass, site_entry)
    assert state_of(hass, RELAY) == "on"


async def test_button_says_when_not_everything_was_answered(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
) -> None:
    site_provider.payments_between.side_effect = ProviderUnavailableError("down")
    with pytest.raises(HomeAssistantError) as failed:
        await press(hass)
    assert failed.value.translation_key == "reconcile_incomplete"


async def test_provider_that_does_not_answer_is_shown_until_it_does(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
) -> None:
    assert state_of(hass, REACHABLE) == "on"
    site_provider.check.side_effect = ProviderUnavailableError("down")
    await while_it_asks(hass, site_entry, clock, 6)
    assert state_of(hass, REACHABLE) == "off"
    site_provider.check.side_effect = None
    await while_it_asks(hass, site_entry, clock, 2)
    assert state_of(hass, REACHABLE) == "on"


async def test_provider_that_refuses_a_question_is_reachable(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
) -> None:
    site_provider.payments_between.side_effect = ProviderRefusedError("no", 400, None)
    await reconcile(hass, site_entry)
    assert state_of(hass, REACHABLE) == "on"
