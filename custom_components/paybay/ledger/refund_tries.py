"""Tries to send a refund: each is stored before the provider is asked."""

from sqlalchemy import Connection

from ..domain.refunds import GIVEN, RefundProblem, RefundState, RefundStep, gap_ms
from ..domain.timeline import Entry
from . import payments, refunds
from .refunds import Refund


def begin(connection: Connection, key: str, at_ms: int) -> Refund | None:
    """Store that the provider is about to be asked, and when to ask again.

    None, and nothing stored, when it must not be asked: the refund is settled
    meanwhile, nobody approved it, or the payment would be given back more than once.
    """
    refund = refunds.get(connection, key)
    values = {
        "attempts": refund.attempts + 1,
        "next_ms": at_ms + gap_ms(refund.attempts + 1),
    }
    if refund.state is RefundState.SENT:
        return refunds.change(connection, key, at_ms, **values)
    due = refund.state is RefundState.DUE and refund.approved_by is not None
    if not due or not _fits(connection, refund):
        return None
    refunds.tell(connection, refund, at_ms, Entry.REFUND_SENT)
    return refunds.move(connection, refund, RefundStep.SEND, at_ms, **values)


def unanswered(connection: Connection, key: str, at_ms: int) -> None:
    """Store that no usable answer came; the same key will be asked for again."""
    refund = refunds.get(connection, key)
    if refund.state is RefundState.SENT:
        problem = RefundProblem.UNREACHABLE
        refunds.change(connection, key, at_ms, problem=problem)


def postpone(
    connection: Connection,
    key: str,
    problem: RefundProblem | None,
    answer: str | None,
    at_ms: int,
) -> Refund:
    """Take back a try that the provider refused: the refund is due as before."""
    refund = refunds.get(connection, key)
    if refund.state is not RefundState.SENT:
        return refund
    if refund.problem is not problem:
        refunds.tell(connection, refund, at_ms, Entry.REFUND_POSTPONED, problem=problem)
    return refunds.move(
        connection,
        refund,
        RefundStep.POSTPONE,
        at_ms,
        problem=problem,
        answer=answer,
        refusals=refund.refusals + 1,
    )


def refused(connection: Connection, key: str, answer: str, at_ms: int) -> Refund:
    """Store that the provider will not do it; the owner decides."""
    refund = refunds.get(connection, key)
    if refund.state is not RefundState.SENT:
        return refund
    problem = RefundProblem.REFUSED
    refunds.tell(connection, refund, at_ms, Entry.REFUND_FAILED, problem=problem)
    return refunds.move(
        connection, refund, RefundStep.FAIL, at_ms, problem=problem, answer=answer
    )


def _fits(connection: Connection, refund: Refund) -> bool:
    """Return whether this would give back no more than was paid."""
    payment = payments.find(connection, refund.payment_id)
    given = refunds.total(connection, refund.payment_id, GIVEN)
    return payment is not None and given + refund.amount.minor <= payment.amount.minor
