"""Refunds made or taken back elsewhere, seen without any webhook."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Connection

from ..domain.notices import PaymentFact
from ..domain.orders import RUNNING, OrderState
from ..ledger import orders, payments
from ..ledger.payments import Payment
from .inquiry import Inquiry

LOOK_MS = 300_000
"""How often the payments of orders that run or wait are looked at."""


class Elsewhere:
    """Holds what went back of our payments against what the provider says."""

    def __init__(
        self, inquiry: Inquiry, take_refunds: Callable[[str], Awaitable[int]]
    ) -> None:
        """`take_refunds` takes in all refunds of a payment; how many were news."""
        self._ask = inquiry
        self._take_refunds = take_refunds
        self._looked_ms: int | None = None

    async def compare(self, known: Payment, fact: PaymentFact) -> None:
        """Ask for a payment's refunds if their sum is not the one we know."""
        if known.refunded_minor != fact.refunded_minor:
            self._ask.tally.refunded += await self._take_refunds(fact.id)

    async def look_if_due(self) -> None:
        """Look at the payments of orders that wait or run: they would go on for free.

        Payments of orders that ended are looked at by the daily sweep.
        """
        mono_ms = self._ask.clock.monotonic_ms()
        if self._looked_ms is not None and mono_ms - self._looked_ms < LOOK_MS:
            return
        self._looked_ms = mono_ms
        for payment in await self._ask.ledger.run(self._open_payments):
            await self._ask.safely(self._look_at(payment))

    async def _look_at(self, payment: Payment) -> None:
        fact = await self._ask.provider.fetch_payment(payment.id)
        await self.compare(payment, fact)

    def _open_payments(self, connection: Connection) -> list[Payment]:
        states = [*RUNNING, OrderState.PAID]
        found = orders.of_site(connection, self._ask.site_id, states)
        return [
            payment
            for order in found
            for payment in payments.of_order(connection, order.id)
        ]
