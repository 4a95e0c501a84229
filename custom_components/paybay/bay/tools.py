"""What a bay works with, handed to each of its parts."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.happenings import Happening, What
from ..domain.orders import Order
from ..drivers.base import RelayDriver
from ..ledger import Ledger
from .energy import Meter
from .watch import SessionWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """One bay's rules, relay, ledger, clock and memory; `tell` hears what happened."""

    config: BayConfig
    driver: RelayDriver
    ledger: Ledger
    clock: Clock
    watch: SessionWatch
    tell: Callable[[Happening], None]
    meter: Meter | None = None

    def is_off(self) -> bool:
        """Return whether the relay is known to be off."""
        report = self.driver.report()
        return report.contact and report.on is False

    def say(self, what: What, order: Order | None, reason: str | None = None) -> None:
        """Tell of something, after it was stored."""
        bay_id = self.config.id
        self.tell(Happening(what=what, bay_id=bay_id, order=order, reason=reason))
