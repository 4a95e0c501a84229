"""A Home Assistant whose clock is wrong asks its provider what time it is."""

from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.orders import OrderState

from .site_fixtures import ObedientClock, captured, settled

HOUR_MS = 3_600_000


async def test_payment_is_served_by_a_home_assistant_that_is_an_hour_ahead(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: Any,
    clock: ObedientClock,
) -> None:
    site, there_ms = site_entry.runtime_data, clock.now_ms() - HOUR_MS
    (on_time,) = site_provider.watch_time.call_args.args
    on_time(there_ms)
    order = await site.offers.make(site.bays["bay_1"], "ten_min")
    taken = await site.intake.take(captured(order, created_s=there_ms // 1000))
    await settled(hass, site_entry)
    assert taken.order.state is OrderState.PAID
