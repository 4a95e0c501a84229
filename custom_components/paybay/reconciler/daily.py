"""The daily sweep: every payment of the last days is held against the ledger.

It finds what no link and no webhook told of: late captures, refunds made or taken back
in the provider's dashboard.
"""

from http import HTTPStatus

from ..domain.notices import PaymentFact
from ..ledger import marks, payments
from ..providers.base import ProviderRefusedError
from .elsewhere import Elsewhere
from .inquiry import Inquiry
from .links import LATE_CAPTURE_MS
from .matching import Matching
from .strangers import Strangers

DAY_MS = 24 * 3600 * 1000
OVERLAP_MS = 6 * 3600 * 1000
"""Looked at twice, for clocks that differ and lists that lag."""
FARTHEST_MS = 90 * DAY_MS
RETRY_MS = 600_000
SWEPT = "swept_ms"


class DailySweep:
    """Sweeps once a day; one that was interrupted or unanswered is repeated."""

    def __init__(
        self, inquiry: Inquiry, matching: Matching, elsewhere: Elsewhere
    ) -> None:
        """Strangers' payments go to `matching`, known ones to `elsewhere`."""
        self._ask = inquiry
        self._matching = matching
        self._elsewhere = elsewhere
        self._strangers = Strangers(inquiry.clock)
        self._tried_ms: int | None = None

    async def sweep_if_due(self) -> None:
        """Sweep if the last one that was complete is a day old."""
        mono_ms = self._ask.clock.monotonic_ms()
        if self._tried_ms is not None and mono_ms - self._tried_ms < RETRY_MS:
            return
        swept_ms = await self._swept_ms()
        # A sweep that seems to lie ahead was made by a wrong clock.
        if swept_ms is None or not 0 <= self._ask.clock.now_ms() - swept_ms < DAY_MS:
            await self.sweep()

    async def sweep(self, *, anew: bool = False) -> None:
        """Look at every payment since three days before the last complete sweep.

        Strangers that were looked up today are left out, unless all is asked `anew`.
        """
        self._tried_ms = self._ask.clock.monotonic_ms()
        began_ms = self._ask.clock.now_ms()
        since_ms = self._since_ms(began_ms, await self._swept_ms())
        until_ms = began_ms + DAY_MS
        facts = await self._ask.safely(
            self._ask.provider.payments_between(since_ms // 1000, until_ms // 1000)
        )
        answered = facts is not None
        captured = (fact for fact in facts or () if fact.captured)
        # First paid first, as they would have been served.
        for fact in sorted(captured, key=lambda fact: fact.created_s):
            self._ask.tally.payments += 1
            done = await self._ask.safely(self._look_at(fact, anew=anew))
            answered = answered and done is not None
        if answered:
            site_id = self._ask.site_id
            await self._ask.ledger.run(lambda c: marks.put(c, site_id, SWEPT, began_ms))

    async def _look_at(self, fact: PaymentFact, *, anew: bool) -> bool:
        """Look at a payment; return False if the provider refused to tell of it.

        It would refuse again: only answers that may still come are waited for.
        """
        try:
            await self._hold_against(fact, anew=anew)
        except ProviderRefusedError as err:
            if err.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            self._ask.refused(err)
            return False
        return True

    async def _hold_against(self, fact: PaymentFact, *, anew: bool) -> None:
        known = await self._ask.ledger.run(lambda c: payments.find(c, fact.id))
        if known is not None:
            await self._elsewhere.compare(known, fact)
            return
        ask = anew or not self._strangers.know(fact.id)
        if not await self._matching.match_fact(fact, ask=ask) and ask:
            self._strangers.add(fact)

    async def _swept_ms(self) -> int | None:
        site_id = self._ask.site_id
        return await self._ask.ledger.run(lambda c: marks.get(c, site_id, SWEPT))

    @staticmethod
    def _since_ms(now_ms: int, swept_ms: int | None) -> int:
        """Return from when on to look: a long outage makes a long sweep."""
        last_ms = min(now_ms, now_ms if swept_ms is None else swept_ms)
        last_ms = max(last_ms, now_ms - FARTHEST_MS)
        return last_ms - LATE_CAPTURE_MS - OVERLAP_MS
