"""`/v1/refunds` and the refunds of a payment."""

import asyncio

from aiohttp import web

from .. import refunds
from ..books import Books
from ..errors import ID_UNKNOWN, ApiError, Json
from ..listing import read_page
from ..models import Payment, Refund
from ..shapes import collection, refund_json
from .edge import books_of, read_body, route
from .payments import read_notes

IDEMPOTENCY = "X-Refund-Idempotency"
OF_PAYMENT = "/v1/payments/{id}"


def add_routes(app: web.Application) -> None:
    """Add the refunds API."""
    route(app, "POST", f"{OF_PAYMENT}/refund", create)
    route(app, "GET", f"{OF_PAYMENT}/refunds", list_of_payment)
    route(app, "GET", f"{OF_PAYMENT}/refunds/{{refund_id}}", fetch_of_payment)
    route(app, "GET", "/v1/refunds", list_all)
    route(app, "GET", "/v1/refunds/{refund_id}", fetch)
    route(app, "PATCH", "/v1/refunds/{refund_id}", edit)


async def create(request: web.Request) -> web.StreamResponse:
    """Refund a payment, once per idempotency key."""
    books = books_of(request)
    payment, body = _payment(request), await read_body(request)
    key = request.headers.get(IDEMPOTENCY)
    if key is None:
        return web.json_response(await _book(books, payment, body))
    asked: Json = {"payment": payment.id, "body": body}
    if (answer := refunds.recall(books, key, asked)) is None:
        refunds.begin(books, key, asked)
        answer = await _book_with_key(books, payment, body, key)
    return web.json_response(answer)


async def list_of_payment(request: web.Request) -> web.StreamResponse:
    """List the refunds of one payment."""
    payment = _payment(request)
    page = read_page(request.query)
    made = books_of(request).refunds.values()
    found = page.of(each for each in made if each.payment_id == payment.id)
    return web.json_response(collection([refund_json(each) for each in found]))


async def fetch_of_payment(request: web.Request) -> web.StreamResponse:
    """Show one refund of one payment."""
    if _refund(request).payment_id != _payment(request).id:
        raise ApiError(ID_UNKNOWN)
    return await fetch(request)


async def list_all(request: web.Request) -> web.StreamResponse:
    """List refunds, newest first."""
    found = read_page(request.query).of(books_of(request).refunds.values())
    return web.json_response(collection([refund_json(each) for each in found]))


async def fetch(request: web.Request) -> web.StreamResponse:
    """Show one refund."""
    return web.json_response(refund_json(_refund(request)))


async def edit(request: web.Request) -> web.StreamResponse:
    """Replace a refund's notes."""
    made = _refund(request)
    made.notes = read_notes(await read_body(request))
    return web.json_response(refund_json(made))


async def _book(books: Books, payment: Payment, body: Json) -> Json:
    await asyncio.sleep(books.faults.refund_slow_s)
    made = refunds.refund(books, payment, body)
    answer = refund_json(made)
    refunds.fail_if_told(books, made)
    return answer


async def _book_with_key(books: Books, payment: Payment, body: Json, key: str) -> Json:
    try:
        answer = await _book(books, payment, body)
    except ApiError as err:
        refunds.finish(books, key, err)
        raise
    refunds.finish(books, key, answer)
    return answer


def _payment(request: web.Request) -> Payment:
    return books_of(request).payment(request.match_info["id"])


def _refund(request: web.Request) -> Refund:
    return books_of(request).refund(request.match_info["refund_id"])
