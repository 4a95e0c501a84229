"""Where customers find us, if Home Assistant knows an address of its own out there."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import BAY_PAGE, ORDER_PAGE, ORDER_RETURN
from .domain.orders import Order


def bay_url(hass: HomeAssistant, bay_id: str) -> str | None:
    """Return the address of a bay's page; one for the house if none is public."""
    try:
        return get_url(hass, prefer_external=True) + BAY_PAGE.format(bay=bay_id)
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


def _public(hass: HomeAssistant, path: str) -> str | None:
    try:
        return get_url(hass, allow_internal=False, prefer_external=True) + path
    except NoURLAvailableError:
        return None
