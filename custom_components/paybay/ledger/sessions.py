"""The ledger's view of one bay: who has the relay, who waits for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ..domain.orders import (
    ENDED,
    RUNNING,
    ClaimedBy,
    Order,
    OrderState,
    OrderStep,
    PaidBy,
)
from ..domain.refunds import undelivered
from ..domain.timeline import Entry, measured
from ..domain.view import CUSTOMER, INTERRUPTED
from . import bays, cash, deliveries, orders, payments, refunds
from .deliveries import Delivery, DeliveryState

_IN_LINE = (OrderState.PAID, OrderState.CREATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A bay's open business.

    `order` has the relay (or is paused), `delivery` is its open stretch, `ended_ms`
    when it was last seen running, `accounted_ms` what the last interruption that is
    in the ledger left it with; `waiting` is paid, `offered` not yet.
    """

    order: Order | None
    delivery: Delivery | None
    ended_ms: int
    accounted_ms: int | None
    waiting: tuple[Order, ...]
    offered: tuple[Order, ...]
    in_service: bool = True


def desk(connection: Connection, bay_id: str) -> Desk:
    """Read a bay's open business."""
    delivery = next(iter(deliveries.open_ones(connection, bay_id)), None)
    found = orders.of_bay(connection, bay_id, [*RUNNING, *_IN_LINE])
    order = next((o for o in found if o.state in RUNNING), None)
    if delivery is not None:
        order = orders.get(connection, delivery.order_id)
    in_line = [o for o in found if order is None or o.id != order.id]
    stretches = deliveries.of_order(connection, order.id) if order else ()
    return Desk(
        order=order,
        delivery=delivery,
        ended_ms=_ended_ms(stretches),
        accounted_ms=_accounted_ms(stretches),
        waiting=tuple(o for o in in_line if o.state is OrderState.PAID),
        offered=tuple(o for o in in_line if o.state is OrderState.CREATED),
        in_service=bays.in_service(connection, bay_id),
    )


def started(connection: Connection, delivery: Delivery, at_ms: int) -> Order:
    """Record proof that the relay is on since `at_ms`."""
    deliveries.proven(connection, delivery.id, at_ms)
    order = orders.get(connection, delivery.order_id)
    step = OrderStep.RESUME if order.state is OrderState.PAUSED else OrderStep.START
    return orders.step(connection, order.id, step, at_ms, reason=None)


def paused(
    connection: Connection, delivery: Delivery, ran_ms: int, reason: str, at_ms: int
) -> Order:
    """Close a stretch whose order is owed more."""
    _close(connection, delivery, ran_ms, reason, at_ms)
    order = orders.get(connection, delivery.order_id)
    if order.state is not OrderState.CHARGING:
        resumed = order.state is OrderState.PAUSED
        step = OrderStep.RESUME if resumed else OrderStep.START
        orders.step(connection, order.id, step, at_ms)
    return orders.step(connection, order.id, OrderStep.PAUSE, at_ms, reason=reason)


def joined(
    connection: Connection, session_id: str, queued: Iterable[Order], at_ms: int
) -> None:
    """Store that these orders follow in a running session, before its relay is told."""
    for order in queued:
        # Whoever started the session started it for those who queue behind it.
        orders.claim(connection, order.id, ClaimedBy.QUEUE, at_ms)
        orders.change(connection, order.id, session_id=session_id)
        orders.note(connection, order.id, at_ms, Entry.JOINED, session=session_id)


def handed_over(
    connection: Connection,
    delivery: Delivery,
    following: Order,
    reason: str,
    at_ms: int,
) -> tuple[Order, Order, Delivery]:
    """End a delivered order and go on with the next, the relay staying on.

    Return both orders and the new open stretch. `at_ms` is when the one became the
    other. A stop that was asked of the session meets the next order; one that was
    asked by the first one's customer does not.
    """
    _close(connection, delivery, delivery.planned_ms, reason, at_ms)
    order = orders.get(connection, delivery.order_id)
    ended = orders.step(connection, order.id, OrderStep.COMPLETE, at_ms, reason=reason)
    begun = deliveries.go_on(connection, delivery, following, at_ms)
    asked = order.stop_reason if order.stop_reason != CUSTOMER else None
    started = orders.step(
        connection,
        following.id,
        OrderStep.START,
        at_ms,
        reason=None,
        stop_reason=asked,
    )
    return ended, started, begun


