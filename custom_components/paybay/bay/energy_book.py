"""A bay's energy in the ledger: stretches, days, and what the timeline tells of it."""

from collections.abc import Callable

from sqlalchemy import Connection

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..ledger import Ledger, deliveries, energy_days, orders
from ..ledger.deliveries import Delivery
from ..ledger.energy_days import EnergySums
from .energy import EnergyWatch

_STEP_MWH = 10_000
"""How much more energy is worth a new state while a session runs."""


class EnergyBook:
    """Stores what the meter said; a crash loses at most what came since."""

    def __init__(
        self,
        config: BayConfig,
        watch: EnergyWatch,
        ledger: Ledger,
        clock: Clock,
        day_began_ms: Callable[[], int],
    ) -> None:
        """`day_began_ms` returns the Unix time at which the local day began."""
        self._config = config
        self._watch = watch
        self._ledger = ledger
        self._clock = clock
        self._day_began_ms = day_began_ms
        self._listeners: set[Callable[[EnergySums], None]] = set()
        self._told_mwh = 0

    def listen(self, on_change: Callable[[EnergySums], None]) -> Callable[[], None]:
        """Call back with the bay's energy as it grows; return how to stop that."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    async def sums(self) -> EnergySums:
        """Return the bay's energy of today and of all days; raise LedgerError."""
        day_ms = self._day_began_ms()
        return await self._ledger.run(
            lambda c: energy_days.sums(c, self._config.id, day_ms)
        )

    async def store(self, delivery: Delivery, *, final: bool = False) -> None:
        """Store what an open stretch got; `final` before it is closed."""
        metering, day_ms = self._watch.stored(delivery), self._day_began_ms()
        if metering is None:
            return

        def store(connection: Connection) -> EnergySums:
            deliveries.metered(
                connection,
                delivery.id,
                ran_mwh=metering.delivered_mwh,
                meter_mwh=metering.total_mwh,
                day_ms=day_ms,
            )
            return energy_days.sums(connection, self._config.id, day_ms)

        sums = await self._ledger.run(store)
        if final or sums.total_mwh - self._told_mwh >= _STEP_MWH:
            self._told_mwh = sums.total_mwh
            for on_change in tuple(self._listeners):
                on_change(sums)

    async def tell(self, delivery: Delivery) -> None:
        """Write on the timeline when the meter falls silent, and when it is back."""
        news, now_ms = self._watch.news(), self._clock.now_ms()
        if news is None:
            return
        entry, silent_s = news
        await self._ledger.run(
            lambda c: orders.note(
                c, delivery.order_id, now_ms, entry, silent_s=silent_s or None
            )
        )
