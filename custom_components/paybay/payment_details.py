"""What a provider tells of a payment only later: fee, tax, the bank's number."""

from collections.abc import Callable, Coroutine
import logging
from typing import Any

from sqlalchemy import Connection

from .domain.clock import Clock
from .ledger import Ledger, LedgerError, payment_asks, payments
from .providers.base import PaymentProvider, ProviderError, ProviderUnavailableError

_LOGGER = logging.getLogger(__name__)

EVERY_MS = 300_000
"""How often to look; a payment itself is asked for a few times in three days."""
AT_ONCE = 20
"""Payments asked for in one look: no one waits for a fee, but others wait for us."""


class PaymentDetails:
    """Fills in payments that one site took, in no hurry."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """`spawn` runs a coroutine in the background."""
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._spawn = spawn
        self._cancel_timer: Callable[[], None] | None = None
        self._open = False

    def open(self) -> None:
        """Look from now on."""
        self._open = True
        self._schedule()

    def close(self) -> None:
        """Look no more."""
        self._open = False
        if self._cancel_timer:
            self._cancel_timer()

    async def refresh(self) -> None:
        """Ask for what is due; stop at the first sign of a provider that is away."""
        now_ms = self._clock.now_ms()
        due = await self._ledger.run(
            lambda c: payment_asks.due(c, self._site_id, now_ms, AT_ONCE)
        )
        for payment_id in due:
            if not await self._ask(payment_id):
                return

    async def _ask(self, payment_id: str) -> bool:
        try:
            fact = await self._provider.fetch_payment(payment_id)
        except ProviderUnavailableError as err:
            _LOGGER.info("Fees cannot be asked for now: %s", err)
            return False
        except ProviderError as err:
            _LOGGER.info("Nothing more is known of a payment: %s", err)
            fact = None
        now_ms = self._clock.now_ms()

        def store(connection: Connection) -> None:
            if fact is not None:
                payments.refresh(connection, fact, now_ms)
            payment_asks.asked(connection, payment_id, now_ms)

        await self._ledger.run(store)
        return True

    def _schedule(self) -> None:
        if self._open:
            self._cancel_timer = self._clock.call_later(
                EVERY_MS, lambda: self._spawn(self._look())
            )

    async def _look(self) -> None:
        try:
            await self.refresh()
        except LedgerError as err:
            _LOGGER.warning("Fees cannot be stored: %s", err)
        except Exception:
            # Without this one surprise would end all looking.
            _LOGGER.exception("Unexpected error while asking for fees")
        finally:
            self._schedule()
