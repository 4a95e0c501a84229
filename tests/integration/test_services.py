"""PayBay's actions."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
import io
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.bay import BayStatus, StartMode
from custom_components.paybay.errors import translated_errors
from custom_components.paybay.offers import MAX_OPEN_OFFERS, OfferRefusedError
from custom_components.paybay.providers.base import (
    MalformedEventError,
    ProviderAuthError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

from .entries import BAY_1, FREE, PLANS, make_entry
from .site_fixtures import ObedientClock, captured, paid, set_up, settled, state_of
from .source_scan import refused_offers

BAY = "switch.bay_1"


@pytest.fixture
async def waiting_entry(
    hass: HomeAssistant, site_provider: Any, clock: ObedientClock, relay_helpers: None
) -> MockConfigEntry:
    """Set up a bay that leaves the start to others."""
    bay = replace(BAY_1, start_mode=StartMode.AUTOMATION)
    return await set_up(hass, make_entry(bays=[bay]))


async def act(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        "paybay", action, {"bay": BAY, **data}, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


async def test_create_order_answers_with_all_a_customer_needs_to_pay(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await hass.config.async_update(external_url="https://bays.example.com")
    answer = await act(hass, "create_order", plan="ten_min")
    qr, watch_url = answer.pop("qr"), answer.pop("watch_url")
    order_id, watch_code = answer.pop("order_id"), answer.pop("watch_code")
    assert order_id.startswith("ord_")
    assert len(watch_code) >= 22
    assert watch_url == f"https://bays.example.com/paybay/orders/{watch_code}"
    assert answer == {
        "payment_url": f"https://rzp.io/rzp/{order_id[-8:]}",
        "seconds": 600,
        "amount": 1000,
        "currency": "INR",
        "expires_at": datetime.fromtimestamp(
            clock.now_ms() / 1000 + 960, UTC
        ).isoformat(),
        "test_mode": True,
    }
    kind, _, picture = qr.partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        assert image.format == "PNG"
        assert image.width == image.height >= 200


async def test_a_free_order_starts_at_once_and_has_nothing_to_pay(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> None:
    bay = replace(BAY_1, plan_codes=("free",))
    await set_up(hass, make_entry(bays=[bay], plans=[*PLANS, FREE]))
    answer = await act(hass, "create_order", plan="free")
    assert answer["payment_url"] is answer["qr"] is answer["expires_at"] is None
    assert answer["amount"] == 0
    assert state_of(hass, BAY) == "on"
    site_provider.create_link.assert_not_called()


async def test_start_session_starts_the_first_paid_order(
    hass: HomeAssistant, waiting_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, waiting_entry)
    end = datetime.fromtimestamp(clock.now_ms() / 1000 + 600, UTC)
    assert await act(hass, "start_session") == {
        "order_id": order.id,
        "ends_at": end.isoformat(),
    }
    assert state_of(hass, BAY) == "on"


async def test_start_session_starts_the_order_it_is_given(
    hass: HomeAssistant, waiting_entry: MockConfigEntry
) -> None:
    site = waiting_entry.runtime_data
    bay = site.bays["bay_1"]
    first = await site.offers.make(bay, "ten_min")
    second = await site.offers.make(bay, "hour_pass")
    for order in (first, second):
        await site.intake.take(captured(order))
    await settled(hass, waiting_entry)
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "start_session", order_id="ord_unknown")
    assert refused.value.translation_key == "order_not_waiting"
    answer = await act(hass, "start_session", order_id=first.id)
    assert answer["order_id"] == first.id


async def test_actions_need_not_be_asked_for_an_answer(
    hass: HomeAssistant, waiting_entry: MockConfigEntry
) -> None:
    await paid(hass, waiting_entry)
    for action, after in (("start_session", "on"), ("stop_session", "off")):
        await hass.services.async_call("paybay", action, {"bay": BAY}, blocking=True)
        assert state_of(hass, BAY) == after


async def test_start_session_without_a_paid_order_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "start_session")
    assert refused.value.translation_key == "nothing_to_start"


async def test_stop_session_answers_with_what_was_delivered(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 90)
    assert await act(hass, "stop_session") == {
        "order_id": order.id,
        "delivered_seconds": 90.0,
        "cash_back": 0,
        "currency": "INR",
    }
    assert state_of(hass, BAY) == "off"


async def test_stop_session_without_a_session_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "stop_session")
    assert refused.value.translation_key == "nothing_to_stop"


@pytest.mark.parametrize(
    "entity_id",
    ["switch.nobody", "input_boolean.relay_1", "sensor.bay_1_status"],
)
async def test_an_entity_that_is_no_bay_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry, entity_id: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "create_order", bay=entity_id, plan="ten_min")
    assert refused.value.translation_key == "not_a_bay"
    assert refused.value.translation_placeholders == {"entity_id": entity_id}


async def test_a_site_that_is_not_loaded_is_told(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(site_entry.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "stop_session")
    assert refused.value.translation_key == "site_not_loaded"


async def test_a_plan_that_the_bay_does_not_offer_is_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "create_order", plan="century")
    assert refused.value.translation_key == "offer_plan_not_offered"


async def test_too_many_unpaid_orders_are_refused(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    for _ in range(MAX_OPEN_OFFERS):
        await act(hass, "create_order", plan="ten_min")
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "create_order", plan="ten_min")
    assert refused.value.translation_key == "offer_too_many_offers"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (ProviderAuthError(), "provider_auth"),
        (ProviderUnavailableError(), "provider_unavailable"),
        (ProviderRefusedError("No such thing", 400, None), "provider_refused"),
        (MalformedEventError(), "provider_failed"),
    ],
)
async def test_what_the_provider_cannot_do_is_told(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    error: Exception,
    key: str,
) -> None:
    site_provider.create_link.side_effect = error
    with pytest.raises(HomeAssistantError) as failed:
        await act(hass, "create_order", plan="ten_min")
    assert not isinstance(failed.value, ServiceValidationError)
    assert failed.value.translation_key == key


async def test_every_reason_to_refuse_an_order_has_words(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    serving = {BayStatus.AVAILABLE, BayStatus.RESERVED}
    unable = [f"bay_{status}" for status in BayStatus if status not in serving]
    for reason in [*unable, *refused_offers()]:
        with (
            pytest.raises(ServiceValidationError) as refused,
            translated_errors("Bay 1"),
        ):
            raise OfferRefusedError(reason)
        assert str(refused.value) != refused.value.translation_key
        assert "Bay 1" in str(refused.value)
