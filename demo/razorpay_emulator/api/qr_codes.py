"""`/v1/payments/qr_codes`: not enabled for this account.

QR codes are a feature Razorpay enables on demand; until then their URLs do not exist.
"""

from aiohttp import web

from .edge import not_found, route

BASE = "/v1/payments/qr_codes"


def add_routes(app: web.Application) -> None:
    """Refuse the QR codes API, before `/v1/payments/{id}` takes it for a payment."""
    route(app, "*", BASE, not_found)
    route(app, "*", f"{BASE}/{{tail:.*}}", not_found)
