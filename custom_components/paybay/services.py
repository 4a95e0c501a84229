"""PayBay's actions."""

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bay_lookup import find_bay
from .blueprint_action import async_setup_blueprint_action
from .cash_actions import async_setup_cash_actions
from .const import DOMAIN
from .errors import translated_errors
from .export_action import async_setup_export_action
from .order_actions import async_setup_order_actions
from .owner_actions import async_setup_owner_actions
from .people import async_require_control
from .poster_action import async_setup_poster_action
from .public_url import order_url
from .qr import qr_data_url
from .qr_actions import async_setup_qr_actions
from .refund_action import (
    SCHEMA as REFUND_SCHEMA,
    SERVICE_REFUND_ORDER,
    async_refund_order,
)
from .session_actions import async_setup_session_actions
from .settle_action import async_setup_settle_action
from .site_actions import async_setup_site_actions

ATTR_BAY = "bay"
ATTR_PLAN = "plan"

SERVICE_CREATE_ORDER = "create_order"

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
    async_setup_session_actions(hass)
    async_setup_cash_actions(hass)
    async_setup_settle_action(hass)
    async_setup_blueprint_action(hass)
    hass.services.async_register(
        DOMAIN,
        SERVICE_CREATE_ORDER,
        _create_order,
        schema=vol.Schema({**_BAY, vol.Required(ATTR_PLAN): cv.string}),
        supports_response=SupportsResponse.ONLY,
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
    entity_id = call.data[ATTR_BAY]
    user = await async_require_control(call.hass, call.context, entity_id)
    entry, bay = find_bay(call.hass, entity_id)
    site, by_user = entry.runtime_data, user.id if user else None
    with translated_errors(bay.config.name):
        order = await site.offers.make(bay, call.data[ATTR_PLAN], by_user=by_user)
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


async def _qr(hass: HomeAssistant, url: str | None) -> str | None:
    if url is None:
        return None
    return await hass.async_add_executor_job(qr_data_url, url)


def _iso(at_ms: int) -> str:
    return dt_util.utc_from_timestamp(at_ms // 1000).isoformat()
