"""The actions that show orders, and hand them over as a file."""

from datetime import datetime

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bay_lookup import bay_switches
from .const import DOMAIN
from .domain.order_filter import MAX_PAGE, Cursor, CursorError, OrderFilter
from .domain.orders import OrderState
from .errors import mistake
from .order_pages import async_read_page
from .people import async_user

ATTR_BAY = "bay"
ATTR_CURSOR = "cursor"
ATTR_DETAIL = "detail"
ATTR_FROM = "from"
ATTR_LIMIT = "limit"
ATTR_OPEN_ONLY = "open_only"
ATTR_ORDER_ID = "order_id"
ATTR_PAYMENT_ID = "payment_id"
ATTR_PLAN = "plan"
ATTR_RRN = "rrn"
ATTR_SITE = "config_entry_id"
ATTR_STATE = "state"
ATTR_TO = "to"

SERVICE_GET_ORDERS = "get_orders"

SUMMARY = "summary"
FULL = "full"

_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_BAY): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_STATE): vol.All(cv.ensure_list, [vol.Coerce(OrderState)]),
        vol.Optional(ATTR_FROM): cv.datetime,
        vol.Optional(ATTR_TO): cv.datetime,
        vol.Optional(ATTR_PLAN): cv.string,
        vol.Optional(ATTR_PAYMENT_ID): cv.string,
        vol.Optional(ATTR_RRN): cv.string,
        vol.Optional(ATTR_ORDER_ID): cv.string,
        vol.Optional(ATTR_OPEN_ONLY, default=False): cv.boolean,
        vol.Optional(ATTR_SITE): cv.string,
        vol.Optional(ATTR_DETAIL, default=SUMMARY): vol.In([SUMMARY, FULL]),
        vol.Optional(ATTR_LIMIT, default=50): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAX_PAGE)
        ),
        vol.Optional(ATTR_CURSOR): cv.string,
    }
)


@callback
def async_setup_order_actions(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_ORDERS,
        _get_orders,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _get_orders(call: ServiceCall) -> ServiceResponse:
    """Return a page of orders, newest first, of bays that the caller may see."""
    wanted, after = await _filter(call), _cursor(call)
    limit, whole = call.data[ATTR_LIMIT], call.data[ATTR_DETAIL] == FULL
    return await async_read_page(
        call.hass,
        wanted,
        after=after,
        limit=limit,
        whole=whole,
        signed_in=call.context.user_id is not None,
    )


async def _filter(call: ServiceCall) -> OrderFilter:
    asked = call.data
    sites, states = asked.get(ATTR_SITE), asked.get(ATTR_STATE)
    return OrderFilter(
        site_ids=frozenset([sites]) if sites else None,
        bay_ids=await _bay_ids(call),
        states=frozenset(states) if states else None,
        from_ms=_ms(asked.get(ATTR_FROM)),
        to_ms=_ms(asked.get(ATTR_TO)),
        plan_code=asked.get(ATTR_PLAN),
        payment_id=asked.get(ATTR_PAYMENT_ID),
        rrn=asked.get(ATTR_RRN),
        order_id=asked.get(ATTR_ORDER_ID),
        open_only=asked[ATTR_OPEN_ONLY],
    )


async def _bay_ids(call: ServiceCall) -> frozenset[str] | None:
    """Return the bays that are asked for, or all that the caller may see.

    A bay is named by its switch, or by its id once it is gone. None: every bay.
    """
    user, bays = await async_user(call.hass, call.context), bay_switches(call.hass)
    all_seen = user is None or user.permissions.access_all_entities(POLICY_READ)
    seen = frozenset(
        bay_id
        for entity_id, bay_id in bays.items()
        if all_seen or _may(user, entity_id)
    )
    if not (named := call.data.get(ATTR_BAY)):
        return None if all_seen else seen
    for name in named:
        if "." in name and name not in bays:
            raise mistake("not_a_bay", entity_id=name)
    asked = frozenset(bays.get(name, name) for name in named)
    if not all_seen and not asked <= seen:
        raise Unauthorized(context=call.context, permission=POLICY_READ)
    return asked


def _may(user: User | None, entity_id: str) -> bool:
    return user is None or user.permissions.check_entity(entity_id, POLICY_READ)


def _cursor(call: ServiceCall) -> Cursor | None:
    packed = call.data.get(ATTR_CURSOR)
    if packed is None:
        return None
    try:
        return Cursor.unpack(packed)
    except CursorError as err:
        raise mistake("bad_cursor") from err


def _ms(at: datetime | None) -> int | None:
    """Return Unix ms; a time without a zone is Home Assistant's local time."""
    return int(dt_util.as_utc(at).timestamp() * 1000) if at else None
