"""The one door for news about money: each captured payment is credited once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import Connection

from .domain.bay import BayConfig, StartMode
from .domain.clock import Clock
from .domain.hours import day_began_ms, local_time
from .domain.money import Money
from .domain.notices import Channel, LinkStatus, Notice, PaymentFact
from .domain.orders import OFFERED, Order, OrderState, OrderStep
from .domain.plans import Plan
from .domain.rules import refusal
from .ledger import (
    Ledger,
    bays,
    orders,
    payments,
    refund_news,
    refunds,
    restored,
)
from .ledger.payments import Verdict
from .ledger.refunds import Refund
from .provider_time import ProviderTime
from .qr_sales import QrSales, Sale
from .unknown_orders import UnknownOrders

_OPEN = (Verdict.UNMATCHED, Verdict.UNREADABLE)
"""What became of events that are worth another look when they come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a notice, and the order it concerned.

    `refund` is one that was processed or failed with this notice.
    """

    verdict: Verdict
    order: Order | None = None
    refund: Refund | None = None


class Intake:
    """Feeds notices of any channel into the ledger, "seen" and "owed" in one go."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        bays: Mapping[str, BayConfig],
        on_taken: Callable[[Notice, Taken], None],
        *,
        plans: Mapping[str, Plan] = MappingProxyType({}),
        test_mode: bool = False,
        is_open: Callable[[], bool] = lambda: True,
        max_ms: Callable[[str], int | None] = lambda _bay_id: None,
        provider_time: ProviderTime | None = None,
    ) -> None:
        """`bays` gives the rules of each bay; `on_taken` is told after the commit.

        `plans` are what a printed QR code without an amount sells, by code;
        `test_mode` is whether its payments move no real money. Money that comes while
        the site is not `is_open` goes back. `max_ms` returns the longest session that a
        bay's device takes, if that is known; it is asked from the ledger's thread.
        `provider_time` tells how old a payment is where our clock is wrong.
        """
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._bays = bays
        self._qr_sales = QrSales(
            site_id, bays, plans, test_mode=test_mode, max_ms=max_ms
        )
        self._unknown = UnknownOrders(site_id, test_mode=test_mode)
        self._on_taken = on_taken
        self._is_open = is_open
        self._provider_time = provider_time or ProviderTime(clock)

    async def take(self, notice: Notice) -> Taken:
        """Store a notice durably; raise LedgerError if that could not be done."""
        now_ms = self._clock.now_ms()
        taken = await self._ledger.run(lambda c: self._store(c, notice, now_ms))
        self._on_taken(notice, taken)
        return taken

    async def take_unreadable(self, event_id: str) -> None:
        """Store that a signed event could not be read; raise LedgerError."""
        notice = Notice(channel=Channel.WEBHOOK, kind="unreadable", event_id=event_id)
        now_ms = self._clock.now_ms()

        def store(connection: Connection) -> None:
            if payments.event_verdict(connection, self._site_id, event_id) is None:
                verdict = Verdict.UNREADABLE
                payments.add_event(connection, self._site_id, notice, verdict, now_ms)

        await self._ledger.run(store)

    def _store(self, connection: Connection, notice: Notice, now_ms: int) -> Taken:
        seen = notice.event_id and payments.event_verdict(
            connection, self._site_id, notice.event_id
        )
        if seen and seen not in _OPEN:
            return Taken(verdict=Verdict.KNOWN)
        taken = self._apply(connection, notice, now_ms)
        if notice.event_id and not seen:
            payments.add_event(connection, self._site_id, notice, taken.verdict, now_ms)
        return taken

    def _apply(self, connection: Connection, notice: Notice, now_ms: int) -> Taken:
        if notice.qr is not None:
            self._qr_sales.note(connection, notice.qr, now_ms)
        taken = self._paid(connection, notice, now_ms)
        if notice.refund is None:
            return taken
        refund = refund_news.take(connection, notice.refund, now_ms)
        if refund is None:
            return taken
        order = orders.get(connection, refund.order_id)
        return replace(taken, refund=refund, order=order)

    def _paid(self, connection: Connection, notice: Notice, now_ms: int) -> Taken:
        if notice.payment is not None and notice.payment.captured:
            return self._captured(connection, notice, notice.payment, now_ms)
        order = self._order_of(connection, notice)
        if order is not None and notice.payment is not None:
            payments.note_attempt(connection, order.id, notice.payment, now_ms)
        if order is not None and order.state is OrderState.CREATED:
            order = _close_offer(connection, order, notice, now_ms)
        return Taken(verdict=Verdict.NOTED, order=order)

    def _captured(
        self, connection: Connection, notice: Notice, fact: PaymentFact, now_ms: int
    ) -> Taken:
        known = payments.find(connection, fact.id)
        if known is not None:
            payments.refresh(connection, fact, now_ms)
            known_order = orders.get(connection, known.order_id)
            return Taken(verdict=Verdict.KNOWN, order=known_order)
        sale = self._sale(connection, notice, fact, now_ms)
        if sale is None:
            return Taken(verdict=Verdict.UNMATCHED)
        order = sale.order
        fresh = order.state in OFFERED
        verdict = Verdict.CREDITED if fresh else Verdict.EXTRA
        payments.add(
            connection,
            fact,
            order.id,
            channel=notice.channel,
            verdict=verdict,
            at_ms=now_ms,
        )
        payments.settle_events(connection, self._site_id, fact.id)
        if fresh:
            order = self._credit(connection, sale, fact, now_ms)
        else:
            _owe_back(connection, fact.id, fact.amount, "paid_twice", now_ms)
        return Taken(verdict=verdict, order=order)

    def _sale(
        self, connection: Connection, notice: Notice, fact: PaymentFact, now_ms: int
    ) -> Sale | None:
        """Find the order that was paid.

        A printed QR code's is made now, and one for a link of ours whose order is lost.
        """
        if order := self._order_of(connection, notice):
            return Sale(order=order)
        sale = self._qr_sales.sell(connection, notice, fact, now_ms)
        return sale or self._unknown.make(connection, notice, fact, now_ms)

    def _credit(
        self, connection: Connection, sale: Sale, fact: PaymentFact, now_ms: int
    ) -> Order:
        """Owe the order's time from now on, or its money if it cannot be served."""
        order = sale.order
        bay = self._bays.get(order.bay_id)
        lost = restored.is_before(connection, fact.created_s * 1000)
        made_ms = self._provider_time.by_our_clock(fact.created_s * 1000, now_ms)
        late = bay is not None and now_ms > _start_by_ms(bay, made_ms)
        why_not = sale.refusal or _refusal(
            order, bay, fact, late=late, is_open=self._is_open(), lost=lost
        )
        if why_not is None and bay is not None:
            paid_ms = min(now_ms, made_ms)
            why_not = self._by_rules(connection, bay, order, paid_ms, now_ms)
        if why_not is not None or bay is None:
            reason = why_not or "bay_gone"
            _owe_back(connection, fact.id, fact.amount, reason, now_ms)
            return orders.step(
                connection,
                order.id,
                OrderStep.CREDIT_LATE,
                now_ms,
                paid_ms=now_ms,
                reason=reason,
            )
        by_automation = bay.start_mode is StartMode.AUTOMATION
        return orders.step(
            connection,
            order.id,
            OrderStep.CREDIT,
            now_ms,
            paid_ms=now_ms,
            reason=None,
            start_by_ms=_start_by_ms(bay, made_ms),
            claim_by_ms=now_ms + bay.claim_window_s * 1000 if by_automation else None,
        )

    def _by_rules(
        self,
        connection: Connection,
        bay: BayConfig,
        order: Order,
        paid_ms: int,
        now_ms: int,
    ) -> str | None:
        """Ask the bay's rules again: much may have happened since the offer.

        Who paid while the bay was open is served, though the news came later.
        """
        zone = self._clock.zone()
        load = bays.load(connection, bay.id, now_ms, day_began_ms(now_ms, zone))
        starts_ms = max(paid_ms, now_ms + load.ahead_ms if load.busy else 0)
        starts = local_time(starts_ms, zone)
        return refusal(bay, load, owed_ms=order.owed_ms, starts=starts)

    def _order_of(self, connection: Connection, notice: Notice) -> Order | None:
        """Find the order a notice speaks of, by our reference or the link's id."""
        references = [notice.reference_id]
        if notice.link is not None:
            references.append(notice.link.reference_id)
        found = [orders.find(connection, ref) for ref in references if ref]
        if notice.link is not None:
            found.append(orders.find_by_link(connection, notice.link.id))
        ours = (order for order in found if order and order.site_id == self._site_id)
        return next(ours, None)


