"""How much energy the open stretch of one bay has delivered, by its meter."""

from collections.abc import Callable
from typing import Protocol

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.meter import Metering, Reading
from ..domain.orders import Order
from ..domain.timeline import Entry
from ..ledger.deliveries import Delivery

METER_EVERY_MS = 10_000
"""How often a meter is read that does not speak up by itself."""


class Meter(Protocol):
    """What tells a bay's energy."""

    def read(self) -> Reading:
        """Return what it says now; never raise."""

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back when it says something new; return how to stop that."""


class EnergyWatch:
    """Meters the open stretch; everything is in the ledger by the next checkpoint."""

    def __init__(self, config: BayConfig, meter: Meter | None, clock: Clock) -> None:
        """`meter` is None at a bay that has none."""
        self._meter = meter
        self._clock = clock
        self._silence_ms = config.meter_silence_s * 1000
        self._metering: Metering | None = None
        self._delivery_id: int | None = None
        self._cap_mwh: int | None = None
        self._told_silent = False

    def look(self, order: Order | None, delivery: Delivery | None) -> int | None:
        """Meter up to now; return what is left of the order's energy, in mWh.

        None where energy ends nothing: no limit, or no meter.
        """
        if self._meter is None or delivery is None or order is None:
            self._metering = self._delivery_id = self._cap_mwh = None
            return None
        if self._delivery_id != delivery.id:
            self._begin(order, delivery)
        return self._left_mwh()

    def glance(self) -> bool:
        """Meter up to now; return whether the bay should take a turn for it."""
        left_mwh = self._left_mwh()
        return left_mwh is not None and left_mwh <= 0

    def stored(self, delivery: Delivery) -> Metering | None:
        """Return what is to be stored of a stretch, if it is metered."""
        self._left_mwh()
        return self._metering if self._delivery_id == delivery.id else None

    def news(self) -> tuple[Entry, int] | None:
        """Return what the timeline should tell of the meter, and the seconds of it.

        Only where the silence matters: the order's energy is limited.
        """
        if self._metering is None or self._cap_mwh is None:
            return None
        silent_ms = self._metering.silent_ms(self._clock.monotonic_ms())
        silent = silent_ms >= self._silence_ms
        if silent == self._told_silent:
            return None
        self._told_silent = silent
        entry = Entry.METER_SILENT if silent else Entry.METER_BACK
        return entry, silent_ms // 1000

    def next_look_ms(self) -> int | None:
        """Return when to read the meter again."""
        return None if self._metering is None else METER_EVERY_MS

    def _begin(self, order: Order, delivery: Delivery) -> None:
        gone_ms = max(0, self._clock.now_ms() - delivery.checkpoint_ms)
        self._delivery_id = delivery.id
        self._told_silent = False
        self._cap_mwh = order.energy_left_mwh
        self._metering = Metering.begin(
            self._clock.monotonic_ms(),
            delivered_mwh=delivery.ran_mwh,
            total_mwh=delivery.meter_mwh,
            gone_ms=gone_ms,
        )

    def _left_mwh(self) -> int | None:
        if self._meter is None or self._metering is None:
            return None
        at_ms = self._clock.monotonic_ms()
        self._metering = self._metering.hear(self._meter.read(), at_ms)
        if self._cap_mwh is None:
            return None
        return self._cap_mwh - self._metering.delivered_mwh
