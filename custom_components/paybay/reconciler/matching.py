"""Whose payment is it? One account may serve other shops, so most may be strangers'.

That a payment is not ours is never final: it is looked at again by every sweep.
"""

from sqlalchemy import Connection

from ..domain.notices import Channel, Notice, PaymentFact
from ..ledger import orders, payments, qr_codes
from .inquiry import Inquiry
from .links import LATE_CAPTURE_MS, Links
from .qr_codes import QrCodes

PAID_KINDS = ("payment.captured", "order.paid", "payment_link.paid", "qr_code.credited")
"""Events that tell of money."""


class Matching:
    """Finds the order a captured payment was made for, and has it credited."""

    def __init__(self, inquiry: Inquiry, links: Links, codes: QrCodes) -> None:
        """Ask this way; a payment's link goes through `links`, its QR `codes`."""
        self._ask = inquiry
        self._links = links
        self._qr_codes = codes

    async def match(self, payment_id: str) -> bool:
        """Take in what a payment was made on; return whether it is ours."""
        if await self._ask.ledger.run(lambda c: payments.find(c, payment_id)):
            return True
        details = await self._ask.provider.find_link(payment_id=payment_id)
        if details is None:
            return await self._qr_codes.take_payment(payment_id)
        await self._links.take(details)
        return True

    async def match_fact(self, fact: PaymentFact, *, ask: bool = True) -> bool:
        """Match a payment; one that names an order of ours needs no question.

        Without `ask` the provider is asked none about any other.
        """
        if not await self._ask.ledger.run(lambda c: self._names_ours(c, fact)):
            return ask and await self.match(fact.id)
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
        if fact.qr is not None:
            ours = fact.qr.site_id == self._ask.site_id
            return ours or qr_codes.find(connection, key=fact.qr.key) is not None
        if fact.reference_id is None:
            return False
        order = orders.find(connection, fact.reference_id)
        return order is not None and order.site_id == self._ask.site_id
