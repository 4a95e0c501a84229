"""`/v1/payments/qr_codes`.

QR codes are a feature that Razorpay enables on demand; until then their URLs do not
exist, or creating one is a server error.
"""

from aiohttp import web

from .. import qr_codes
from ..errors import ApiError
from ..listing import read_page
from ..models import QrCode
from ..qr_shapes import qr_json
from ..shapes import collection, payment_json
from .edge import Handler, books_of, not_found, read_body, route, server_error
from .payments import read_notes

BASE = "/v1/payments/qr_codes"


def add_routes(app: web.Application) -> None:
    """Add the QR codes API, before `/v1/payments/{id}` takes it for a payment."""
    route(app, "POST", BASE, _enabled(create))
    route(app, "GET", BASE, _enabled(list_all))
    route(app, "GET", f"{BASE}/{{id}}", _enabled(fetch))
    route(app, "PATCH", f"{BASE}/{{id}}", _enabled(edit))
    route(app, "POST", f"{BASE}/{{id}}/close", _enabled(close))
    route(app, "GET", f"{BASE}/{{id}}/payments", _enabled(list_payments))
    route(app, "*", f"{BASE}/{{tail:.*}}", not_found)


async def create(request: web.Request) -> web.StreamResponse:
    """Make a QR code."""
    books, body = books_of(request), await read_body(request)
    if books.faults.qr_feature == "server_error":
        raise server_error()
    return _answer(request, qr_codes.create(books, body))


async def list_all(request: web.Request) -> web.StreamResponse:
    """List QR codes, all or those of a customer or a payment."""
    books = books_of(request)
    page = read_page(request.query, ("customer_id", "payment_id"))
    found = [qr for qr in books.qr_codes.values() if _matches(request, qr)]
    shown = [qr_json(books, qr) for qr in page.of(found)]
    return web.json_response(collection(shown))


async def fetch(request: web.Request) -> web.StreamResponse:
    """Show one QR code."""
    return _answer(request, _qr(request))


async def edit(request: web.Request) -> web.StreamResponse:
    """Replace a QR code's notes, the only thing that can be changed."""
    qr = _qr(request)
    qr.notes = read_notes(await read_body(request))
    return _answer(request, qr)


async def close(request: web.Request) -> web.StreamResponse:
    """Close a QR code."""
    if await read_body(request):
        raise ApiError("The request body must be empty.")
    qr = _qr(request)
    qr_codes.close(books_of(request), qr)
    return _answer(request, qr)


async def list_payments(request: web.Request) -> web.StreamResponse:
    """List what was paid on a QR code, newest first."""
    qr, page = _qr(request), read_page(request.query)
    paid = books_of(request).payments.values()
    found = page.of(each for each in paid if each.qr_id == qr.id)
    return web.json_response(collection([payment_json(each) for each in found]))


def _enabled(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if books_of(request).faults.qr_feature == "not_found":
            return await not_found(request)
        return await handler(request)

    return handle


def _qr(request: web.Request) -> QrCode:
    return books_of(request).qr_code(request.match_info["id"])


def _answer(request: web.Request, qr: QrCode) -> web.StreamResponse:
    return web.json_response(qr_json(books_of(request), qr))


def _matches(request: web.Request, qr: QrCode) -> bool:
    query, paid = request.query, books_of(request).payments
    payment = paid.get(query.get("payment_id", ""))
    return query.get("customer_id", qr.customer_id) == qr.customer_id and (
        "payment_id" not in query or (payment is not None and payment.qr_id == qr.id)
    )
