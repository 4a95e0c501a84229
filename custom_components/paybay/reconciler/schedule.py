"""When to ask: always something while anything is open, all of it once a day."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

from ..domain.clock import Clock
from ..intake import Intake
from ..ledger import Ledger
from ..providers.base import PaymentProvider
from ..reachability import Reachability
from .daily import DailySweep
from .elsewhere import Elsewhere
from .inquiry import Inquiry
from .links import EVERY_MS, Links
from .matching import Matching
from .qr_codes import QrCodes
from .tally import Tally

RECONCILE_MS = 6 * 3600 * 1000
"""How often everything that may still bring money is asked for."""
HEARTBEAT_MS = 300_000
"""How often the provider is asked for nothing, just to see that it can be."""
UNREACHED_MS = 60_000
"""The same, while it does not answer."""
_LOOKUP_PAUSES_MS = (1_000, 10_000, 60_000)


class Reconciler:
    """Asks the provider where things stand; everything it learns goes to the intake."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        *,
        intake: Intake,
        bay_ids: Collection[str],
        reachability: Reachability,
        take_refunds: Callable[[str], Awaitable[int]],
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
        is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        """`spawn` runs a coroutine in the background.

        Links for bays other than `bay_ids` are withdrawn, and all unless the site
        `is_open`: nobody should pay them.
        `take_refunds` takes in all refunds of a payment; how many were news.
        """
        self._ask = Inquiry(
            site_id,
            ledger,
            clock,
            provider,
            intake=intake,
            reachability=reachability,
        )
        self._reachability = reachability
        self._links = Links(self._ask, bay_ids, is_open)
        self._qr_codes = QrCodes(self._ask)
        self._matching = Matching(self._ask, self._links, self._qr_codes)
        self._elsewhere = Elsewhere(self._ask, take_refunds)
        self._daily = DailySweep(self._ask, self._matching, self._elsewhere)
        self._spawn = spawn
        self._cancel_timer: Callable[[], None] | None = None
        self._looking: set[str] = set()
        self._reconciled_ms: int | None = None
        self._beat_ms: int | None = None
        self._at_it = asyncio.Lock()
        self._sweeping = asyncio.Lock()
        self._far_ms: int | None = None
        self._looks_far = False
        self._sweep_waits = False
        self._open = False

    def open(self) -> None:
        """Look at everything once now, then at open links as often as they deserve."""
        self._open = True
        self._spawn(self._tick())

    def close(self) -> None:
        """Look no more."""
        self._open = False
        if self._cancel_timer:
            self._cancel_timer()

    def look_up(self, payment_id: str) -> None:
        """Find out in the background whether a captured payment is one of ours."""
        if payment_id not in self._looking:
            self._looking.add(payment_id)
            self._spawn(self._look_up(payment_id))

    def reconcile_soon(self) -> None:
        """Look at every link in the background: what is to become of it has changed."""
        self._spawn(self._reconcile())

    def sweep_soon(self) -> None:
        """Look at all payments in the background: something may have escaped us.

        Those who ask before that sweep begins share it.
        """
        if not self._sweep_waits:
            self._sweep_waits = True
            self._spawn(self._sweep_payments())

    async def check_qr_codes_of(self, bay_id: str) -> None:
        """Look once at what was paid on a bay's printed codes in the last day."""
        await self._ask.safely(self._qr_codes.check_bay(bay_id))

    async def match(self, payment_id: str) -> bool:
        """Take in what a payment was made on; return whether it is ours."""
        return await self._matching.match(payment_id)

    async def reconcile(self, *, thorough: bool = False) -> Tally:
        """Fetch what may still bring money; return what that brought.

        That is every open link, every link that ended within the last three days,
        what came by printed QR codes in these days, and every captured payment that
        matched nothing; if `thorough`, every payment of the last days as well.
        """
        if not thorough:
            return await self._reconcile_all()
        async with self._sweeping:
            tally = await self._reconcile_all()
            await self._ask.safely(self._daily.sweep(anew=True))
        return tally

    async def sweep(self) -> None:
        """Fetch what is due: without a webhook, payments are found so."""
        await self._links.check_due()
        await self._ask.safely(self._qr_codes.check_due())

    async def sweep_payments(self) -> None:
        """Look at every payment of the last days."""
        async with self._sweeping:
            self._sweep_waits = False
            await self._daily.sweep()

    async def tick(self) -> None:
        """Ask for whatever is due; what may take long goes on in the background."""
        beat_ms = HEARTBEAT_MS if self._reachability.reachable else UNREACHED_MS
        if self._is_due(self._beat_ms, beat_ms):
            await self._ask.safely(self._beat())
        if self._is_due(self._reconciled_ms, RECONCILE_MS):
            await self._ask.safely(self._look_near())
        await self._ask.safely(self.sweep())
        await self._ask.safely(self._elsewhere.look_if_due())
        if not self._looks_far:
            self._looks_far = True
            self._spawn(self._look_far())

    async def _reconcile_all(self) -> Tally:
        async with self._at_it:
            tally = self._ask.tally = Tally()
            await self._look_near()
            await self._look_at_strangers()
        return tally

    async def _look_near(self) -> None:
        """Fetch every link and code of ours that may still bring money."""
        self._reconciled_ms = self._ask.clock.monotonic_ms()
        await self._ask.safely(self._links.check_all())
        await self._ask.safely(self._qr_codes.check_all())

    async def _look_at_strangers(self) -> None:
        self._far_ms = self._ask.clock.monotonic_ms()
        await self._ask.safely(self._matching.match_strangers())

    async def _look_far(self) -> None:
        """Look at payments that may well be another shop's, however many they are."""
        try:
            if self._is_due(self._far_ms, RECONCILE_MS):
                await self._look_at_strangers()
            async with self._sweeping:
                await self._ask.safely(self._daily.sweep_if_due())
        finally:
            self._looks_far = False

    def _is_due(self, done_ms: int | None, every_ms: int) -> bool:
        mono_ms = self._ask.clock.monotonic_ms()
        return done_ms is None or mono_ms - done_ms >= every_ms

    async def _beat(self) -> None:
        self._beat_ms = self._ask.clock.monotonic_ms()
        await self._ask.provider.check()
        self._reachability.answered()

    async def _tick(self) -> None:
        try:
            await self.tick()
        finally:
            if self._open:
                self._cancel_timer = self._ask.clock.call_later(
                    EVERY_MS, lambda: self._spawn(self._tick())
                )

    async def _reconcile(self) -> None:
        await self._ask.safely(self.reconcile())

    async def _sweep_payments(self) -> None:
        await self._ask.safely(self.sweep_payments())

    async def _look_up(self, payment_id: str) -> None:
        """Ask a few times: the provider's lists may lag behind its events."""
        try:
            for pause_ms in _LOOKUP_PAUSES_MS:
                found = await self._ask.safely(self.match(payment_id))
                if found or not self._open:
                    return
                await asyncio.sleep(pause_ms / 1000)
        finally:
            self._looking.discard(payment_id)
