"""The page a link's `short_url` opens: a customer clicks what happens."""

from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from .api.edge import CORE, books_of, route
from .checkout import Outcome, order_of, pay
from .links import is_payable
from .models import Link
from .money import rupees
from .signing import return_url

_TEMPLATES = Path(__file__).parent / "templates"
PAGE = Template((_TEMPLATES / "pay.html").read_text(encoding="utf-8"))
FORM = Template((_TEMPLATES / "pay_form.html").read_text(encoding="utf-8"))

BUTTONS: dict[str, Outcome] = {
    "success": "success",
    "success_and_leave": "success",
    "fail": "fail",
    "fail_then_capture": "fail_then_capture",
    "late": "success",
    "pending": "pending",
    "authorize": "authorize",
}
STATES = {
    "paid": "Paid. Thank you.",
    "cancelled": "This link was cancelled.",
    "expired": "This link has expired.",
}


def add_routes(app: web.Application) -> None:
    """Add the customer's pages."""
    route(app, "GET", "/i/{code}", show)
    route(app, "POST", "/i/{code}/pay", submit)


async def show(request: web.Request) -> web.StreamResponse:
    """Show the offer; opening it makes the order behind it."""
    link = _link(request)
    if is_payable(books_of(request), link):
        order_of(books_of(request), link)
    return _page(request, link)


async def submit(request: web.Request) -> web.StreamResponse:
    """Do what the button says: pay, fail, pay late."""
    link, form = _link(request), await request.post()
    button = str(form.get("outcome", ""))
    if button not in BUTTONS:
        raise web.HTTPBadRequest(text="unknown outcome")
    if not is_payable(books_of(request), link):
        return _page(request, link, status=409)
    hours_late = _hours(str(form.get("hours", ""))) if button == "late" else 0.0
    payment = pay(books_of(request), link, BUTTONS[button], hours_late=hours_late)
    if (
        link.callback_url
        and payment.captured
        and button in ("success", "fail_then_capture")
    ):
        key_secret = request.app[CORE].key_secret
        raise web.HTTPSeeOther(return_url(link, payment, key_secret))
    failed = "?failed=1" if payment.status == "failed" else ""
    raise web.HTTPSeeOther(f"/i/{link.code}{failed}")


def _link(request: web.Request) -> Link:
    code = request.match_info["code"]
    for link in books_of(request).links.values():
        if link.code == code:
            return link
    raise web.HTTPNotFound(text="no such payment link")


def _page(request: web.Request, link: Link, *, status: int = 200) -> web.Response:
    reference = f"Reference {link.reference_id}" if link.reference_id else ""
    page = PAGE.substitute(
        amount=rupees(link.amount_due or link.amount),
        description=escape(link.description or "Payment"),
        reference=escape(reference),
        body=_body(request, link),
    )
    return web.Response(text=page, content_type="text/html", status=status)


def _body(request: web.Request, link: Link) -> str:
    if is_payable(books_of(request), link):
        note = '<p class="note" role="alert">The payment failed. You can try again.</p>'
        return FORM.substitute(
            action=f"/i/{link.code}/pay",
            amount=rupees(link.amount_due),
            note=note if "failed" in request.query else "",
        )
    state = "expired" if link.is_open else link.status
    return f'<p class="state {state}">{STATES[state]}</p>'


def _hours(text: str) -> float:
    try:
        return max(0.0, float(text or 48))
    except ValueError:
        raise web.HTTPBadRequest(text="hours must be a number") from None
