"""`/v1/payment_links`."""

from aiohttp import web

from .. import links
from ..link_shapes import link_json
from ..listing import read_page
from ..models import Link
from .edge import books_of, read_body, route

BASE = "/v1/payment_links"


def add_routes(app: web.Application) -> None:
    """Add the payment links API."""
    route(app, "POST", BASE, create)
    route(app, "GET", BASE, list_all)
    route(app, "GET", f"{BASE}/{{id}}", fetch)
    route(app, "PATCH", f"{BASE}/{{id}}", edit)
    route(app, "POST", f"{BASE}/{{id}}/cancel", cancel)
    route(app, "POST", f"{BASE}/{{id}}/notify_by/{{medium}}", notify)


async def create(request: web.Request) -> web.StreamResponse:
    """Make a link."""
    link = links.create(books_of(request), await read_body(request))
    return _answer(request, link)


async def list_all(request: web.Request) -> web.StreamResponse:
    """List links under `payment_links`, paid ones with an empty `payments`."""
    books = books_of(request)
    page = read_page(request.query, ("reference_id", "payment_id"))
    known = books.listed(books.links.values())
    found = [link for link in known if _matches(request, link)]
    shown = [link_json(books, link, in_list=True) for link in page.of(found)]
    return web.json_response({"payment_links": shown})


async def fetch(request: web.Request) -> web.StreamResponse:
    """Show one link with its payments."""
    return _answer(request, _link(request))


async def edit(request: web.Request) -> web.StreamResponse:
    """Change an open link."""
    link = _link(request)
    links.edit(books_of(request), link, await read_body(request))
    return _answer(request, link)


async def cancel(request: web.Request) -> web.StreamResponse:
    """Withdraw an unpaid link."""
    link = _link(request)
    links.cancel(books_of(request), link)
    return _answer(request, link)


async def notify(request: web.Request) -> web.StreamResponse:
    """Pretend to send the link to the customer."""
    return web.json_response(links.notify(_link(request), request.match_info["medium"]))


def _link(request: web.Request) -> Link:
    return books_of(request).link(request.match_info["id"])


def _answer(request: web.Request, link: Link) -> web.StreamResponse:
    return web.json_response(link_json(books_of(request), link))


def _matches(request: web.Request, link: Link) -> bool:
    query = request.query
    return query.get("reference_id", link.reference_id) == link.reference_id and (
        "payment_id" not in query or query["payment_id"] in link.payment_ids
    )
