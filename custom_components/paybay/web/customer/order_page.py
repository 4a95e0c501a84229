"""What an order's page shows: values only."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...domain.bay import RestPolicy
from ...domain.merchant import Merchant
from ...domain.order_view import OrderView, RefundView
from ...domain.orders import RUNNING, Order, OrderState
from ...domain.refunds import RefundProblem, RefundState
from ...domain.timeline import Entry
from . import wording
from .bay_page import Moment
from .order_stage import Live, Stage, stage_of
from .receipt import Receipt, receipt
from .texts import Texts

_TONES = {
    **dict.fromkeys((Stage.CHARGING, Stage.COMPLETED), "good"),
    **dict.fromkeys((Stage.UNDELIVERED, Stage.UNSURE), "bad"),
}
_POLL_S = {
    **dict.fromkeys((Stage.WAITING, Stage.PREPARING, Stage.PAID, Stage.STARTING), 2),
    **dict.fromkeys((Stage.STOPPING, Stage.ENDED_OFFER), 2),
    **dict.fromkeys((Stage.QUEUED, Stage.CHARGING, Stage.PAUSED, Stage.UNSURE), 5),
}
_OVER = frozenset(
    {
        Stage.COMPLETED,
        Stage.STOPPED,
        Stage.UNDELIVERED,
        Stage.WITHDRAWN,
        Stage.CANCELLED,
        Stage.EXPIRED,
    }
)
_LATE_POLL_S = 30
"""An order that ended: its refund moves on, or money comes after all."""
_FRESH_POLL_S = 5
_FRESH_MS = 120_000
"""How long after a refund moved its customer may be watching it."""
_OVER_MS = 3 * 24 * 3600 * 1000
_NO_START = frozenset(
    {
        "auto_off_failed",
        "driver_error",
        "no_proof",
        "offline",
        "out_of_reach",
        "unclaimed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Everything on an order's page.

    `poll_s` is how soon something may have changed; 0: nothing will.
    `gone_ms` of `total_ms` have been delivered while it runs, which ends at `ends_ms`.
    """

    stage: Stage
    tone: str
    bay: str
    headline: str
    lines: tuple[str, ...]
    ends_ms: int | None
    ends: str
    left: str
    gone_ms: int
    total_ms: int
    pay_url: str | None
    pay: str
    payee: str
    can_cancel: bool
    can_stop: bool
    can_withdraw: bool
    again: str | None
    refunds: tuple[str, ...]
    receipt: Receipt
    poll_s: int


def order_page(
    view: OrderView, live: Live, moment: Moment, merchant: Merchant, t: Texts
) -> OrderPage:
    """Return what to show of an order with a merchant."""
    order, stage = view.order, stage_of(view.order, live, moment.now_ms)
    ends_ms = live.ends_ms if stage is Stage.CHARGING else None
    left_ms = max(0, ends_ms - moment.now_ms) if ends_ms else 0
    pays = stage is Stage.WAITING and live.shut is None
    return OrderPage(
        stage=stage,
        tone=_TONES.get(stage, "wait"),
        bay=order.bay_name or live.bay_name,
        headline=t(f"state_{stage}"),
        lines=tuple(_lines(view, stage, live, moment, t)),
        ends_ms=ends_ms,
        ends=t("ends_at", time=_time(ends_ms, moment, t)) if ends_ms else "",
        left=wording.countdown(left_ms),
        gone_ms=max(0, order.owed_ms - left_ms),
        total_ms=order.owed_ms,
        pay_url=_web_address(order.link_url) if pays else None,
        pay=t("pay", price=wording.money(order.price)),
        payee=t("pay_only_to", merchant=merchant.name) if merchant.name else "",
        can_cancel=stage is Stage.WAITING,
        can_stop=can_stop(order, live),
        can_withdraw=can_withdraw(order, live),
        again=_again(stage, live, t),
        refunds=tuple(_refunds(view, moment, t)),
        receipt=receipt(view, merchant, moment, t),
        poll_s=_poll_s(view, stage, moment),
    )


def _web_address(url: str | None) -> str | None:
    """Return an address that a link may lead to: never a script."""
    return url if url and url.startswith(("https://", "http://")) else None


def can_stop(order: Order, live: Live) -> bool:
    """Return whether the customer may end this order now."""
    runs = order.state in RUNNING and live.has_relay
    return runs and live.customer_stop and order.stop_reason is None


def can_withdraw(order: Order, live: Live) -> bool:
    """Return whether the customer may call a paid order off that waits its turn."""
    return order.state is OrderState.PAID and live.busy and live.customer_stop


def _poll_s(view: OrderView, stage: Stage, moment: Moment) -> int:
    if stage in _POLL_S:
        return _POLL_S[stage]
    age_ms = moment.now_ms - view.order.created_ms
    if any(moment.now_ms - r.updated_ms < _FRESH_MS for r in view.refunds):
        return _FRESH_POLL_S
    never_paid = stage in (Stage.CANCELLED, Stage.EXPIRED)
    return _LATE_POLL_S if view.is_open or (never_paid and age_ms < _OVER_MS) else 0


