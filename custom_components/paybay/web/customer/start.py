"""A bay's page and its form: from a look to an order."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from ...bay import Bay, StartFailedError
from ...const import BAY_FIND, BAY_ORDERS, ORDER_PAGE
from ...domain.bay import BayStatus
from ...domain.orders import Order, OrderState
from ...domain.reference import MAX_CHARS, ReferencePolicy, ReferenceRefusedError
from ...ledger import LedgerError
from ...offers import OfferRefusedError
from ...providers.base import ProviderError, ProviderUnavailableError
from ...site import Site
from . import answers
from .about import About
from .bay_page import bay_page, refusal_text
from .desk import RETRY_S, Desk, Door
from .forms import BadFormError, read_form
from .order_page import is_worth_showing
from .order_stage import stage_of
from .texts import Texts
from .visit import Visit

REMEMBER_MS = 6 * 3600 * 1000
"""How long a bay's page reminds a browser of its order after it has ended."""
_LEFT_TO_PAY_MS = 120_000
_REFRESH_S = 20


async def show(
    desk: Desk,
    visit: Visit,
    bay_id: str,
    *,
    notice: str | None = None,
    status: HTTPStatus | None = None,
) -> web.Response:
    """Answer with a bay's page: what it sells, or why it sells nothing.

    `notice` says what did not work just now, and `status` is the answer's then.
    """
    door = desk.door(bay_id)
    if door is None:
        not_found = HTTPStatus.NOT_FOUND
        return desk.message(visit, "bay_unknown", "unknown_text", not_found)
    if door.site is None or door.bay is None:
        return desk.not_ready(visit, bay_id)
    try:
        board = await door.site.offers.board(door.bay)
        own = await _own_order(desk, visit, door)
    except LedgerError:
        return desk.not_ready(visit)
    moment, face = desk.moment(door.site.entry_id), door.bay.face
    if own and face.status is BayStatus.RESERVED:
        face = replace(face, status=BayStatus.AVAILABLE)
    page = bay_page(door.bay.config, face, board, moment, visit.t)
    about = desk.about_bay(bay_id) or About.of(desk.hass, door.entry_id)
    token = desk.tokens.make(visit.name_visitor(), bay_id, desk.unix_s)
    closed = page.status is HTTPStatus.SERVICE_UNAVAILABLE
    return desk.page(
        visit,
        "bay.html",
        title=f"{page.name} · {about.name}",
        about=about,
        status=status or page.status,
        retry_after_s=RETRY_S if closed else None,
        test_mode=door.test_mode,
        refresh_s=_REFRESH_S,
        page=page,
        notice=notice,
        own=own,
        token=token,
        action=BAY_ORDERS.format(bay=bay_id),
        find=BAY_FIND.format(bay=bay_id),
        field=_field(door.site.references.policy, visit.t),
    )


def _field(policy: ReferencePolicy | None, t: Texts) -> dict[str, Any] | None:
    """Return the field that asks a customer for a reference, if one does."""
    if policy is None:
        return None
    days = policy.retention_days
    return {
        "label": t(f"reference_{policy.kind}"),
        "required": policy.required,
        "max_chars": MAX_CHARS,
        "hint": t("reference_hint", count=days),
    }


async def _own_order(desk: Desk, visit: Visit, door: Door) -> dict[str, str] | None:
    """Return the order this browser made here, if it is still of interest."""
    view = await desk.find(visit.order) if visit.order else None
    if view is None or view.order.bay_id != door.bay_id:
        return None
    moment = desk.moment(view.order.site_id)
    if not is_worth_showing(view, moment, REMEMBER_MS):
        return None
    stage = stage_of(view.order, desk.live(view.order), moment.now_ms)
    return {"headline": visit.t(f"state_{stage}"), "url": _page_of(view.order)}


