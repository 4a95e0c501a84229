"""A printed QR code: its picture, and the page that stands for a UPI app."""

import asyncio
from decimal import Decimal, InvalidOperation
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from .api.edge import books_of, route
from .models import QrCode
from .money import rupees
from .poster import draw
from .qr_codes import scan
from .qr_shapes import upi_text
from .rules import MIN_AMOUNT

_TEMPLATES = Path(__file__).parent / "templates"
PAGE = Template((_TEMPLATES / "pay.html").read_text(encoding="utf-8"))
FORM = Template((_TEMPLATES / "scan_form.html").read_text(encoding="utf-8"))
TYPED = (
    '<label>Amount in rupees <input name="rupees" inputmode="decimal" required '
    "autofocus></label>"
)


def add_routes(app: web.Application) -> None:
    """Add the picture and the page."""
    route(app, "GET", "/q/{code}", picture)
    route(app, "GET", "/q/{code}/scan", show)
    route(app, "POST", "/q/{code}/scan", submit)


async def picture(request: web.Request) -> web.StreamResponse:
    """Return the poster, as behind Razorpay's short link."""
    qr = _qr(request)
    png = await asyncio.to_thread(draw, upi_text(qr), qr.description)
    return web.Response(body=png, content_type="image/png")


async def show(request: web.Request) -> web.StreamResponse:
    """Show what a UPI app shows after the scan."""
    return _page(request, _qr(request))


async def submit(request: web.Request) -> web.StreamResponse:
    """Pay the fixed amount, or the one that was typed."""
    qr, form = _qr(request), await request.post()
    if not qr.is_open and "in_flight" not in form:
        return _page(request, qr, status=409)
    amount = qr.payment_amount or _paise(str(form.get("rupees", "")))
    scan(books_of(request), qr, amount, airtel="airtel" in form)
    raise web.HTTPSeeOther(f"/q/{qr.code}/scan?paid={amount}")


def _qr(request: web.Request) -> QrCode:
    code = request.match_info["code"]
    for qr in books_of(request).qr_codes.values():
        if qr.code == code:
            return qr
    raise web.HTTPNotFound(text="no such QR code")


def _page(request: web.Request, qr: QrCode, *, status: int = 200) -> web.Response:
    amount = rupees(qr.payment_amount) if qr.payment_amount else "Any amount"
    page = PAGE.substitute(
        amount=amount,
        description=escape(qr.description or "Payment"),
        reference="" if qr.is_open else "closed",
        body=_body(request, qr),
    )
    return web.Response(text=page, content_type="text/html", status=status)


def _body(request: web.Request, qr: QrCode) -> str:
    if not qr.is_open:
        return '<p class="state expired">This QR code is closed.</p>'
    paid = request.query.get("paid", "")
    paid = paid if paid.isdigit() else ""
    done = f'<p class="state paid">Paid {rupees(int(paid or 0))}.</p>'
    return FORM.substitute(
        action=f"/q/{qr.code}/scan",
        note=done if paid else "",
        amount="" if qr.payment_amount else TYPED,
    )


def _paise(text: str) -> int:
    try:
        amount = int(Decimal(text) * 100)
    except InvalidOperation, OverflowError, ValueError:
        raise web.HTTPBadRequest(text="type an amount in rupees") from None
    if amount < MIN_AMOUNT:
        raise web.HTTPBadRequest(text="UPI takes no less than one rupee here")
    return amount
