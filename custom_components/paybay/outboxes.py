"""What devices still keep for us though no bay is at work on it any more.

A device keeps an outcome until it hears that we have it. A bay says so for the order it
works on; one that ended unreported, or whose bay was removed, has nobody else to.
"""

from collections.abc import Callable, Coroutine, Mapping
import logging
from typing import Any

from sqlalchemy import Connection

from .domain.clock import Clock
from .domain.orders import ENDED
from .drivers.base import OutcomeKeeper
from .ledger import Ledger, LedgerError, orders, unknown_outcomes

_LOGGER = logging.getLogger(__name__)

LOOK_MS = 60_000


class Outboxes:
    """Acknowledges outcomes of orders that have ended, and of orders nobody knows."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        drivers: Mapping[str, object],
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """Look after those of the drivers, by bay id, whose devices keep outcomes."""
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._keepers = {
            bay_id: driver
            for bay_id, driver in drivers.items()
            if isinstance(driver, OutcomeKeeper)
        }
        self._spawn = spawn
        self._listeners: set[Callable[[], None]] = set()
        self._cancel_timer: Callable[[], None] | None = None
        self._open = False

    def open(self) -> None:
        """Look now and then."""
        self._open = True
        self._arm()

    def close(self) -> None:
        """Look no more."""
        self._open = False
        if self._cancel_timer:
            self._cancel_timer()

    def listen(self, on_new: Callable[[], None]) -> Callable[[], None]:
        """Call back when there is a new item for the owner; return how to stop."""
        self._listeners.add(on_new)
        return lambda: self._listeners.discard(on_new)

    async def clear(self) -> None:
        """Acknowledge all that is settled; raise LedgerError."""
        for bay_id, keeper in self._keepers.items():
            for order_id in set(keeper.unacknowledged()):
                if await self._is_settled(bay_id, order_id):
                    await keeper.acknowledge(order_id)

    async def _is_settled(self, bay_id: str, order_id: str) -> bool:
        """Return whether the ledger has closed an order, or never had it.

        An order that this ledger does not know is put before the owner first.
        """
        now_ms = self._clock.now_ms()

        def look(connection: Connection) -> tuple[bool, bool]:
            order = orders.find(connection, order_id)
            if order is not None:
                return order.state in ENDED, False
            add = unknown_outcomes.add
            return True, add(connection, self._site_id, bay_id, order_id, now_ms)

        settled, new = await self._ledger.run(look)
        if new:
            _LOGGER.warning("A relay delivered order %s, which is unknown", order_id)
            for on_new in tuple(self._listeners):
                on_new()
        return settled

    def _arm(self) -> None:
        if self._open:
            self._cancel_timer = self._clock.call_later(
                LOOK_MS, lambda: self._spawn(self._look())
            )

    async def _look(self) -> None:
        try:
            await self.clear()
        except LedgerError as err:
            _LOGGER.warning("Outcomes wait for the ledger: %s", err)
        except Exception:
            # Without this one surprise would end all looking.
            _LOGGER.exception("Unexpected error about outcomes; trying again")
        finally:
            self._arm()
