"""Home Assistant's own webhook, for what comes through Home Assistant Cloud."""

from http import HTTPStatus
import logging

from aiohttp import web
from aiohttp.hdrs import METH_POST
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .webhook import door_of

_LOGGER = logging.getLogger(__name__)

_OPEN: HassKey[set[str]] = HassKey("paybay_cloud_doors")


@callback
def async_open_cloud_door(hass: HomeAssistant, hook_id: str) -> None:
    """Take events in from now on; a door that is open stays so."""
    doors = hass.data.setdefault(_OPEN, set())
    if hook_id in doors:
        return
    doors.add(hook_id)
    webhook.async_register(
        hass,
        DOMAIN,
        "PayBay",
        hook_id,
        _async_take,
        local_only=False,
        allowed_methods=[METH_POST],
    )


@callback
def async_close_cloud_door(hass: HomeAssistant, hook_id: str) -> None:
    """Take nothing in any more."""
    doors = hass.data.get(_OPEN, set())
    if hook_id in doors:
        doors.remove(hook_id)
        webhook.async_unregister(hass, hook_id)


async def _async_take(
    hass: HomeAssistant, hook_id: str, request: web.Request
) -> web.Response:
    """Answer as our own door does.

    What is raised here would be answered with 200, and never be sent again.
    """
    try:
        return await door_of(hass).take(request, hook_id)
    except Exception:
        _LOGGER.exception("A webhook could not be taken in")
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
