"""The actions that start and stop sessions, and sell to those who stand there."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bay import Bay, NothingToStartError
from .bay_lookup import find_bay
from .const import DOMAIN
from .domain.orders import ClaimedBy, Order, PaidBy
from .errors import mistake, require_ended, translated_errors
from .people import async_require_control
from .site import Site
from .walk_ins import Sale

ATTR_BAY = "bay"
ATTR_NOTE = "note"
ATTR_ORDER_ID = "order_id"
ATTR_PAID_BY = "paid_by"
ATTR_PLAN = "plan"

MAX_NOTE = 200

SERVICE_START_SESSION = "start_session"
SERVICE_STOP_SESSION = "stop_session"

_BAY = {vol.Required(ATTR_BAY): cv.entity_id}
_START = vol.Schema(
    {
        **_BAY,
        vol.Optional(ATTR_ORDER_ID): cv.string,
        vol.Optional(ATTR_PAID_BY): vol.In([PaidBy.CASH.value, PaidBy.FREE.value]),
        vol.Optional(ATTR_PLAN): cv.string,
        vol.Optional(ATTR_NOTE): vol.All(cv.string, vol.Length(max=MAX_NOTE)),
    }
)


@callback
def async_setup_session_actions(hass: HomeAssistant) -> None:
    """Register them, for everybody who may use the bay's switch."""
    for name, action, schema in (
        (SERVICE_START_SESSION, _start_session, _START),
        (SERVICE_STOP_SESSION, _stop_session, vol.Schema(_BAY)),
    ):
        hass.services.async_register(
            DOMAIN,
            name,
            action,
            schema=schema,
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _start_session(call: ServiceCall) -> ServiceResponse:
    """Start a paid order that waits, or sell a plan to somebody who stands there."""
    entity_id = call.data[ATTR_BAY]
    user = await async_require_control(call.hass, call.context, entity_id)
    entry, bay = find_bay(call.hass, entity_id)
    if ATTR_PAID_BY in call.data:
        return await _sell(call.data, entry.runtime_data, bay, user)
    if ATTR_PLAN in call.data or ATTR_NOTE in call.data:
        raise mistake("sale_needs_paid_by")
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


async def _sell(
    asked: dict[str, Any], site: Site, bay: Bay, user: User | None
) -> ServiceResponse:
    """Sell for cash, or give away; the daily limit is not for administrators."""
    if ATTR_ORDER_ID in asked:
        raise mistake("sale_has_order")
    if ATTR_PLAN not in asked:
        raise mistake("sale_needs_plan")
    sale = Sale(
        paid_by=PaidBy(asked[ATTR_PAID_BY]),
        by_user=user.id if user else None,
        note=asked.get(ATTR_NOTE, "").strip() or None,
        limited=user is not None and not user.is_admin,
    )
    with translated_errors(bay.config.name):
        order = await site.walk_ins.sell(bay, asked[ATTR_PLAN], sale)
    return {
        "order_id": order.id,
        "ends_at": _ends_at(bay, order),
        "paid_by": order.paid_by.value,
        "amount": order.price.minor,
        "currency": order.price.currency,
        "seconds": order.owed_ms // 1000,
        "queued": bay.face.order_id != order.id,
    }


async def _stop_session(call: ServiceCall) -> ServiceResponse:
    """Stop the session that runs; say what cash is to be given back by hand."""
    entity_id = call.data[ATTR_BAY]
    user = await async_require_control(call.hass, call.context, entity_id)
    _, bay = find_bay(call.hass, entity_id)
    by_user = user.id if user else None
    with translated_errors(bay.config.name):
        stopped = await bay.stop("stopped_by_owner", by_user=by_user)
        order = require_ended(stopped, bay.config.name)
    return {
        "order_id": order.id,
        "delivered_seconds": order.ran_ms / 1000,
        "cash_back": order.cash_back_minor,
        "currency": order.price.currency,
    }


def _ends_at(bay: Bay, order: Order) -> str | None:
    """Return when the order ends, if it is still the one that runs."""
    if bay.face.order_id != order.id or bay.face.order_ends_ms is None:
        return None
    return dt_util.utc_from_timestamp(bay.face.order_ends_ms // 1000).isoformat()