async def order(desk: Desk, visit: Visit, bay_id: str) -> web.Response:
    """Make the order a form asks for, and send the browser on to pay it."""
    try:
        form = await read_form(visit.request)
    except BadFormError as err:
        return desk.bad_form(visit, err.status, bay_id)
    door = desk.door(bay_id)
    if door is None or door.site is None or door.bay is None:
        return await show(desk, visit, bay_id)
    nonce = desk.tokens.nonce(
        form.get("token", ""), visit.visitor or "", bay_id, desk.unix_s
    )
    if nonce is None:
        notice = visit.t("error_form")
        return await show(
            desk, visit, bay_id, notice=notice, status=HTTPStatus.FORBIDDEN
        )
    if not desk.may_order(visit, bay_id):
        return desk.too_fast(visit, bay_id)
    site, bay, plan = door.site, door.bay, form.get("plan", "")
    try:
        reference = _reference(site, form)
        told = bool(form.get("reference", "").strip())
        made = await desk.once.do(
            f"{nonce} {plan}",
            lambda: _make(
                desk, visit.order, site, bay, plan, reference=reference, told=told
            ),
        )
        made = await _as_it_stands(desk, made)
    except _EXPECTED as err:
        notice, status = _explain(err, visit)
        return await show(desk, visit, bay_id, notice=notice, status=status)
    visit.remember_order(bay_id, made.watch_code)
    return visit.finish(answers.see_other(_next(desk, made)))


def _reference(site: Site, form: dict[str, str]) -> str | None:
    """Return what the customer wrote on the order, if anybody is asked.

    Raise ReferenceRefusedError.
    """
    policy = site.references.policy
    return policy.take(form.get("reference", "")) if policy else None


async def _make(
    desk: Desk,
    known: str | None,
    site: Site,
    bay: Bay,
    plan: str,
    *,
    reference: str | None,
    told: bool,
) -> Order:
    """Return the order to pay: this browser's unpaid one, or a new one.

    Where nothing is sold any more the unpaid one is not to be paid either. What was
    `told` with it stays if nothing is told now.
    An unpaid order for something else is called off first; if it was paid meanwhile
    it is what the customer gets.
    """
    view = await desk.find(known) if known else None
    mine = view.order if view and view.order.bay_id == bay.config.id else None
    if mine is None or mine.state is not OrderState.CREATED:
        return await site.offers.make(bay, plan, reference=reference)
    left_ms = mine.offer_ends_ms - site.clock.now_ms()
    same_price = plan in site.plans and site.plans[plan].price == mine.price
    if mine.plan_code == plan and same_price and left_ms > _LEFT_TO_PAY_MS:
        await site.offers.check(bay, plan, own_offers=1)
        if reference is not None and told:
            await site.references.change(mine, reference)
        return mine
    if mine.link_id is not None:
        await site.customer_orders.call_off(mine)
        mine = await _as_it_stands(desk, mine)
        if mine.state not in (OrderState.CREATED, OrderState.CANCELLED):
            return mine
    return await site.offers.make(bay, plan, reference=reference)


async def _as_it_stands(desk: Desk, order: Order) -> Order:
    view = await desk.find(order.watch_code)
    return view.order if view else order


_EXPECTED = (
    OfferRefusedError,
    ReferenceRefusedError,
    StartFailedError,
    ProviderError,
    LedgerError,
)


def _explain(err: Exception, visit: Visit) -> tuple[str, HTTPStatus]:
    """Return what to tell of an order that could not be made."""
    match err:
        case OfferRefusedError():
            return refusal_text(err.reason, visit.t), HTTPStatus.CONFLICT
        case ReferenceRefusedError():
            return visit.t(f"reference_{err.reason}"), HTTPStatus.BAD_REQUEST
        case StartFailedError():
            return visit.t("error_start"), HTTPStatus.SERVICE_UNAVAILABLE
        case ProviderUnavailableError():
            return visit.t("error_provider"), HTTPStatus.SERVICE_UNAVAILABLE
        case ProviderError():
            return visit.t("error_refused"), HTTPStatus.BAD_GATEWAY
        case _:
            return visit.t("error_ledger"), HTTPStatus.SERVICE_UNAVAILABLE


def _next(desk: Desk, order: Order) -> str:
    """Return where an order's customer goes from here: to pay, or to its page."""
    open_still = desk.moment(order.site_id).now_ms < order.offer_ends_ms
    if order.state is OrderState.CREATED and order.link_url and open_still:
        return order.link_url
    return _page_of(order)


def _page_of(order: Order) -> str:
    return ORDER_PAGE.format(watch=order.watch_code)
