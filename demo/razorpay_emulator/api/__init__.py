"""The API: one router module per resource."""

from aiohttp import web

from . import links, orders, payments, qr_codes, refunds

RESOURCES = (qr_codes, links, orders, payments, refunds)


def add_routes(app: web.Application) -> None:
    """Add every resource under /v1."""
    for resource in RESOURCES:
        resource.add_routes(app)
