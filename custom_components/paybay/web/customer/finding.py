"""Find my payment: for who paid a printed QR code and has no page of an order.

Whoever knows the twelve digits of a UPI payment is told how its order stands, and
nothing else: no key to the order, no payment, no bay but this one. A number that is
wrong and one that nobody knows are answered alike, as often as the limits allow.
"""

import asyncio
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final
import unicodedata

from aiohttp import web

from ...const import BAY_PAGE
from ...domain.merchant import Merchant
from ...domain.order_view import OrderView
from ...ledger import LedgerError, order_views
from ...ledger.reader import snapshot
from ...ledger_file import async_get_ledger
from .desk import Desk, Door
from .forms import BadFormError, read_form
from .order_page import order_page
from .visit import Visit

UTR_DIGITS: Final = 12
"""A UPI payment's number, as bank statements and UPI apps show it (NPCI)."""
WITHIN_S: Final = 6
"""How long a customer waits for the provider; what is asked goes on all the same."""
_DAYS_MS: Final = 7 * 24 * 3_600_000


async def find(desk: Desk, visit: Visit, bay_id: str) -> web.Response:
    """Answer how the order stands that was paid with the number in a form."""
    try:
        form = await read_form(visit.request)
    except BadFormError as err:
        return desk.bad_form(visit, err.status, bay_id)
    door = desk.door(bay_id)
    if door is None:
        return desk.not_found(visit)
    if not desk.may_find(visit, bay_id):
        return desk.too_fast(visit, bay_id)
    number = utr_of(form.get("utr", ""))
    try:
        view = await _look(desk, door, number) if number else None
    except LedgerError:
        return desk.not_ready(visit, bay_id)
    return _answer(desk, visit, bay_id, view)


def utr_of(text: str) -> str | None:
    """Return the twelve digits that somebody typed, in whatever script and groups."""
    signs = [char for char in text[:60] if not char.isspace() and char != "-"]
    if len(signs) != UTR_DIGITS or not all(char.isdecimal() for char in signs):
        return None
    return "".join(str(unicodedata.decimal(char)) for char in signs)


async def _look(desk: Desk, door: Door, number: str) -> OrderView | None:
    """Look in the ledger; if it is not there, ask the provider once and look again."""
    found = await _read(desk, door, number)
    if found is not None or door.site is None or not desk.may_ask(door.bay_id):
        return found
    asking = desk.hass.async_create_task(
        door.site.reconciler.check_qr_codes_of(door.bay_id), "paybay find payment"
    )
    await asyncio.wait({asking}, timeout=WITHIN_S)
    return await _read(desk, door, number)


async def _read(desk: Desk, door: Door, number: str) -> OrderView | None:
    ledger = await async_get_ledger(desk.hass)
    since_ms = desk.moment(door.entry_id).now_ms - _DAYS_MS
    async with desk.reading:
        return await desk.hass.async_add_executor_job(
            partial(_read_file, ledger.path, door.bay_id, number, since_ms)
        )


def _read_file(path: Path, bay_id: str, rrn: str, since_ms: int) -> OrderView | None:
    with snapshot(path) as connection:
        return order_views.by_rrn(connection, bay_id, rrn, since_ms)


def _answer(
    desk: Desk, visit: Visit, bay_id: str, view: OrderView | None
) -> web.Response:
    if view is None:
        not_found = HTTPStatus.NOT_FOUND
        return desk.message(
            visit, "find_title", "find_unknown", not_found, bay_id=bay_id
        )
    order, moment = view.order, desk.moment(view.order.site_id)
    # Nothing of the receipt, and no way to pay, stop or cancel: see the module.
    page = order_page(view, desk.live(order), moment, Merchant(), visit.t)
    return desk.page(
        visit,
        "found.html",
        title=visit.t("find_title"),
        about=desk.about_bay(bay_id),
        test_mode=order.test_mode,
        bay=page.bay,
        tone=page.tone,
        headline=page.headline,
        lines=page.lines,
        ends=page.ends,
        refunds=page.refunds,
        back=BAY_PAGE.format(bay=bay_id),
    )
