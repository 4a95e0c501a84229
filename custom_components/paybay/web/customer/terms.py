"""The pages of terms: what the owner agrees with customers, in the owner's words."""

from aiohttp import web

from ...domain.order_view import OrderView
from .about import About
from .desk import Desk
from .visit import Visit


async def of_bay(desk: Desk, visit: Visit, bay_id: str) -> web.Response:
    """Answer with the terms of a bay."""
    about = desk.about_bay(bay_id)
    if about is None or not about.has_terms:
        return desk.not_found(visit)
    return _terms(desk, visit, about, f"../{bay_id}")


async def of_order(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """Answer with the terms of an order."""
    about = desk.about_order(view.order)
    if not about.has_terms:
        return desk.not_found(visit)
    return _terms(desk, visit, about, f"../{view.order.watch_code}")


def _terms(desk: Desk, visit: Visit, about: About, back: str) -> web.Response:
    t, told = visit.t, about.merchant
    parts = (
        (t("terms"), paragraphs(told.terms)),
        (t("refund_policy"), paragraphs(told.refund_policy)),
    )
    return desk.page(
        visit,
        "terms.html",
        title=f"{t('terms_and_refunds')} · {about.name}",
        about=about,
        parts=[part for part in parts if part[1]],
        lines=paragraphs(told.address, "\n"),
        gstin=told.gstin,
        back=back,
    )


def paragraphs(text: str, between: str = "\n\n") -> list[str]:
    """Return a text's paragraphs: what an empty line parts."""
    plain = "\n".join(line.strip() for line in text.splitlines())
    return [part.strip() for part in plain.split(between) if part.strip()]
