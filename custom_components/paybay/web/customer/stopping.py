"""Ending an order of one's own: what comes back is said first."""

from http import HTTPStatus

from aiohttp import web

from ...bay import NothingToStopError, StopRefusedError
from ...domain.order_view import OrderView
from ...domain.view import CUSTOMER
from . import answers, wording
from .desk import Desk
from .forms import BadFormError, read_form
from .order_page import can_stop, can_withdraw
from .orders import urls_of
from .visit import Visit

WITHDRAW = "withdraw"
"""What the form says that was shown for an order that had not begun."""


async def ask(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """Answer with what ending it now would mean; nothing is changed."""
    order, (_, bay) = view.order, desk.bay_of(view.order)
    live, moment, t = desk.live(order), desk.moment(order.site_id), visit.t
    waits = can_withdraw(order, live)
    if bay is None or not (waits or can_stop(order, live)):
        return visit.finish(answers.see_other(urls_of(view)["page"]))
    back = await bay.comes_back(order.id)
    amount = wording.money(back)
    if waits:
        left = t("withdraw_waits")
        comes_back = t("withdraw_refund", amount=amount)
    else:
        left_ms = live.ends_ms - moment.now_ms if live.ends_ms else order.left_ms
        time, count = wording.duration(t, left_ms), wording.how_many(left_ms)
        left = t("stop_left", count=count, time=time)
        comes_back = t("stop_refund", amount=amount) if back.minor else ""
    return desk.page(
        visit,
        "stop.html",
        title=t("withdraw_title" if waits else "stop_title"),
        about=desk.about_order(order),
        test_mode=order.test_mode,
        left=left,
        comes_back=comes_back or t("stop_nothing"),
        what=WITHDRAW if waits else "stop",
        yes=t("withdraw_yes" if waits else "stop_yes"),
        no=t("withdraw_no" if waits else "stop_no"),
        action=urls_of(view)["stop"],
        back=urls_of(view)["page"],
    )


async def stop(desk: Desk, visit: Visit, view: OrderView) -> web.Response:
    """End the order for its customer, as the form that was shown said."""
    try:
        form = await read_form(visit.request)
    except BadFormError as err:
        return desk.bad_form(visit, err.status)
    order, (_, bay) = view.order, desk.bay_of(view.order)
    if bay is None:
        return desk.not_ready(visit)
    try:
        if form.get("what") == WITHDRAW:
            await bay.withdraw(order.id)
        else:
            await bay.stop(CUSTOMER, order.id)
    except NothingToStopError, StopRefusedError:
        return desk.message(
            visit,
            "title_error",
            "stop_not_possible",
            HTTPStatus.CONFLICT,
            bay_id=order.bay_id,
        )
    return visit.finish(answers.see_other(urls_of(view)["page"]))