def _start_by_ms(bay: BayConfig, made_ms: int) -> int:
    """Count the start window from the payment's own time, never the event's."""
    return made_ms + bay.start_window_s * 1000


def _refusal(
    order: Order,
    bay: BayConfig | None,
    fact: PaymentFact,
    *,
    late: bool,
    is_open: bool,
    lost: bool,
) -> str | None:
    """Say why captured money cannot be served, if so.

    `lost`: it may have been served already, in what a restored ledger does not know.
    """
    if bay is None:
        return "bay_gone"
    if fact.amount != order.price:
        return "amount_differs"
    if fact.refunded_minor >= fact.amount.minor:
        return "refunded_already"
    if late:
        return "paid_late"
    if not is_open:
        return "site_closed"
    return "before_restore" if lost else None


def _owe_back(
    connection: Connection, payment_id: str, amount: Money, reason: str, now_ms: int
) -> None:
    payment = payments.find(connection, payment_id)
    if payment is not None:
        refunds.owe(connection, payment, amount, reason, now_ms)


def _close_offer(
    connection: Connection, order: Order, notice: Notice, now_ms: int
) -> Order:
    """End an unpaid order whose link has ended."""
    status = notice.link.status if notice.link else None
    if status is LinkStatus.CANCELLED:
        return orders.step(connection, order.id, OrderStep.CANCEL, now_ms)
    if status is LinkStatus.EXPIRED:
        return orders.step(connection, order.id, OrderStep.EXPIRE, now_ms)
    return order
