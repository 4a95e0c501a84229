"""Payments and the events that told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from ..domain.money import Money
from ..domain.notices import Channel, Notice, PaymentFact, PaymentStatus
from ..domain.payments import FIRST_ASK_MS, is_incomplete
from ..domain.timeline import Entry
from .orders import note
from .schema import orders, payment_events, payments

_ATTEMPTS = {
    PaymentStatus.AUTHORIZED: Entry.PAYMENT_AUTHORIZED,
    PaymentStatus.FAILED: Entry.PAYMENT_FAILED,
}


class Verdict(StrEnum):
    """What became of a notice."""

    CREDITED = "credited"
    """A payment was credited to an order just now."""
    KNOWN = "known"
    """This event or this payment was credited before."""
    NOTED = "noted"
    """It concerns us but moves no money: a failed attempt, an expired link."""
    UNMATCHED = "unmatched"
    """It names no order of ours; its payment will be looked up."""
    UNREADABLE = "unreadable"
    """It is signed and makes no sense to us."""
    EXTRA = "extra"
    """Captured money for an order that was paid already: to be refunded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A credited payment, as the ledger has it."""

    id: str
    order_id: str
    amount: Money
    refunded_minor: int
    rrn: str | None
    created_ms: int


def event_verdict(
    connection: Connection, site_id: str, event_id: str
) -> Verdict | None:
    """Return what became of an event, or None if it is new."""
    where = payment_events.c.site_id == site_id, payment_events.c.id == event_id
    verdict = connection.execute(select(payment_events.c.verdict).where(*where))
    found = verdict.scalar_one_or_none()
    return Verdict(found) if found else None


def add_event(
    connection: Connection, site_id: str, notice: Notice, verdict: Verdict, at_ms: int
) -> None:
    """Store that a webhook's event was seen, and what became of it."""
    connection.execute(
        insert(payment_events).values(
            site_id=site_id,
            id=notice.event_id,
            kind=notice.kind[:64],
            payment_id=notice.payment.id if notice.payment else None,
            received_ms=at_ms,
            channel=notice.channel,
            verdict=verdict,
        )
    )


def settle_events(connection: Connection, site_id: str, payment_id: str) -> None:
    """Mark a payment's unmatched events as known, now that it was credited."""
    where = (
        payment_events.c.site_id == site_id,
        payment_events.c.payment_id == payment_id,
        payment_events.c.verdict == Verdict.UNMATCHED,
    )
    connection.execute(
        update(payment_events).where(*where).values(verdict=Verdict.KNOWN)
    )


def unmatched(
    connection: Connection, site_id: str, since_ms: int, kinds: Sequence[str]
) -> list[str]:
    """Return payment ids of unmatched events of these kinds since a time."""
    where = (
        payment_events.c.site_id == site_id,
        payment_events.c.verdict == Verdict.UNMATCHED,
        payment_events.c.payment_id.is_not(None),
        payment_events.c.received_ms >= since_ms,
        payment_events.c.kind.in_(kinds),
    )
    found = select(payment_events.c.payment_id).where(*where).distinct()
    return list(connection.execute(found).scalars())


def find(connection: Connection, payment_id: str) -> Payment | None:
    """Return a credited payment."""
    where = payments.c.id == payment_id
    row = connection.execute(select(payments).where(where)).first()
    if row is None:
        return None
    return Payment(
        id=row.id,
        order_id=row.order_id,
        amount=Money(row.amount_minor, row.currency),
        refunded_minor=row.refunded_minor,
        rrn=row.rrn,
        created_ms=row.created_ms,
    )


def of_order(connection: Connection, order_id: str) -> list[Payment]:
    """Return an order's payments: the credited one, then what came on top of it."""
    where = payments.c.order_id == order_id
    # Not by time alone: the wall clock may have been set back between two payments.
    order_by = payments.c.verdict != Verdict.CREDITED, payments.c.seen_ms, payments.c.id
    ids = select(payments.c.id).where(where).order_by(*order_by)
    found = (
        find(connection, payment_id)
        for payment_id in list(connection.execute(ids).scalars())
    )
    return [payment for payment in found if payment]


def add(
    connection: Connection,
    fact: PaymentFact,
    order_id: str,
    *,
    channel: Channel,
    verdict: Verdict,
    at_ms: int,
) -> None:
    """Store a captured payment; a second row for the same id is refused."""
    connection.execute(
        insert(payments).values(
            id=fact.id,
            order_id=order_id,
            amount_minor=fact.amount.minor,
            currency=fact.amount.currency,
            method=fact.method,
            rrn=fact.rrn,
            fee_minor=fact.fee_minor,
            tax_minor=fact.tax_minor,
            refunded_minor=fact.refunded_minor,
            created_ms=fact.created_s * 1000,
            seen_ms=at_ms,
            channel=channel,
            verdict=verdict,
            ask_ms=at_ms + FIRST_ASK_MS if is_incomplete(fact) else None,
        )
    )
    note(
        connection,
        order_id,
        at_ms,
        Entry.PAYMENT,
        payment=fact.id,
        minor=fact.amount.minor,
        channel=channel,
        verdict=verdict,
        method=fact.method,
        **_details(fact),
    )


def note_attempt(
    connection: Connection, order_id: str, fact: PaymentFact, at_ms: int
) -> None:
    """Tell of a payment that took no money (yet) on the order's timeline."""
    entry = _ATTEMPTS.get(fact.status)
    if entry:
        method = fact.method
        note(connection, order_id, at_ms, entry, payment=fact.id, method=method)


def of_site(site_id: str) -> ColumnElement[bool]:
    """Say that a payment is a site's; no join, which would begin at all its orders."""
    ours = orders.c.id == payments.c.order_id, orders.c.site_id == site_id
    return exists().where(*ours)


def last_channel(connection: Connection, site_id: str) -> Channel | None:
    """Return how a site's newest payment reached us."""
    query = select(payments.c.channel).where(of_site(site_id))
    newest = query.order_by(payments.c.seen_ms.desc())
    found = connection.execute(newest.limit(1)).scalar_one_or_none()
    return Channel(found) if found else None


def refresh(connection: Connection, fact: PaymentFact, at_ms: int) -> None:
    """Fill in what the provider only knew later (fee, tax, RRN, refunded)."""
    row = connection.execute(select(payments).where(payments.c.id == fact.id)).first()
    if row is None:
        return
    news = {
        key: value
        for key, value in _details(fact).items()
        if value is not None and value != row._mapping[key]  # noqa: SLF001
    }
    # Once the fee and the bank's number are there, nobody needs to ask again.
    values = news if is_incomplete(fact) else {**news, "ask_ms": None}
    refunded_minor = max(row.refunded_minor, fact.refunded_minor)
    connection.execute(
        update(payments)
        .where(payments.c.id == fact.id)
        .values(refunded_minor=refunded_minor, **values)
    )
    if news:
        entry = Entry.PAYMENT_DETAILS
        note(connection, row.order_id, at_ms, entry, payment=fact.id, **news)


def _details(fact: PaymentFact) -> dict[str, str | int | None]:
    return {
        "rrn": fact.rrn,
        "fee_minor": fact.fee_minor,
        "tax_minor": fact.tax_minor,
    }
