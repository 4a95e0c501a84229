"""`/v1/payments`."""

from aiohttp import web

from ..errors import ApiError, Json
from ..listing import read_page
from ..models import Payment
from ..payments import capture_by_merchant
from ..rules import check_notes, check_unknown
from ..shapes import collection, payment_json
from .edge import books_of, read_body, route

BASE = "/v1/payments"


def add_routes(app: web.Application) -> None:
    """Add the payments API."""
    route(app, "GET", BASE, list_all)
    route(app, "GET", f"{BASE}/{{id}}", fetch)
    route(app, "PATCH", f"{BASE}/{{id}}", edit)
    route(app, "POST", f"{BASE}/{{id}}/capture", capture)


async def list_all(request: web.Request) -> web.StreamResponse:
    """List payments by their creation, newest first."""
    books, page = books_of(request), read_page(request.query)
    found = page.of(books.listed(books.payments.values()))
    shown = [payment_json(each) for each in found]
    return web.json_response(collection(shown))


async def fetch(request: web.Request) -> web.StreamResponse:
    """Show one payment."""
    return web.json_response(payment_json(_payment(request)))


async def edit(request: web.Request) -> web.StreamResponse:
    """Replace a payment's notes, the only thing that can be changed."""
    payment = _payment(request)
    payment.notes = read_notes(await read_body(request))
    return web.json_response(payment_json(payment))


async def capture(request: web.Request) -> web.StreamResponse:
    """Take an authorised payment."""
    payment = _payment(request)
    capture_by_merchant(books_of(request), payment, await read_body(request))
    return web.json_response(payment_json(payment))


def read_notes(body: Json) -> dict[str, str]:
    """Return the notes of a request that may hold nothing else. Raises ApiError."""
    check_unknown(body, ("notes",))
    check_notes(body.get("notes"), ApiError)
    return dict(body.get("notes") or {})


def _payment(request: web.Request) -> Payment:
    return books_of(request).payment(request.match_info["id"])
