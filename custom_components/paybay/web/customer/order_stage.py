"""Where an order stands, as its customer sees it: finer than its state."""

from dataclasses import dataclass
from enum import StrEnum

from ...bay import Bay
from ...domain.bay import BayStatus, BusyPolicy, RestPolicy
from ...domain.orders import RUNNING, Order, OrderState
from ...domain.view import CUSTOMER
from .bay_page import why_shut


class Stage(StrEnum):
    """The headline of an order's page; each has a text `state_<stage>`."""

    WAITING = "waiting"
    PREPARING = "preparing"
    ENDED_OFFER = "ended_offer"
    PAID = "paid"
    QUEUED = "queued"
    STARTING = "starting"
    CHARGING = "charging"
    UNSURE = "unsure"
    STOPPING = "stopping"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    UNDELIVERED = "undelivered"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What only the bay at work knows of an order; all defaults while it is gone.

    `has_relay`: the relay is on for it, or paused for it. `busy`: for another one.
    `shut`: why nobody who pays now is served, if so.
    """

    bay_there: bool = False
    bay_name: str = ""
    status: BayStatus = BayStatus.OFFLINE
    has_relay: bool = False
    busy: bool = False
    ends_ms: int | None = None
    ahead_ms: int = 0
    customer_stop: bool = False
    top_up: bool = False
    rest: RestPolicy = RestPolicy.REFUND_REST
    resume_window_s: int = 0
    shut: str | None = "not_ready"


def live_of(bay: Bay | None, order: Order, now_ms: int, *, is_open: bool) -> Live:
    """Return what a bay knows of an order now; its site may not be `is_open`."""
    if bay is None:
        return Live()
    config, face = bay.config, bay.face
    has_relay = face.order_id == order.id
    ahead_ms = 0 if has_relay or face.order_ends_ms is None else face.order_ends_ms
    return Live(
        bay_there=True,
        bay_name=config.name,
        status=face.status,
        has_relay=has_relay,
        busy=face.order_id is not None and not has_relay,
        ends_ms=face.order_ends_ms if has_relay else None,
        ahead_ms=max(0, ahead_ms - now_ms),
        customer_stop=config.customer_stop,
        top_up=config.busy is BusyPolicy.TOP_UP,
        rest=config.rest,
        resume_window_s=config.resume_window_s,
        shut=why_shut(face, is_open=is_open),
    )


def stage_of(order: Order, live: Live, now_ms: int) -> Stage:
    """Return where an order stands."""
    match order.state:
        case OrderState.CREATED:
            return _unpaid(order, now_ms)
        case OrderState.PAID:
            return _paid(live)
        case OrderState.UNDELIVERED if order.reason == CUSTOMER:
            return Stage.WITHDRAWN
        case state if state in RUNNING:
            return _running(order, live)
        case state:
            return Stage(state.value)


def _unpaid(order: Order, now_ms: int) -> Stage:
    if now_ms >= order.offer_ends_ms:
        return Stage.ENDED_OFFER
    return Stage.WAITING if order.link_url else Stage.PREPARING


def _paid(live: Live) -> Stage:
    if live.busy:
        return Stage.QUEUED
    return Stage.STARTING if live.has_relay else Stage.PAID


def _running(order: Order, live: Live) -> Stage:
    if order.stop_reason is not None:
        return Stage.STOPPING
    if not live.bay_there or live.status is BayStatus.OFFLINE:
        return Stage.UNSURE
    return Stage(order.state.value)