def _time(at_ms: int, moment: Moment, t: Texts) -> str:
    return wording.time_of(t, at_ms, moment.now_ms, moment.zone)


def _again(stage: Stage, live: Live, t: Texts) -> str | None:
    """Return the words on the way back to the bay, if it is still there."""
    if not live.bay_there:
        return None
    if stage is Stage.CHARGING and live.top_up:
        return t("add_time")
    return t("again") if stage in _OVER else None


def _lines(
    view: OrderView, stage: Stage, live: Live, moment: Moment, t: Texts
) -> Iterator[str]:
    order = view.order
    match stage:
        case Stage.WAITING:
            yield _waiting(order, live, moment, t)
            if news := _news_of_payment(view):
                yield t(news)
        case Stage.PAID | Stage.STARTING if order.start_by_ms:
            yield t("line_paid", time=_time(order.start_by_ms, moment, t))
        case Stage.QUEUED:
            yield _queued(live, t)
        case Stage.PAUSED:
            left = wording.duration(t, order.left_ms)
            window = wording.duration(t, live.resume_window_s * 1000)
            count = wording.how_many(order.left_ms)
            yield t("line_paused", count=count, time=left, window=window)
            keeps = live.rest is RestPolicy.KEEP
            yield t("line_paused_keep" if keeps else "line_paused_rest")
        case Stage.COMPLETED | Stage.STOPPED | Stage.UNDELIVERED | Stage.WITHDRAWN:
            yield from _ended(view, stage, t)
        case Stage.CANCELLED | Stage.EXPIRED:
            yield t("line_cancelled" if stage is Stage.CANCELLED else "line_late")
        case Stage.PREPARING | Stage.ENDED_OFFER | Stage.UNSURE | Stage.STOPPING:
            yield t(f"line_{stage}")


def _waiting(order: Order, live: Live, moment: Moment, t: Texts) -> str:
    if live.shut is not None:
        return t(f"bay_{live.shut}")
    return t(
        "line_waiting",
        price=wording.money(order.price),
        time=_time(order.offer_ends_ms, moment, t),
        name=order.plan_name,
    )


def _news_of_payment(view: OrderView) -> str | None:
    tries = {
        Entry.PAYMENT_FAILED: "line_failed",
        Entry.PAYMENT_AUTHORIZED: "line_authorized",
    }
    found = [tries[Entry(row.what)] for row in view.timeline if row.what in set(tries)]
    return found[-1] if found else None


def _queued(live: Live, t: Texts) -> str:
    if not live.ahead_ms:
        return t("line_queued_soon")
    return t("line_queued", time=wording.duration(t, live.ahead_ms))


def _ended(view: OrderView, stage: Stage, t: Texts) -> Iterator[str]:
    order = view.order
    got = wording.duration(t, view.delivered_ms)
    if stage is Stage.COMPLETED:
        if order.energy_wh is not None and view.delivered_mwh is not None:
            got_wh = wording.energy(view.delivered_mwh)
            yield t("line_completed_energy", energy=got_wh, time=got)
        else:
            yield t("line_completed", time=got)
        return
    yield _reason(order, stage, t)
    if stage is Stage.STOPPED:
        owed = wording.duration(t, order.owed_ms)
        yield t("line_stopped", time=got, owed=owed)
    elif not view.refunds and view.paid.minor:
        yield t("refund_expected")


def _reason(order: Order, stage: Stage, t: Texts) -> str:
    if stage is Stage.WITHDRAWN:
        return t("reason_withdrawn")
    key = f"reason_{order.reason}"
    if t.has(key):
        return t(key)
    never_began = stage is Stage.UNDELIVERED or order.reason in _NO_START
    return t("reason_no_start" if never_began else "reason_device")


def _refunds(view: OrderView, moment: Moment, t: Texts) -> Iterator[str]:
    for refund in view.refunds:
        key = _refund_key(refund)
        if key is not None:
            time = wording.date_of(t, refund.updated_ms, moment.zone)
            yield t(key, amount=wording.money(refund.amount), time=time)


def _refund_key(refund: RefundView) -> str | None:
    """Return how to tell of a refund; None for one that another took over."""
    if refund.state is RefundState.REPLACED:
        return None
    if refund.state is RefundState.WAIVED:
        told = refund.problem in (RefundProblem.SERVED, RefundProblem.ELSEWHERE)
        return None if told else "refund_waived"
    return f"refund_{refund.state}"


def is_worth_showing(view: OrderView, moment: Moment, for_ms: int) -> bool:
    """Return whether a bay's page reminds its customer of this order."""
    if view.order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return False
    return view.is_open or moment.now_ms - view.order.created_ms < for_ms
