"""What the control API can do: one function for each POST."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from .desk import Desk
from .errors import Json
from .faults import ApiFault, set_knobs
from .models import Link, Payment, QrCode, Refund

type Action = Callable[[Desk, web.Request, Json], Any]


def _pay(desk: Desk, _: web.Request, body: Json) -> Payment:
    name = str(body.pop("link", None) or body.pop("reference_id", ""))
    body.pop("reference_id", None)
    return desk.pay(name, body.pop("outcome", "success"), **body)


def _expire(desk: Desk, request: web.Request, _: Json) -> Link:
    return desk.expire(request.match_info["id"])


def _scan(desk: Desk, _: web.Request, body: Json) -> Payment:
    return desk.scan(str(body.pop("qr_code", "")), **body)


def _close_qr_code(desk: Desk, request: web.Request, _: Json) -> QrCode:
    return desk.close_qr_code(request.match_info["id"])


def _settle(desk: Desk, request: web.Request, _: Json) -> Payment:
    return desk.settle(request.match_info["id"])


def _fail(desk: Desk, request: web.Request, _: Json) -> Payment:
    return desk.fail(request.match_info["id"])


def _dispute(desk: Desk, request: web.Request, _: Json) -> Json:
    return desk.dispute(request.match_info["id"])


def _refund(desk: Desk, request: web.Request, body: Json) -> Refund:
    amount = body.pop("amount", None) or None
    return desk.refund(request.match_info["id"], amount, **body)


def _settle_refund(desk: Desk, request: web.Request, body: Json) -> Refund:
    return desk.settle_refund(request.match_info["id"], **body)


def _foreign_payment(desk: Desk, _: web.Request, body: Json) -> Payment:
    return desk.foreign_payment(**body)


def _set_faults(desk: Desk, _: web.Request, body: Json) -> Json:
    desk.faults.update(body)
    return desk.faults.as_json()


def _add_api_fault(desk: Desk, _: web.Request, body: Json) -> Json:
    if "kind" in body:
        body["kind"] = str(body["kind"])
    if "times" in body and not isinstance(body["times"], int):
        body["times"] = None
    desk.faults.api.append(ApiFault(**body))
    return desk.faults.as_json()


def _reset_faults(desk: Desk, _: web.Request, _body: Json) -> Json:
    desk.faults.reset()
    return desk.faults.as_json()


def _set_quirks(desk: Desk, _: web.Request, body: Json) -> None:
    set_knobs(desk.quirks, body)


def _resend(desk: Desk, request: web.Request, _: Json) -> None:
    desk.webhooks.resend(request.match_info["id"])


def _add_endpoint(desk: Desk, _: web.Request, body: Json) -> Json:
    if not body.get("url"):
        raise ValueError("a webhook needs a URL")
    desk.webhooks.add(
        str(body["url"]), str(body["secret"]) if body.get("secret") else None
    )
    return {"index": len(desk.webhooks.endpoints) - 1}


def _change_endpoint(desk: Desk, request: web.Request, body: Json) -> None:
    endpoint = desk.webhooks.endpoints[int(request.match_info["index"])]
    if secret := body.pop("secret", None):
        endpoint.rotate(str(secret))
    if not body.get("url", True):
        raise ValueError("a webhook needs a URL")
    set_knobs(endpoint, body)


def _set_clock(desk: Desk, _: web.Request, body: Json) -> Json:
    if scale := body.get("scale"):
        desk.clock.set_scale(float(scale))
    desk.clock.advance(float(body.get("advance_s", 0)))
    if retry_scale := body.get("retry_scale"):
        desk.webhooks.retry_scale = float(retry_scale)
    return {"now": desk.clock.now()}


ACTIONS: dict[str, Action] = {
    "pay": _pay,
    "links/{id}/expire": _expire,
    "scan": _scan,
    "qr_codes/{id}/close": _close_qr_code,
    "payments/{id}/settle": _settle,
    "payments/{id}/fail": _fail,
    "payments/{id}/dispute": _dispute,
    "payments/{id}/refund": _refund,
    "refunds/{id}/settle": _settle_refund,
    "foreign_payment": _foreign_payment,
    "faults": _set_faults,
    "faults/api": _add_api_fault,
    "faults/reset": _reset_faults,
    "quirks": _set_quirks,
    "events/{id}/resend": _resend,
    "endpoints": _add_endpoint,
    "endpoints/{index}": _change_endpoint,
    "clock": _set_clock,
}
