"""What all API handlers share: where things are kept, auth, errors, faults."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
import hmac
import json

from aiohttp import web

from ..books import Books
from ..errors import AUTHENTICATION_FAILED, URL_NOT_FOUND, ApiError, Json
from ..links import expire_due
from ..qr_codes import expire_due as close_due
from ..webhooks import Webhooks

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Core:
    """What the HTTP edges work on."""

    books: Books
    webhooks: Webhooks
    key_secret: str
    closing: asyncio.Event = field(default_factory=asyncio.Event)


CORE = web.AppKey("CORE", Core)


def books_of(request: web.Request) -> Books:
    """Return the books behind a request."""
    return request.app[CORE].books


async def read_body(request: web.Request) -> Json:
    """Return the JSON object that was sent, empty when nothing was.

    Raises ApiError for anything else.
    """
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except json.JSONDecodeError:
        body = None
    if isinstance(body, dict):
        return body
    if body == []:
        return {}
    raise ApiError("The request body is not a valid JSON object.")


def route(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """Add a handler for a path with and without a trailing slash."""
    app.router.add_route(method, path, handler)
    app.router.add_route(method, f"{path}/", handler)


async def tell_time(request: web.Request, response: web.StreamResponse) -> None:
    """Date an answer by the emulated clock, as everything in it is."""
    at_s = books_of(request).clock.time()
    response.headers["Date"] = formatdate(at_s, usegmt=True)


async def not_found(_: web.Request) -> web.StreamResponse:
    """Refuse an unknown path; Razorpay says 400."""
    raise ApiError(URL_NOT_FOUND)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into Razorpay's error bodies."""
    expire_due(books_of(request))
    close_due(books_of(request))
    try:
        return await handler(request)
    except ApiError as err:
        return web.json_response(err.body(), status=err.status)


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Demand the API key on everything under /v1."""
    if request.path.startswith("/v1") and not _knows_key(request):
        raise ApiError(AUTHENTICATION_FAILED, status=401)
    return await handler(request)


def _knows_key(request: web.Request) -> bool:
    core = request.app[CORE]
    pair = f"{core.books.key_id}:{core.key_secret}"
    expected = f"Basic {b64encode(pair.encode()).decode()}"
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def server_error() -> ApiError:
    """Return Razorpay's 500."""
    return ApiError(
        "We are facing some trouble completing your request at the moment. "
        "Please try again shortly.",
        status=500,
        code="SERVER_ERROR",
    )
