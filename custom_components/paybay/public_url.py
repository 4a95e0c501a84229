"""Where customers find us, if Home Assistant knows an address of its own out there."""

from collections.abc import Callable
from typing import Any

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import BAY_PAGE, KIOSK, ORDER_PAGE, ORDER_RETURN
from .domain.orders import Order


def bay_url(hass: HomeAssistant, bay_id: str) -> str | None:
    """Return the address of a bay's page; one for the house if none is public."""
    try:
        return get_url(hass, prefer_external=True) + BAY_PAGE.format(bay=bay_id)
    except NoURLAvailableError:
        return None


def kiosk_url(hass: HomeAssistant, entry_id: str) -> str | None:
    """Return the address of a site's screen; one for the house if none is public."""
    try:
        return get_url(hass, prefer_external=True) + KIOSK.format(entry=entry_id)
    except NoURLAvailableError:
        return None


def start_url(hass: HomeAssistant, bay_id: str) -> str | None:
    """Return the public address of a bay's page."""
    return _public(hass, BAY_PAGE.format(bay=bay_id))


def order_url(hass: HomeAssistant, order: Order) -> str | None:
    """Return the address of an order's own page."""
    return _public(hass, ORDER_PAGE.format(watch=order.watch_code))


def return_url(hass: HomeAssistant, order: Order) -> str | None:
    """Return where a browser is to come back to after paying an order."""
    return _public(hass, ORDER_RETURN.format(watch=order.watch_code))


@callback
def async_follow_public_url(
    hass: HomeAssistant, look: Callable[[], None]
) -> Callable[[], None]:
    """Call `look` whenever our address may be another; return how to stop."""

    @callback
    def configured(_event: Event) -> None:
        look()

    @callback
    def connected(_state: Any) -> None:
        look()

    stops = [hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, configured)]
    if "cloud" in hass.config.components:
        # It is big, and needs what an installation without it may not have.
        from homeassistant.components import cloud  # noqa: PLC0415

        stops.append(cloud.async_listen_connection_change(hass, connected))

    def stop() -> None:
        for each in stops:
            each()

    return stop


def _public(hass: HomeAssistant, path: str) -> str | None:
    try:
        return get_url(hass, allow_internal=False, prefer_external=True) + path
    except NoURLAvailableError:
        return None
