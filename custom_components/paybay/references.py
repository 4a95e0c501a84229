"""Keeps customers' references for as long as the owner said, and not a day longer."""

from collections.abc import Callable, Coroutine
import logging
from typing import Any

from sqlalchemy import Connection

from .domain.clock import Clock
from .domain.orders import Order
from .domain.reference import ReferencePolicy
from .ledger import Ledger, LedgerError, references

_LOGGER = logging.getLogger(__name__)

EVERY_MS = 3_600_000
_DAY_MS = 24 * 3_600_000


class References:
    """The references of one site; `policy` None: nobody is asked, nothing is kept."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        policy: ReferencePolicy | None,
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """`spawn` runs a coroutine in the background."""
        self.policy = policy
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._spawn = spawn
        self._cancel_timer: Callable[[], None] | None = None
        self._open = False

    def open(self) -> None:
        """Erase what is old now, and look every hour."""
        self._open = True
        self._spawn(self._look())

    def close(self) -> None:
        """Look no more."""
        self._open = False
        if self._cancel_timer:
            self._cancel_timer()

    async def change(self, order: Order, text: str) -> None:
        """Store another reference for an order; raise LedgerError."""
        now_ms = self._clock.now_ms()
        await self._ledger.run(
            lambda c: references.put(c, order.id, order.site_id, text, now_ms)
        )

    async def erase(self) -> None:
        """Erase what nobody may keep any more; raise LedgerError."""
        before_ms = None
        if self.policy is not None:
            kept_ms = self.policy.retention_days * _DAY_MS
            before_ms = self._clock.now_ms() - kept_ms
        if await self._ledger.run(self._erase(before_ms)):
            await self._ledger.empty_log()

    def _erase(self, before_ms: int | None) -> Callable[[Connection], int]:
        return lambda c: references.erase(c, self._site_id, before_ms)

    async def _look(self) -> None:
        try:
            await self.erase()
        except LedgerError as err:
            _LOGGER.warning("Old customer references are not erased yet: %s", err)
        except Exception:
            # Without this one surprise would end all erasing.
            _LOGGER.exception("Unexpected error while erasing customer references")
        finally:
            if self._open:
                self._cancel_timer = self._clock.call_later(
                    EVERY_MS, lambda: self._spawn(self._look())
                )
