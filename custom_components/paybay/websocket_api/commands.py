"""The commands, thin: who asks is let in, what goes wrong is told in their words."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import datetime
from functools import wraps
from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..bay_lookup import bay_switches
from ..domain.order_filter import MAX_PAGE, Cursor, CursorError, OrderFilter
from ..domain.orders import OrderState
from ..errors import fault, mistake
from ..ledger import LedgerError
from ..ledger_file import async_get_ledger
from ..order_pages import async_read_page
from ..public_url import bay_url
from ..qr import qr_svg
from .hub import async_get_hub
from .statistics import MAX_DAYS, async_statistics
from .viewers import viewer_of

type Handler = Callable[
    [HomeAssistant, ActiveConnection, dict[str, Any]], Awaitable[Any]
]


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (_subscribe, _orders, _statistics, _qr):
        websocket_api.async_register_command(hass, command)


def _answer(handler: Handler) -> Any:
    """Send what a handler returns, or what went wrong, translated."""

    @wraps(handler)
    async def answer(
        hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
    ) -> None:
        try:
            try:
                result = await handler(hass, connection, msg)
            except LedgerError as err:
                raise fault("ledger_failed", error=str(err)) from err
        except HomeAssistantError as err:
            mine = isinstance(err, ServiceValidationError)
            connection.send_error(
                msg["id"],
                "service_validation_error" if mine else "home_assistant_error",
                str(err),
                translation_key=err.translation_key,
                translation_domain=err.translation_domain,
                translation_placeholders=err.translation_placeholders,
            )
        else:
            connection.send_result(msg["id"], result)

    return websocket_api.async_response(answer)


@websocket_api.websocket_command({vol.Required("type"): "paybay/subscribe"})
@_answer
async def _subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send a whole snapshot soon, and again after each change."""
    msg_id, leaving = msg["id"], ExitStack()

    @callback
    def send(shown: dict[str, Any]) -> None:
        connection.send_event(msg_id, shown)

    # Already now: the connection may close while the ledger is opened.
    connection.subscriptions[msg_id] = leaving.close
    try:
        ledger = await async_get_ledger(hass)
    except LedgerError:
        connection.subscriptions.pop(msg_id, None)
        raise
    if msg_id in connection.subscriptions:
        leaving.callback(async_get_hub(hass).watch(ledger, connection.user, send))


@websocket_api.websocket_command(
    {
        vol.Required("type"): "paybay/orders",
        vol.Required("entry_id"): cv.string,
        vol.Optional("search"): vol.All(cv.string, vol.Length(max=64)),
        vol.Optional("bay_id"): cv.string,
        vol.Optional("state"): vol.All(cv.ensure_list, [vol.Coerce(OrderState)]),
        vol.Optional("from"): cv.datetime,
        vol.Optional("to"): cv.datetime,
        vol.Optional("limit", default=50): vol.All(int, vol.Range(1, MAX_PAGE)),
        vol.Optional("before"): cv.string,
    }
)
@_answer
async def _orders(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return a page of a site's orders, newest first, of bays that the user sees."""
    states = msg.get("state")
    wanted = OrderFilter(
        site_ids=frozenset([msg["entry_id"]]),
        bay_ids=_seen(hass, connection, msg.get("bay_id")),
        states=frozenset(states) if states else None,
        from_ms=_ms(msg.get("from")),
        to_ms=_ms(msg.get("to")),
        search=msg.get("search", "").strip() or None,
    )
    page = await async_read_page(
        hass,
        wanted,
        after=_cursor(msg.get("before")),
        limit=msg["limit"],
        whole=False,
        signed_in=True,
    )
    return {"orders": page["orders"], "next": page["next_cursor"]}


@websocket_api.websocket_command(
    {
        vol.Required("type"): "paybay/statistics",
        vol.Required("entry_id"): cv.string,
        vol.Required("days"): vol.All(int, vol.Range(1, MAX_DAYS)),
    }
)
@_answer
async def _statistics(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return what a site took and gave, by local day, today last."""
    viewer = viewer_of(hass, connection.user)
    return {"days": await async_statistics(hass, msg["entry_id"], msg["days"], viewer)}


@websocket_api.websocket_command(
    {vol.Required("type"): "paybay/qr", vol.Required("bay_id"): cv.string}
)
@_answer
async def _qr(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return the address of a bay's page, and its QR code."""
    bay_id = msg["bay_id"]
    if bay_id not in bay_switches(hass).values():
        raise mistake("unknown_bay", bay=bay_id)
    _seen(hass, connection, bay_id)
    url = bay_url(hass, bay_id)
    if url is None:
        raise mistake("no_url")
    return {"url": url, "svg": await hass.async_add_executor_job(qr_svg, url)}


def _seen(
    hass: HomeAssistant, connection: ActiveConnection, bay_id: str | None
) -> frozenset[str] | None:
    """Return the bays to look at (None: all); refuse one that the user must not see."""
    sees = viewer_of(hass, connection.user).sees
    if bay_id is None:
        return None if sees is None else frozenset(sees)
    if sees is not None and bay_id not in sees:
        raise mistake("unknown_bay", bay=bay_id)
    return frozenset([bay_id])


def _cursor(packed: str | None) -> Cursor | None:
    try:
        return Cursor.unpack(packed) if packed else None
    except CursorError as err:
        raise mistake("bad_cursor") from err


def _ms(at: datetime | None) -> int | None:
    return int(dt_util.as_utc(at).timestamp() * 1000) if at else None
