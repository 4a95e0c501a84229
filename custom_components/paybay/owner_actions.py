"""Actions by which the owner settles an order: serve it now, or waive its refund."""

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

from .const import DOMAIN
from .domain.refunds import RefundState
from .errors import mistake, translated_errors
from .ledger import refund_choices
from .ledger.servings import ServeRefusedError
from .refund_action import ATTR_ORDER_ID, async_site_of
from .serving import async_serve

SERVICE_SERVE_ORDER = "serve_order"
SERVICE_WAIVE_REFUND = "waive_refund"

_ORDER = vol.Schema({vol.Required(ATTR_ORDER_ID): cv.string})


@callback
def async_setup_owner_actions(hass: HomeAssistant) -> None:
    """Register them, for administrators only: money hangs on both."""
    for name, action in (
        (SERVICE_SERVE_ORDER, _serve_order),
        (SERVICE_WAIVE_REFUND, _waive_refund),
    ):
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            action,
            schema=_ORDER,
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _serve_order(call: ServiceCall) -> ServiceResponse:
    """Run what is left of an order, in place of its refund."""
    order_id = call.data[ATTR_ORDER_ID]
    site, order, _ = await async_site_of(call.hass, order_id)
    bay = site.bays.get(order.bay_id)
    with translated_errors(bay.config.name if bay else order.bay_id):
        try:
            order = await async_serve(site, order_id)
        except ServeRefusedError as err:
            raise mistake(f"serve_{err.reason}", order_id=order_id) from err
    return {"order_id": order.id, "seconds": order.left_ms / 1000}


async def _waive_refund(call: ServiceCall) -> ServiceResponse:
    """Store that what an order is owed was settled in another way."""
    order_id = call.data[ATTR_ORDER_ID]
    site, order, currency = await async_site_of(call.hass, order_id)
    now_ms = int(dt_util.utcnow().timestamp() * 1000)
    with translated_errors(order.bay_id):
        waived = await site.ledger.run(
            lambda c: refund_choices.waive_order(c, order_id, now_ms)
        )
    if not waived:
        raise mistake("waive_nothing", order_id=order_id)
    site.refunder.poke()
    return {
        "order_id": order_id,
        "amount": sum(refund.amount.minor for refund in waived),
        "currency": currency,
        "state": RefundState.WAIVED.value,
    }
