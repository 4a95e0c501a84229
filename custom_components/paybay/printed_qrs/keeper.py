"""Keeping printed QR codes in step with the provider, one at a time."""

from collections.abc import Container, Coroutine
import logging
from typing import Any

from ..domain.clock import Clock
from ..domain.qr_codes import QrCode, QrState
from ..ledger import Ledger, LedgerError, qr_codes
from ..providers.base import PaymentProvider, ProviderError, ProviderRefusedError

_LOGGER = logging.getLogger(__name__)

UNFOUND_MS = 24 * 3600 * 1000
"""How long a code may take to show up after we got no answer to asking for it."""


class QrKeeper:
    """Finds, closes and pictures codes. What fails is left for the next look."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        bay_ids: Container[str],
    ) -> None:
        """Codes of bays other than `bay_ids` are taken out of use."""
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._bay_ids = bay_ids

    async def retire(self, qr: QrCode) -> QrCode:
        """Take a code out of use here first, then at the provider."""
        qr = await self._ledger.run(lambda c: qr_codes.retire(c, qr.key, qr.answer))
        await self.safely(self.settle(qr))
        found = await self._ledger.run(lambda c: qr_codes.find(c, key=qr.key))
        return found or qr

    async def settle(self, qr: QrCode) -> None:
        """Do what a code still needs of the provider."""
        if qr.in_use and qr.bay_id not in self._bay_ids:
            qr = await self._ledger.run(lambda c: qr_codes.retire(c, qr.key))
        if qr.provider_id is None:
            fact = await self._provider.find_qr(key=qr.key)
            if fact is None:
                await self._forget_if_old(qr)
                return
            qr = await self._ledger.run(lambda c: qr_codes.made(c, qr.key, fact))
        if qr.state is QrState.RETIRING:
            await self._close(qr, str(qr.provider_id))

    async def fetch_poster(self, qr: QrCode) -> None:
        """Fetch a code's picture once; never while somebody waits to see it."""
        stored = await self._ledger.run(lambda c: qr_codes.poster(c, qr.key))
        if stored is not None or not qr.image_url:
            return
        found = await self._provider.fetch_poster(qr.image_url)
        await self._ledger.run(
            lambda c: qr_codes.keep_poster(c, qr.key, found.content_type, found.image)
        )

    async def safely(self, work: Coroutine[Any, Any, None]) -> None:
        """Do one thing; what fails is tried again at the next look."""
        try:
            await work
        except (LedgerError, ProviderError) as err:
            _LOGGER.info("A printed QR code has to wait: %s", err)
        except Exception:
            # Without this one surprise would end all looking.
            _LOGGER.exception("Unexpected error with a printed QR code")

    async def _close(self, qr: QrCode, provider_id: str) -> None:
        now_ms = self._clock.now_ms()
        try:
            await self._provider.close_qr(provider_id)
        except ProviderRefusedError as err:
            answer = err.description
            await self._ledger.run(lambda c: qr_codes.retire(c, qr.key, answer))
        else:
            await self._ledger.run(lambda c: qr_codes.closed(c, qr.key, now_ms))

    async def _forget_if_old(self, qr: QrCode) -> None:
        if self._clock.now_ms() - qr.created_ms > UNFOUND_MS:
            await self._ledger.run(lambda c: qr_codes.forget(c, qr.key))
