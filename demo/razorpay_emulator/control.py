"""The control API for other processes, under `/_emulator`. Loopback, no auth.

Bodies are JSON objects; the page's own forms work as well.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from .api.edge import CORE, Handler, route
from .control_actions import ACTIONS, Action
from .control_page import render
from .desk import Desk
from .errors import ApiError, Json
from .link_shapes import link_json
from .models import Link, Payment, QrCode, Refund
from .qr_shapes import qr_json
from .shapes import payment_json, refund_json

BASE = "/_emulator"
FORM = "application/x-www-form-urlencoded"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


def add_routes(app: web.Application) -> None:
    """Add the page, the state dump and one POST for each action."""
    route(app, "GET", BASE, _guarded(show_page))
    route(app, "GET", f"{BASE}/books", _guarded(show_books))
    route(app, "POST", f"{BASE}/idle", _guarded(wait_idle))
    for path, action in ACTIONS.items():
        route(app, "POST", f"{BASE}/{path}", _guarded(_performs(action)))


async def show_page(request: web.Request) -> web.StreamResponse:
    """Show everything on one page, with switches."""
    page = render(_desk(request).snapshot())
    return web.Response(text=page, content_type="text/html")


async def show_books(request: web.Request) -> web.StreamResponse:
    """Return the whole state as JSON."""
    return web.json_response(_desk(request).snapshot())


async def wait_idle(request: web.Request) -> web.StreamResponse:
    """Answer once no webhook is on its way."""
    await _desk(request).idle()
    return web.json_response({"ok": True})


def _desk(request: web.Request) -> Desk:
    return Desk(request.app[CORE])


def _guarded(handler: Handler) -> Handler:
    """Refuse what a foreign web page makes a browser ask for."""

    async def handle(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        for name in (f"//{request.host}", *([origin] if origin else [])):
            if urlsplit(name).hostname not in LOOPBACK_NAMES:
                raise web.HTTPForbidden(text="loopback only")
        return await handler(request)

    return handle


def _performs(action: Action) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        desk = _desk(request)
        try:
            result = action(desk, request, await _read(request))
        except (ApiError, LookupError, TypeError, ValueError) as err:
            return web.json_response({"error": str(err)}, status=400)
        if request.content_type == FORM:
            raise web.HTTPSeeOther(BASE)
        return web.json_response(_shape(desk, result))

    return handle


async def _read(request: web.Request) -> Json:
    """Return the body; in forms `a.b` names a nested knob and values are JSON."""
    if request.content_type != FORM:
        text = await request.text()
        body: Json = json.loads(text) if text else {}
        return body
    body = {}
    for name, value in (await request.post()).items():
        group, _, knob = name.rpartition(".")
        (body.setdefault(group, {}) if group else body)[knob] = _value(str(value))
    return body


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _shape(desk: Desk, result: object) -> Any:
    match result:
        case Link():
            return link_json(desk.books, result)
        case QrCode():
            return qr_json(desk.books, result)
        case Payment():
            return payment_json(result)
        case Refund():
            return refund_json(result)
        case None:
            return {"ok": True}
    return result
