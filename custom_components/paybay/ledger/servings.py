"""Serving an order after all: its time in place of its money, decided at once.

One transaction sees that the refund has not been sent, gives it up, and lets the order
wait for its bay again. A refund that is being sent at the same moment comes first or
second, never in between.
"""

from sqlalchemy import Connection

from ..domain.orders import OFFERED, ClaimedBy, Order, OrderState, OrderStep, PaidBy
from ..domain.refunds import GIVEN, UNSETTLED, RefundProblem, RefundState, RefundStep
from ..domain.timeline import Entry
from ..domain.view import CRUMB_MS, INTERRUPTED
from . import cash, deliveries, orders, payments, refunds, sessions
from .payments import Payment

SERVABLE = frozenset({OrderState.UNDELIVERED, OrderState.STOPPED})
_RESUMABLE = frozenset({INTERRUPTED, "device_forgot"})


class ServeRefusedError(Exception):
    """The order cannot be served now; nothing was changed.

    `reason`: `not_paid`, `nothing_bought` (its money bought no time), `still_open`,
    `delivered`, `refund_sent` (or made), `settled` (by the owner), `finished` (its
    device starts no order twice), `bay_busy`, `bay_away` or `bay_gone`.
    """

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


def serve(
    connection: Connection,
    order_id: str,
    *,
    keeps_time: bool,
    start_by_ms: int,
    at_ms: int,
) -> Order:
    """Let an order that ended with time owed wait for its bay, claimed, until a time.

    `keeps_time` says whether the bay's device keeps its own account. Raise
    ServeRefusedError or UnknownOrderError.
    """
    if reason := why_not(connection, order_id, keeps_time=keeps_time):
        raise ServeRefusedError(reason)
    if (order := orders.get(connection, order_id)).paid_by is PaidBy.CASH:
        cash.serve_instead(connection, order)
    for refund in _given_up(connection, orders.get(connection, order_id)):
        problem = RefundProblem.SERVED
        refunds.move(connection, refund, RefundStep.WAIVE, at_ms, problem=problem)
        refunds.tell(connection, refund, at_ms, Entry.REFUND_SETTLED, by=problem)
    return orders.step(
        connection,
        order_id,
        OrderStep.SERVE,
        at_ms,
        reason=None,
        stop_reason=None,
        start_by_ms=start_by_ms,
        claim_by_ms=None,
        claimed_by=ClaimedBy.ACTION,
    )


def why_not(connection: Connection, order_id: str, *, keeps_time: bool) -> str | None:
    """Return why an order cannot be served now, None if it can."""
    order = orders.get(connection, order_id)
    payment = next(iter(payments.of_order(connection, order_id)), None)
    if (payment is None and order.paid_by is PaidBy.ONLINE) or order.state in OFFERED:
        return "not_paid"
    return (
        _time_says_no(order)
        or _money_says_no(connection, order, payment)
        or _bay_says_no(connection, order, keeps_time=keeps_time)
    )


def _time_says_no(order: Order) -> str | None:
    if order.owed_ms == 0:
        return "nothing_bought"
    if order.state is OrderState.COMPLETED or order.left_ms <= CRUMB_MS:
        return "delivered"
    return None if order.state in SERVABLE else "still_open"


def _money_says_no(
    connection: Connection, order: Order, payment: Payment | None
) -> str | None:
    if payment is None:
        return "settled" if order.cash_back_ms is not None else None
    if payment.refunded_minor or refunds.total(connection, payment.id, GIVEN):
        return "refund_sent"
    waived = refunds.of_payment(connection, payment.id, {RefundState.WAIVED})
    if any(refund.problem is None for refund in waived):
        return "settled"
    return None


def _bay_says_no(
    connection: Connection, order: Order, *, keeps_time: bool
) -> str | None:
    desk = sessions.desk(connection, order.bay_id)
    if desk.order is not None or desk.waiting:
        return "bay_busy"
    return "finished" if keeps_time and _is_finished(connection, order) else None


def _given_up(connection: Connection, order: Order) -> list[refunds.Refund]:
    return [
        refund
        for payment in payments.of_order(connection, order.id)[:1]
        for refund in refunds.of_payment(connection, payment.id, UNSETTLED - GIVEN)
    ]


def _is_finished(connection: Connection, order: Order) -> bool:
    """Return whether a device that keeps account would refuse to go on.

    It does with an order that it was told to stop: a start that got lost must never
    come true later.
    """
    ran = [d for d in deliveries.of_order(connection, order.id) if d.ran_ms]
    return bool(ran) and ran[-1].reason not in _RESUMABLE
