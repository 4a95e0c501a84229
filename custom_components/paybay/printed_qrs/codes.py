"""All printed QR codes of a site.

The ledger knows a code before the provider is asked for it, and for ever after: a
sticker outlives every setting.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.plans import Plan
from ..domain.qr_codes import QrCode, QrState
from ..ledger import Ledger, qr_codes
from ..providers.base import PaymentProvider, Poster
from .keeper import QrKeeper
from .maker import QrMaker, QrRefusedError, promises

LOOK_MS = 3_600_000
"""How often what the provider did not do is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A code to hang up. `outdated`: it promises what its plan no longer says."""

    qr: QrCode
    created: bool
    outdated: bool = False


class PrintedQrs:
    """Makes, shows and retires codes, one thing at a time."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        *,
        bays: Mapping[str, BayConfig],
        plans: Mapping[str, Plan],
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """`spawn` runs a coroutine in the background. Codes of other bays retire."""
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._maker = QrMaker(site_id, ledger, clock, provider, plans)
        self._keeper = QrKeeper(ledger, clock, provider, bays)
        self._spawn = spawn
        self._listeners: set[Callable[[], None]] = set()
        self._shown: dict[str, QrCode] = {}
        self._stuck: Sequence[QrCode] = ()
        self._unwatched: Sequence[QrCode] = ()
        self._cancel_timer: Callable[[], None] | None = None
        self._at_it = asyncio.Lock()
        self._open = False

    def open(self) -> None:
        """Begin to look after the codes."""
        self._open = True
        self._spawn(self._look_again())

    def close(self) -> None:
        """Look no more."""
        self._open = False
        if self._cancel_timer:
            self._cancel_timer()

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back when a code comes, goes or gets its picture; return how to stop."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    def poke(self) -> None:
        """Something may have changed: read the ledger again soon."""
        if self._open:
            self._spawn(self._keeper.safely(self._refresh()))

    def shown(self, bay_id: str) -> QrCode | None:
        """Return a bay's newest code in use that has a picture, as known by now."""
        return self._shown.get(bay_id)

    @property
    def stuck(self) -> Sequence[QrCode]:
        """Codes out of use here which the provider refused to close."""
        return self._stuck

    @property
    def unwatched(self) -> Sequence[QrCode]:
        """Codes that take real money while the site has its test keys."""
        return self._unwatched

    async def provision(
        self, bay: BayConfig, plan_code: str | None, *, anew: bool = False
    ) -> Printed:
        """Return the bay's code for a plan (None: any amount), made if need be.

        With `anew` another is made and the old ones are retired. Raise QrRefusedError,
        ProviderError (its ProviderFeatureError too) or LedgerError.
        """
        plan = self._maker.plan(bay, plan_code)
        async with self._at_it:
            printed = await self._provision(bay, plan, anew=anew)
            await self._keeper.safely(self._keeper.fetch_poster(printed.qr))
            await self._refresh()
        return printed

    async def retire(self, bay_id: str, qr_id: str | None = None) -> list[QrCode]:
        """Take a bay's codes out of use, or the one with the provider's id.

        Where the provider does not close one it stays `retiring`, and money on it goes
        back. Raise QrRefusedError or LedgerError.
        """
        async with self._at_it:
            found = [
                qr
                for qr in await self._of_bay(bay_id)
                if qr_id is None or qr.provider_id == qr_id
            ]
            if not found:
                raise QrRefusedError("not_printed")
            retired = [await self._keeper.retire(qr) for qr in found]
            await self._refresh()
        return retired

    async def retire_all(self) -> list[QrCode]:
        """Take all codes of a site that is removed out of use; return what is stuck.

        The present keys close none of the other mode.
        """
        async with self._at_it:
            retired = [await self._retire(qr) for qr in await self.payable()]
        return [qr for qr in retired if qr.state is QrState.RETIRING]

    async def payable(self) -> Sequence[QrCode]:
        """Return the codes of either mode that the provider may still let be paid."""
        return await self._ledger.run(
            lambda c: qr_codes.of_site(c, self._site_id, qr_codes.LIVE)
        )

    async def in_use(self, keys: Sequence[str]) -> list[QrCode]:
        """Return those of these codes that can be paid, in this order."""
        live = {qr.key: qr for qr in await self._live() if qr.in_use}
        return [live[key] for key in keys if key in live]

    async def poster(self, key: str) -> Poster | None:
        """Return a code's picture from the ledger."""
        found = await self._ledger.run(lambda c: qr_codes.poster(c, key))
        return Poster(*found) if found else None

    async def look(self) -> None:
        """Do what is still to be done for any code."""
        async with self._at_it:
            for qr in await self._live():
                await self._keeper.safely(self._keeper.settle(qr))
            missing = await self._ledger.run(
                lambda c: qr_codes.without_poster(c, self._site_id)
            )
            for qr in (qr for qr in missing if qr.image_url):
                await self._keeper.safely(self._keeper.fetch_poster(qr))
            await self._refresh()

    async def _provision(
        self, bay: BayConfig, plan: Plan | None, *, anew: bool
    ) -> Printed:
        code = plan.code if plan else None
        present = await self._of_bay(bay.id)
        alike = [qr for qr in present if qr.in_use and qr.plan_code == code]
        hanging = next((qr for qr in alike if qr.state is QrState.ACTIVE), None)
        if hanging and not anew:
            outdated = not promises(hanging, plan)
            return Printed(qr=hanging, created=False, outdated=outdated)
        made = await self._maker.make(bay, plan, alike)
        for old in (qr for qr in alike if qr.key != made.key):
            await self._keeper.retire(old)
        return Printed(qr=made, created=True)

    async def _retire(self, qr: QrCode) -> QrCode:
        if qr.test_mode is self._provider.test_mode:
            return await self._keeper.retire(qr)
        return await self._ledger.run(lambda c: qr_codes.retire(c, qr.key))

    async def _live(self) -> Sequence[QrCode]:
        return await self._ledger.run(self._read_live)

    async def _of_bay(self, bay_id: str) -> list[QrCode]:
        return [qr for qr in await self._live() if qr.bay_id == bay_id]

    async def _refresh(self) -> None:
        """Read what is to be shown anew, and tell if it changed."""
        before = self._shown, self._stuck, self._unwatched
        now = await self._ledger.run(self._read)
        self._shown, self._stuck, self._unwatched = now
        if before != now:
            for on_change in tuple(self._listeners):
                on_change()

    def _read(
        self, connection: Connection
    ) -> tuple[dict[str, QrCode], Sequence[QrCode], Sequence[QrCode]]:
        live = self._read_live(connection)
        bare = {qr.key for qr in qr_codes.without_poster(connection, self._site_id)}
        shown = [qr for qr in live if qr.state is QrState.ACTIVE and qr.key not in bare]
        stuck = tuple(qr for qr in live if qr.state is QrState.RETIRING and qr.answer)
        others = qr_codes.of_site(connection, self._site_id, qr_codes.LIVE)
        test_mode = self._provider.test_mode
        unwatched = tuple(qr for qr in others if test_mode and not qr.test_mode)
        # Newest first: the last one written wins.
        return {qr.bay_id: qr for qr in reversed(shown)}, stuck, unwatched

    def _read_live(self, connection: Connection) -> Sequence[QrCode]:
        test_mode = self._provider.test_mode
        return qr_codes.live(connection, self._site_id, test_mode=test_mode)

    async def _look_again(self) -> None:
        try:
            await self._keeper.safely(self.look())
        finally:
            if self._open:
                self._cancel_timer = self._clock.call_later(
                    LOOK_MS, lambda: self._spawn(self._look_again())
                )
