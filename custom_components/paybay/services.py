"""PayBay's actions."""

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bay import Bay, NothingToStartError
from .bay_lookup import find_bay
from .blueprint_action import async_setup_blueprint_action
from .const import DOMAIN
from .domain.orders import ClaimedBy, Order
from .errors import mistake, require_ended, translated_errors
from .export_action import async_setup_export_action
from .order_actions import async_setup_order_actions
from .owner_actions import async_setup_owner_actions
from .poster_action import async_setup_poster_action
from .public_url import order_url
from .qr import qr_data_url
from .qr_actions import async_setup_qr_actions
from .refund_action import (
    SCHEMA as REFUND_SCHEMA,
    SERVICE_REFUND_ORDER,
    async_refund_order,
)
from .settle_action import async_setup_settle_action
from .site import Site
from .site_actions import async_setup_site_actions

ATTR_BAY = "bay"
ATTR_ORDER_ID = "order_id"
ATTR_PLAN = "plan"

SERVICE_CREATE_ORDER = "create_order"
SERVICE_START_SESSION = "start_session"
SERVICE_STOP_SESSION = "stop_session"

_BAY = {vol.Required(ATTR_BAY): cv.entity_id}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they say so themselves while a site is not loaded."""
    async_setup_site_actions(hass)
    async_setup_order_actions(hass)
    async_setup_export_action(hass)
    async_setup_qr_actions(hass)
    async_setup_poster_action(hass)
    async_setup_owner_actions(hass)
    async_setup_settle_action(hass)
    async_setup_blueprint_action(hass)
    hass.services.async_register(
        DOMAIN,
        SERVICE_CREATE_ORDER,
        _create_order,
        schema=vol.Schema({**_BAY, vol.Required(ATTR_PLAN): cv.string}),
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_START_SESSION,
        _start_session,
        schema=vol.Schema({**_BAY, vol.Optional(ATTR_ORDER_ID): cv.string}),
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_STOP_SESSION,
        _stop_session,
        schema=vol.Schema(_BAY),
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_REFUND_ORDER,
        async_refund_order,
        schema=REFUND_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _create_order(call: ServiceCall) -> ServiceResponse:
    """Make an order and the link to pay it."""
    await _require_control(call)
    site, bay = _bay_of(call)
    with translated_errors(bay.config.name):
        order = await site.offers.make(bay, call.data[ATTR_PLAN])
    return {
        "order_id": order.id,
        "payment_url": order.link_url,
        "qr": await _qr(call.hass, order.link_url),
        "watch_code": order.watch_code,
        "watch_url": order_url(call.hass, order),
        "seconds": order.owed_ms // 1000,
        "amount": order.price.minor,
        "currency": order.price.currency,
        "expires_at": _iso(order.offer_ends_ms) if order.link_url else None,
        "test_mode": site.test_mode,
    }


async def _start_session(call: ServiceCall) -> ServiceResponse:
    """Start a paid order that waits."""
    await _require_control(call)
    _, bay = _bay_of(call)
    order_id = call.data.get(ATTR_ORDER_ID)
    with translated_errors(bay.config.name):
        try:
            order = await bay.start(order_id, ClaimedBy.ACTION)
        except NothingToStartError:
            if order_id is None:
                raise
            name = bay.config.name
            raise mistake("order_not_waiting", bay=name, order_id=order_id) from None
    return {"order_id": order.id, "ends_at": _ends_at(bay, order)}


async def _stop_session(call: ServiceCall) -> ServiceResponse:
    """Stop the session that runs."""
    await _require_control(call)
    _, bay = _bay_of(call)
    with translated_errors(bay.config.name):
        order = require_ended(await bay.stop("stopped_by_owner"), bay.config.name)
    return {"order_id": order.id, "delivered_seconds": order.ran_ms / 1000}


async def _require_control(call: ServiceCall) -> None:
    """Refuse people who may not use the bay's switch either."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    entity_id = call.data[ATTR_BAY]
    if not user.permissions.check_entity(entity_id, POLICY_CONTROL):
        raise Unauthorized(
            context=call.context, entity_id=entity_id, permission=POLICY_CONTROL
        )


def _bay_of(call: ServiceCall) -> tuple[Site, Bay]:
    """Return the bay that a call names by its switch, and its site."""
    entry, bay = find_bay(call.hass, call.data[ATTR_BAY])
    return entry.runtime_data, bay


async def _qr(hass: HomeAssistant, url: str | None) -> str | None:
    if url is None:
        return None
    return await hass.async_add_executor_job(qr_data_url, url)


def _ends_at(bay: Bay, order: Order) -> str | None:
    """Return when the order ends, if it is still the one that runs."""
    if bay.face.order_id != order.id or bay.face.order_ends_ms is None:
        return None
    return _iso(bay.face.order_ends_ms)


def _iso(at_ms: int) -> str:
    return dt_util.utc_from_timestamp(at_ms // 1000).isoformat()
