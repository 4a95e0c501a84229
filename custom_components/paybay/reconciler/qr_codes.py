"""Printed QR codes: whoever passes by may pay, so all of them are looked at at once."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from ..domain.notices import Channel, Notice, PaymentFact, QrFact
from ..domain.qr_codes import QrCode, QrState
from ..ledger import payments, qr_codes
from ..providers.base import ProviderFeatureError
from .inquiry import Inquiry
from .links import EVERY_MS, LATE_CAPTURE_MS

ANNOUNCED_EVERY_MS = 60_000
"""How often to look while webhooks tell of payments; without them, EVERY_MS."""
RECENT_MS = 3_600_000
"""How far back to look when a code says that it was paid."""
DAY_MS = 24 * RECENT_MS
_PAGE = 100


class QrCodes:
    """Asks how often each code was paid, and then only for the news.

    One call lists all codes with their counts. The counts may lag: everything of the
    last three days is looked at now and then.
    """

    def __init__(self, inquiry: Inquiry) -> None:
        """Ask this way."""
        self._ask = inquiry
        self._counts: dict[str, int] = {}
        self._looked_ms: int | None = None
        self._account_has = 0

    async def check_due(self) -> None:
        """Look for payments as often as it takes without a webhook."""
        codes = await self._payable()
        if not codes or not await self._is_due():
            return
        self._looked_ms = self._ask.clock.monotonic_ms()
        for code, fact in _pairs(codes, await self._facts(codes)):
            await self._ask.safely(self._look_at(code, fact))

    async def check_all(self) -> None:
        """Look at every payment of the last three days."""
        codes = await self._payable()
        if not codes:
            return
        for code, fact in _pairs(codes, await self._facts(codes)):
            self._counts.pop(fact.id, None)
            await self._ask.safely(self._look_at(code, fact, LATE_CAPTURE_MS))

    async def check_bay(self, bay_id: str) -> None:
        """Look once at what was paid on a bay's codes lately: somebody asks for it."""
        for code in await self._payable():
            if code.bay_id == bay_id and code.provider_id:
                fact = await self._ask.provider.fetch_qr(code.provider_id)
                self._counts.pop(fact.id, None)
                await self._look_at(code, fact, DAY_MS)

    async def take_payment(self, payment_id: str) -> bool:
        """Take in a payment that was made on a code; return whether it was ours."""
        try:
            fact = await self._ask.provider.find_qr(payment_id=payment_id)
        except ProviderFeatureError:
            return False
        if fact is None or not await self._ask.ledger.run(lambda c: _knows(c, fact)):
            return False
        payment = await self._ask.provider.fetch_payment(payment_id)
        await self._take(fact, payment)
        return payment.captured

    async def _is_due(self) -> bool:
        if self._looked_ms is None:
            return True
        site_id = self._ask.site_id
        last = await self._ask.ledger.run(lambda c: payments.last_channel(c, site_id))
        every_ms = ANNOUNCED_EVERY_MS if last is Channel.WEBHOOK else EVERY_MS
        since_ms = self._ask.clock.monotonic_ms() - self._looked_ms
        return since_ms >= every_ms - EVERY_MS // 2

    async def _payable(self) -> Sequence[QrCode]:
        site_id = self._ask.site_id
        since_ms = self._ask.clock.now_ms() - LATE_CAPTURE_MS
        found = await self._ask.ledger.run(
            lambda c: qr_codes.payable(c, site_id, since_ms)
        )
        test_mode = self._ask.provider.test_mode
        return [code for code in found if code.test_mode is test_mode]

    async def _facts(self, codes: Sequence[QrCode]) -> list[QrFact]:
        """Return how the codes stand, in as few calls as it takes."""
        ids = [code.provider_id for code in codes if code.provider_id]
        if len(ids) * _PAGE < self._account_has:
            return [await self._ask.provider.fetch_qr(qr_id) for qr_id in ids]
        facts = await self._ask.provider.list_qrs()
        self._account_has = len(facts)
        return facts

    async def _look_at(
        self, code: QrCode, fact: QrFact, back_ms: int = RECENT_MS
    ) -> None:
        if code.state is QrState.ASKED or (not fact.active and code.closed_ms is None):
            await self._take(fact, None)
        if self._counts.get(fact.id) == fact.payments:
            return
        now_s = self._ask.clock.now_ms() // 1000
        from_s, to_s = now_s - back_ms // 1000, now_s + RECENT_MS // 1000
        paid = await self._ask.provider.qr_payments(fact.id, from_s, to_s)
        # First paid first, as they would have been served.
        for payment in sorted(paid, key=lambda payment: payment.created_s):
            self._ask.tally.payments += 1
            if payment.captured:
                await self._take(fact, payment)
        self._counts[fact.id] = fact.payments

    async def _take(self, fact: QrFact, payment: PaymentFact | None) -> None:
        await self._ask.take(
            Notice(channel=Channel.POLL, kind="poll.qr_code", payment=payment, qr=fact)
        )


def _pairs(
    codes: Iterable[QrCode], facts: Iterable[QrFact]
) -> Iterable[tuple[QrCode, QrFact]]:
    by_id = {code.provider_id: code for code in codes}
    by_key = {code.key: code for code in codes}
    for fact in facts:
        code = by_id.get(fact.id) or by_key.get(fact.tag.key if fact.tag else "")
        if code is not None:
            yield code, fact


def _knows(connection: Connection, fact: QrFact) -> bool:
    """Return whether a code may be one of ours: it is known, or marked as such."""
    return fact.tag is not None or bool(qr_codes.find(connection, provider_id=fact.id))
