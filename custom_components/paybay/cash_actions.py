"""Actions about cash: what was given back by hand, and who has what in the drawer."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, service
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from .bay_lookup import bay_switches
from .const import DOMAIN
from .domain.hours import day_began_ms
from .domain.orders import Order
from .domain.shifts import Shift
from .entry_data import currency_of
from .errors import mistake, translated_errors
from .ledger import cash, shifts
from .ledger.reader import snapshot
from .open_items import async_refresh_open_items
from .order_json import iso
from .people import (
    async_names,
    async_require_admin,
    async_require_control,
    async_user,
)
from .refund_action import ATTR_ORDER_ID, async_site_of
from .site import PayBayConfigEntry

ATTR_FROM = "from"
ATTR_SITE = "config_entry_id"
ATTR_TO = "to"

SERVICE_CONFIRM_CASH_BACK = "confirm_cash_back"
SERVICE_GET_SHIFT_REPORT = "get_shift_report"

_REPORT = vol.Schema(
    {
        vol.Optional(ATTR_SITE): cv.string,
        vol.Optional(ATTR_FROM): cv.datetime,
        vol.Optional(ATTR_TO): cv.datetime,
    }
)


@callback
def async_setup_cash_actions(hass: HomeAssistant) -> None:
    """Register them, for attendants too."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_CONFIRM_CASH_BACK,
        _confirm_cash_back,
        schema=vol.Schema({vol.Required(ATTR_ORDER_ID): cv.string}),
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_SHIFT_REPORT,
        _get_shift_report,
        schema=_REPORT,
        supports_response=SupportsResponse.ONLY,
    )


async def _confirm_cash_back(call: ServiceCall) -> ServiceResponse:
    """Store that the rest of an order's cash was handed back."""
    order_id = call.data[ATTR_ORDER_ID]
    site, order, _ = await async_site_of(call.hass, order_id)
    by_user, now_ms = await _who_may(call, order), site.clock.now_ms()
    with translated_errors(order.bay_name):
        try:
            given = await site.ledger.run(
                lambda c: cash.give_back(c, order_id, by_user, now_ms)
            )
        except cash.NoCashBackError as err:
            raise mistake("no_cash_back", order_id=order_id) from err
    if entry := call.hass.config_entries.async_get_entry(site.entry_id):
        await async_refresh_open_items(call.hass, site.ledger, entry)
    return {
        "order_id": order_id,
        "amount": given.cash_back_minor,
        "currency": given.price.currency,
    }


async def _who_may(call: ServiceCall, order: Order) -> str | None:
    """Return who says so; for a bay that is gone only an administrator may."""
    switches = {bay_id: each for each, bay_id in bay_switches(call.hass).items()}
    if entity_id := switches.get(order.bay_id):
        await async_require_control(call.hass, call.context, entity_id)
    else:
        await async_require_admin(call.hass, call.context)
    return call.context.user_id


async def _get_shift_report(call: ServiceCall) -> ServiceResponse:
    """Return what each person did; an attendant gets only their own."""
    hass = call.hass
    user = await async_user(hass, call.context)
    found = service.async_get_config_entry(hass, DOMAIN, call.data.get(ATTR_SITE))
    entry = cast(PayBayConfigEntry, found)
    ledger, clock = entry.runtime_data.ledger, entry.runtime_data.clock
    now_ms = clock.now_ms()
    from_ms = _ms(call.data.get(ATTR_FROM), day_began_ms(now_ms, clock.zone()))
    to_ms = _ms(call.data.get(ATTR_TO), now_ms + 1)
    if to_ms <= from_ms:
        raise mistake("shift_dates")
    with translated_errors(entry.title):
        by_user = await hass.async_add_executor_job(
            partial(_read, ledger.path, entry.entry_id, from_ms, to_ms)
        )
    if user is not None and not user.is_admin:
        by_user = {user.id: by_user.get(user.id, Shift())}
    names = await async_names(hass)
    return {
        "from": iso(from_ms),
        "to": iso(to_ms),
        "currency": currency_of(entry),
        "users": _rows(by_user, names),
        "total": _row(Shift.of(by_user.values())),
    }


def _read(
    path: Path, site_id: str, from_ms: int, to_ms: int
) -> Mapping[str | None, Shift]:
    with snapshot(path) as connection:
        return shifts.of_site(connection, site_id, from_ms, to_ms)


def _rows(
    by_user: Mapping[str | None, Shift], names: Mapping[str, str]
) -> list[JsonValueType]:
    """Return the people by name; who was deleted shows their id, an automation none."""
    rows: list[dict[str, JsonValueType]] = [
        {
            "user_id": user_id,
            "name": names.get(user_id, user_id) if user_id else None,
            **_row(shift),
        }
        for user_id, shift in by_user.items()
    ]
    return [*sorted(rows, key=lambda row: str(row["name"] or ""))]


def _row(shift: Shift) -> dict[str, JsonValueType]:
    return {
        "cash": shift.cash,
        "cash_back": shift.cash_back,
        "cash_back_due": shift.cash_back_due,
        "drawer": shift.drawer,
        "orders": shift.cash_orders + shift.free_orders + shift.online_orders,
        "cash_orders": shift.cash_orders,
        "free_orders": shift.free_orders,
        "online_orders": shift.online_orders,
        "free_minutes": shift.free_ms / 60_000,
        "stops": shift.stops,
    }


def _ms(at: datetime | None, otherwise: int) -> int:
    """Return Unix ms; a time without a zone is Home Assistant's local time."""
    return int(dt_util.as_utc(at).timestamp() * 1000) if at else otherwise
