"""`/v1/orders`: what stands behind a link, read only."""

from aiohttp import web

from ..models import Order
from ..shapes import collection, order_json, payment_json
from .edge import books_of, route


def add_routes(app: web.Application) -> None:
    """Add the orders API."""
    route(app, "GET", "/v1/orders/{id}", fetch)
    route(app, "GET", "/v1/orders/{id}/payments", list_payments)


async def fetch(request: web.Request) -> web.StreamResponse:
    """Show one order."""
    return web.json_response(order_json(_order(request)))


async def list_payments(request: web.Request) -> web.StreamResponse:
    """List every attempt to pay an order, failed ones too."""
    order = _order(request)
    attempts = books_of(request).payments.values()
    shown = [payment_json(each) for each in attempts if each.order_id == order.id]
    return web.json_response(collection(shown))


def _order(request: web.Request) -> Order:
    return books_of(request).order(request.match_info["id"])
