"""The action behind the buttons of an alert: it answers in words, and never fails."""

from typing import Any

from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from .const import DOMAIN
from .domain.money import Money
from .domain.refunds import RefundState
from .owner_actions import SERVICE_SERVE_ORDER, SERVICE_WAIVE_REFUND
from .refund_action import ATTR_ORDER_ID, SERVICE_REFUND_ORDER

ATTR_CHOICE = "choice"
ATTR_USER_ID = "user_id"

SERVICE_SETTLE_ORDER = "settle_order"

_ACTIONS = {
    "serve": SERVICE_SERVE_ORDER,
    "refund": SERVICE_REFUND_ORDER,
    "waive": SERVICE_WAIVE_REFUND,
}
_ON_ITS_WAY = frozenset({RefundState.SENT, RefundState.PROCESSED})
_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_ORDER_ID): cv.string,
        vol.Required(ATTR_CHOICE): vol.In(_ACTIONS),
        vol.Optional(ATTR_USER_ID): vol.Any(None, cv.string),
    }
)


@callback
def async_setup_settle_action(hass: HomeAssistant) -> None:
    """Register it, for administrators only, like what it does."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_SETTLE_ORDER,
        _settle,
        schema=_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _settle(call: ServiceCall) -> ServiceResponse:
    """Serve, refund or waive an order; return whether that was done, and words for it.

    An automation has all rights, whoever tapped the button that it heard of. So a
    `user_id`, be it None, is who acts: with their right, and under their name.
    """
    choice, order_id = call.data[ATTR_CHOICE], call.data[ATTR_ORDER_ID]
    try:
        answer: Any = await call.hass.services.async_call(
            DOMAIN,
            _ACTIONS[choice],
            {ATTR_ORDER_ID: order_id},
            blocking=True,
            context=_context(call),
            return_response=True,
        )
    except Unauthorized, UnknownUser:
        return {"done": False, "message": await _words(call.hass, "not_allowed")}
    except HomeAssistantError as err:
        return {"done": False, "message": str(err)}
    return await _told(call.hass, choice, answer)


def _context(call: ServiceCall) -> Context:
    """Return the context of who acts; raise Unauthorized if that is nobody."""
    if ATTR_USER_ID not in call.data:
        return call.context
    if not (user_id := call.data[ATTR_USER_ID]):
        raise Unauthorized(context=call.context)
    return Context(user_id=user_id, parent_id=call.context.id)


async def _told(
    hass: HomeAssistant, choice: str, answer: dict[str, Any]
) -> ServiceResponse:
    if choice == "serve":
        minutes = str(round(answer["seconds"] / 60))
        return {"done": True, "message": await _words(hass, choice, minutes=minutes)}
    amount = str(Money(answer["amount"], answer["currency"]))
    done = choice != "refund" or answer["state"] in _ON_ITS_WAY
    key = choice if done else "refund_waits"
    return {"done": done, "message": await _words(hass, key, amount=amount)}


async def _words(hass: HomeAssistant, key: str, **placeholders: str) -> str:
    """Return what to tell, in Home Assistant's language."""
    texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    text = texts.get(f"component.{DOMAIN}.common.settled_{key}", key)
    return text.format(**placeholders)