def stop_asked(connection: Connection, order_id: str, reason: str, at_ms: int) -> bool:
    """Store that an order that runs is to end; return False if it was known."""
    order = orders.get(connection, order_id)
    if order.state in ENDED or order.stop_reason is not None:
        return False
    orders.change(connection, order_id, stop_reason=reason)
    orders.note(connection, order_id, at_ms, Entry.STOP_ASKED, reason=reason)
    return True


def abandoned(
    connection: Connection,
    delivery: Delivery,
    reason: str,
    at_ms: int,
    *,
    ran_ms: int = 0,
) -> Order:
    """Close a stretch that was never proven; its order stands as before."""
    _close(connection, delivery, ran_ms, reason, at_ms)
    return orders.get(connection, delivery.order_id)


def ended(
    connection: Connection,
    order_id: str,
    delivery: Delivery | None,
    *,
    ran_ms: int,
    reason: str,
    complete: bool,
    keep_rest: bool = False,
    at_ms: int,
) -> Order:
    """End an order: close its stretch, and owe back what it did not get.

    With `keep_rest` the bay's rules say that it does not go back.
    """
    if delivery is not None:
        _close(connection, delivery, ran_ms, reason, at_ms)
    order = orders.get(connection, order_id)
    if order.state is OrderState.PAID:
        orders.step(connection, order.id, OrderStep.START, at_ms)
    step = OrderStep.COMPLETE if complete else OrderStep.STOP
    order = orders.step(connection, order.id, step, at_ms, reason=reason)
    if not complete and keep_rest:
        _keep_rest(connection, order, reason, at_ms)
    elif not complete:
        _owe_rest(connection, order, reason, at_ms)
    return order


def given_up(connection: Connection, order_id: str, reason: str, at_ms: int) -> Order:
    """Give up a paid order that never ran, and owe all of it back."""
    order = orders.step(connection, order_id, OrderStep.GIVE_UP, at_ms, reason=reason)
    _owe_rest(connection, order, reason, at_ms)
    return order


def release_queue(
    connection: Connection, bay_id: str, *, start_by_ms: int | None, at_ms: int
) -> list[Order]:
    """Let the orders that queued behind a session go on, or give them up.

    Their start window counts from the session's end: `start_by_ms`. None means that
    the session did not complete; then the queue is given up and returned.
    """
    queued = orders.of_bay(connection, bay_id, [OrderState.PAID])
    if start_by_ms is None:
        return [given_up(connection, o.id, "queue_broken", at_ms) for o in queued]
    for order in queued:
        # Whoever started the session started it for those who queued behind it.
        orders.claim(connection, order.id, ClaimedBy.QUEUE, at_ms)
        orders.change(connection, order.id, session_id=None)
        if (order.start_by_ms or 0) < start_by_ms:
            orders.change(connection, order.id, start_by_ms=start_by_ms)
    return []


def _close(
    connection: Connection, delivery: Delivery, ran_ms: int, reason: str, at_ms: int
) -> None:
    deliveries.close(connection, delivery.id, ran_ms=ran_ms, reason=reason, at_ms=at_ms)
    closed = deliveries.get(connection, delivery.id)
    orders.note(
        connection,
        delivery.order_id,
        at_ms,
        Entry.DELIVERED,
        ran_ms=ran_ms,
        measured=measured(reason, ran_ms=ran_ms, checkpoint_ms=delivery.ran_ms),
        reason=reason,
        mwh=closed.ran_mwh if closed.meter_mwh is not None or closed.ran_mwh else None,
    )


def _keep_rest(connection: Connection, order: Order, reason: str, at_ms: int) -> None:
    rest = undelivered(order.price, order)
    orders.note(
        connection, order.id, at_ms, Entry.REST_KEPT, minor=rest.minor, reason=reason
    )


def _owe_rest(connection: Connection, order: Order, reason: str, at_ms: int) -> None:
    if order.paid_by is PaidBy.CASH:
        cash.owe_back(connection, order, reason, at_ms)
        return
    for payment in payments.of_order(connection, order.id)[:1]:
        rest = undelivered(payment.amount, order)
        refunds.owe(connection, payment, rest, reason, at_ms)


def _ended_ms(stretches: Sequence[Delivery]) -> int:
    """Return when an order last ran; starts that failed since do not count."""
    closed = [d for d in stretches if d.state is DeliveryState.CLOSED]
    ran = [d for d in closed if d.ran_ms] or closed[:1]
    return ran[-1].ended_ms or 0 if ran else 0


def _accounted_ms(stretches: Sequence[Delivery]) -> int | None:
    own = [d for d in stretches if d.session_id == d.order_id]
    told = [d.ran_ms for d in own if d.reason == INTERRUPTED]
    return told[-1] if told else None
