"""An order's pages: how it stands, the return from paying, calling off, stopping."""

import asyncio
from dataclasses import replace
import hashlib
from http import HTTPStatus
import logging
from typing import Any

from aiohttp import hdrs, web

from ...const import BAY_PAGE, ORDER_PAGE
from ...domain.order_view import OrderView
from ...ledger import LedgerError
from ...providers.base import ProviderError
from . import answers
from .desk import Desk
from .forms import BadFormError, read_form
from .order_page import OrderPage, order_page
from .visit import Visit

_LOGGER = logging.getLogger(__name__)
RETURN_WITHIN_S = 8
"""How long a browser that comes back waits; what is asked goes on all the same."""


async def show(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """Answer with an order's page."""
    page, now_ms = _page(desk, visit, view)
    urls = urls_of(view)
    return desk.page(
        visit,
        "order.html",
        title=f"{page.headline} · {page.bay}",
        about=desk.about_order(view.order),
        test_mode=view.order.test_mode,
        refresh_s=page.poll_s and max(5, page.poll_s),
        page=page,
        version=_version(page, visit),
        now_ms=now_ms,
        urls=urls,
    )


async def status(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """Answer how an order stands; 304 if the asker knows.

    `ends_at_ms` and `now_ms` are Unix milliseconds by our clock, `poll_s` is when to
    ask again (0: nothing will change), `html` the page's inside in the same words.
    """
    answer = told(desk, visit, view)
    version = answer["version"]
    if visit.request.headers.get(hdrs.IF_NONE_MATCH, "").strip(' W/"') == version:
        return visit.finish(answers.unchanged(version))
    return visit.finish(answers.data(answer, etag=version))


def told(desk: Desk, visit: Visit, view: OrderView) -> dict[str, Any]:
    """Return how an order stands, for programs; see `status`."""
    page, now_ms = _page(desk, visit, view)
    part = answers.render("order_part.html", t=visit.t, page=page, urls=urls_of(view))
    return {
        "order_id": view.order.id,
        "state": view.order.state.value,
        "stage": page.stage.value,
        "tone": page.tone,
        "headline": page.headline,
        "lines": page.lines,
        "refunds": page.refunds,
        "ends_at_ms": page.ends_ms,
        "now_ms": now_ms,
        "poll_s": page.poll_s,
        "test_mode": view.order.test_mode,
        "version": _version(page, visit),
        "html": part,
    }


async def returned(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """Take in what a browser that has paid brings, and show the order.

    It never says whether it believed a word: the order's page tells what is true.
    """
    site, _ = desk.bay_of(view.order)
    if site is not None:
        asking = desk.hass.async_create_task(
            site.customer_orders.returned(view.order, visit.request.query),
            "paybay return",
        )
        await asyncio.wait({asking}, timeout=RETURN_WITHIN_S)
        asking.add_done_callback(_forgive)
    return visit.finish(answers.see_other(urls_of(view)["page"]))


def _forgive(asking: asyncio.Task[bool]) -> None:
    """Leave to the reconciler what could not be asked now."""
    if asking.cancelled():
        return
    err = asking.exception()
    if isinstance(err, (ProviderError, LedgerError)):
        _LOGGER.info("A return could not be confirmed yet: %s", err)
    elif err is not None:
        _LOGGER.error("Unexpected error after a return", exc_info=err)


async def cancel(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """Call an unpaid order off; a payment that came first is served."""
    try:
        await read_form(visit.request)
    except BadFormError as err:
        return desk.bad_form(visit, err.status)
    site, _ = desk.bay_of(view.order)
    if site is None:
        return desk.not_ready(visit)
    try:
        await site.customer_orders.call_off(view.order)
    except ProviderError, LedgerError:
        return desk.message(
            visit,
            "title_error",
            "error_cancel",
            HTTPStatus.SERVICE_UNAVAILABLE,
            bay_id=view.order.bay_id,
        )
    return visit.finish(answers.see_other(urls_of(view)["page"]))


def _page(desk: Desk, visit: Visit, view: OrderView) -> tuple[OrderPage, int]:
    order, moment = view.order, desk.moment(view.order.site_id)
    merchant = desk.about_order(order).merchant
    page = order_page(view, desk.live(order), moment, merchant, visit.t)
    return page, moment.now_ms


def _version(page: OrderPage, visit: Visit) -> str:
    """Return what changes with the page, but not with every second."""
    still = replace(page, left="", gone_ms=0)
    text = f"{visit.t.language} {still}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def urls_of(view: OrderView) -> dict[str, Any]:
    """Return where an order's pages are."""
    page = ORDER_PAGE.format(watch=view.order.watch_code)
    return {
        "page": page,
        "status": f"{page}/status",
        "events": f"{page}/events",
        "cancel": f"{page}/cancel",
        "stop": f"{page}/stop",
        "bay": BAY_PAGE.format(bay=view.order.bay_id),
    }
