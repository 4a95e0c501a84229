"""An order with all that came of it: what people, cards and books read."""

from dataclasses import dataclass
from functools import cached_property

from .money import Money
from .orders import ENDED, Order
from .refunds import UNSETTLED, RefundState
from .timeline import TimelineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """A payment. `created_ms` is the provider's time, `seen_ms` ours.

    `verdict` is `credited`, or `extra` for money on top of what was asked for. A fee
    that is None is not known yet; it includes the tax.
    """

    id: str
    amount: Money
    verdict: str
    channel: str
    created_ms: int
    seen_ms: int
    method: str | None
    rrn: str | None
    fee_minor: int | None
    tax_minor: int | None
    refunded_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One measured stretch of relay-on time; `ended_ms` None while it runs.

    `ran_mwh` is its energy in milliwatt-hours, None where nobody measured it.
    """

    started_ms: int
    ended_ms: int | None
    planned_ms: int
    ran_ms: int
    ran_mwh: int | None
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """Money going back; `key` is ours, `provider_id` the provider's."""

    key: str
    payment_id: str
    provider_id: str | None
    amount: Money
    state: RefundState
    reason: str
    approved_by: str | None
    problem: str | None
    created_ms: int
    updated_ms: int


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """An order with its payments, deliveries and refunds, each oldest first.

    `timeline` is empty where only a summary was asked for.
    """

    order: Order
    payments: tuple[PaymentView, ...] = ()
    deliveries: tuple[DeliveryView, ...] = ()
    refunds: tuple[RefundView, ...] = ()
    timeline: tuple[TimelineRow, ...] = ()

    @cached_property
    def is_open(self) -> bool:
        """Whether something is still to happen: service, or money going back."""
        waits = any(refund.state in UNSETTLED for refund in self.refunds)
        return waits or self.order.owes_cash or self.order.state not in ENDED

    @cached_property
    def paid(self) -> Money:
        """All money that was captured for it."""
        return self._money(sum(payment.amount.minor for payment in self.payments))

    @cached_property
    def refunded(self) -> Money:
        """What the provider has given back or has taken on to give back."""
        return self._money(sum(payment.refunded_minor for payment in self.payments))

    @cached_property
    def refund_pending(self) -> Money:
        """What is owed back and the provider has not taken on: due, asked, failed."""
        waiting = (r.amount.minor for r in self.refunds if _is_pending(r))
        return self._money(sum(waiting))

    @cached_property
    def net(self) -> Money:
        """What was paid and not given back, before the provider's fee."""
        return self.paid - self.refunded

    @cached_property
    def fee(self) -> Money | None:
        """The provider's fees, tax included; None while one is not known."""
        return self._sum([payment.fee_minor for payment in self.payments])

    @cached_property
    def tax(self) -> Money | None:
        """The tax within the fees; None while one is not known."""
        return self._sum([payment.tax_minor for payment in self.payments])

    @cached_property
    def credited(self) -> PaymentView | None:
        """The payment that bought it, if money was asked for and came."""
        return next((p for p in self.payments if p.verdict == "credited"), None)

    @cached_property
    def delivered_ms(self) -> int:
        """What the relay has been on for it, a running stretch to its checkpoint."""
        running = (d.ran_ms for d in self.deliveries if d.ended_ms is None)
        return self.order.ran_ms + sum(running)

    @cached_property
    def delivered_mwh(self) -> int | None:
        """The energy it got, in milliwatt-hours; None where nobody measured it."""
        parts = [d.ran_mwh for d in self.deliveries if d.ran_mwh is not None]
        return sum(parts) if parts else None

    @cached_property
    def started_ms(self) -> int | None:
        """When the relay first went on for it."""
        ran = (d for d in self.deliveries if d.ran_ms or d.state == "on")
        return next((d.started_ms for d in ran), None)

    @cached_property
    def ended_ms(self) -> int | None:
        """When its last stretch ended, once it gets no more."""
        ends = [d.ended_ms for d in self.deliveries if d.ended_ms]
        return max(ends, default=None) if self.order.state in ENDED else None

    def _money(self, minor: int) -> Money:
        # Money of another currency than was asked for is taken in, and owed back.
        priced = self.payments[0].amount if self.payments else self.order.price
        return Money(minor, priced.currency)

    def _sum(self, parts: list[int | None]) -> Money | None:
        known = [part for part in parts if part is not None]
        return self._money(sum(known)) if len(known) == len(parts) else None


def _is_pending(refund: RefundView) -> bool:
    asked = refund.state is RefundState.SENT and refund.provider_id is None
    return asked or refund.state in (RefundState.DUE, RefundState.FAILED)
