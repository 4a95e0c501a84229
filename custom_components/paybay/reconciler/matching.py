"""Whose payment is it? One account may serve other shops, so most may be strangers'.

That a payment is not ours is never final: it is looked at again by every sweep.
"""

from sqlalchemy import Connection

from ..domain.notices import Channel, Notice, PaymentFact
from ..ledger import orders, payments
from .inquiry import Inquiry
from .links import LATE_CAPTURE_MS, Links

PAID_KINDS = ("payment.captured", "order.paid", "payment_link.paid", "qr_code.credited")
"""Events that tell of money."""


class Matching:
    """Finds the order a captured payment was made for, and has it credited."""

    def __init__(self, inquiry: Inquiry, links: Links) -> None:
        """Ask this way; a payment's link goes through `links`."""
        self._ask = inquiry
        self._links = links

    async def match(self, payment_id: str) -> bool:
        """Take in the link a payment was made on; return whether it is ours."""
        if await self._ask.ledger.run(lambda c: payments.find(c, payment_id)):
            return True
        details = await self._ask.provider.find_link(payment_id=payment_id)
        if details is None:
            return False
        await self._links.take(details)
        return True

    async def match_fact(self, fact: PaymentFact) -> bool:
        """Match a payment; one that names an order of ours needs no question."""
        if not await self._ask.ledger.run(lambda c: self._names_ours(c, fact)):
            return await self.match(fact.id)
        await self._ask.take(
            Notice(
                channel=Channel.POLL,
                kind="poll.payment",
                payment=fact,
                reference_id=fact.reference_id,
            )
        )
        return True

    async def match_strangers(self) -> None:
        """Look again at captured payments of the last days that matched nothing."""
        site_id = self._ask.site_id
        since_ms = self._ask.clock.now_ms() - LATE_CAPTURE_MS
        strangers = await self._ask.ledger.run(
            lambda c: payments.unmatched(c, site_id, since_ms, PAID_KINDS)
        )
        for payment_id in strangers:
            self._ask.tally.payments += 1
            await self._ask.safely(self.match(payment_id))

    def _names_ours(self, connection: Connection, fact: PaymentFact) -> bool:
        if fact.reference_id is None:
            return False
        order = orders.find(connection, fact.reference_id)
        return order is not None and order.site_id == self._ask.site_id
