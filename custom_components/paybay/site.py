"""A site: one config entry at work."""

from collections.abc import Callable
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry

from .bay import Bay
from .clock import LoopClock
from .customer_orders import CustomerOrders
from .dispatcher import Dispatcher
from .domain.plans import Plan
from .intake import Intake
from .ledger import Ledger
from .offers import Offers
from .open_sign import OpenSign
from .outboxes import Outboxes
from .payment_details import PaymentDetails
from .printed_qrs import PrintedQrs
from .providers.base import PaymentProvider
from .reachability import Reachability
from .reconciler import Reconciler
from .references import References
from .refunds import Refunder
from .takings import Takings
from .walk_ins import WalkIns
from .webhook_health import WebhookHealth

type PayBayConfigEntry = ConfigEntry[Site]


@dataclass(slots=True, kw_only=True)
class Site:
    """Everything that works for one config entry. `open` is False while it cannot.

    Bays that are `held` do not work yet: the relay they had before may still be on.
    """

    entry_id: str
    test_mode: bool
    ledger: Ledger
    clock: LoopClock
    provider: PaymentProvider
    plans: dict[str, Plan]
    bays: dict[str, Bay]
    dispatcher: Dispatcher
    intake: Intake
    offers: Offers
    walk_ins: WalkIns
    customer_orders: CustomerOrders
    reachability: Reachability
    reconciler: Reconciler
    refunder: Refunder
    webhook_health: WebhookHealth
    payment_details: PaymentDetails
    printed_qrs: PrintedQrs
    outboxes: Outboxes
    references: References
    takings: Takings
    sign: OpenSign
    open: bool = field(default=False)
    held: set[str] = field(default_factory=set)
    _on_close: set[Callable[[], None]] = field(default_factory=set)

    def on_close(self, leave: Callable[[], None]) -> Callable[[], None]:
        """Call `leave` when the site closes; return how not to."""
        self._on_close.add(leave)
        return lambda: self._on_close.discard(leave)

    async def async_open(self) -> None:
        """Put the bays to work first: a running session must end, whatever follows."""
        for bay_id, bay in self.bays.items():
            if bay_id not in self.held:
                bay.open()
        for bay in self.bays.values():
            await bay.settle()
        self.open = True

    async def async_close(self) -> None:
        """Stop taking anything in and let go of the relays as they are."""
        self.open = False
        for leave in tuple(self._on_close):
            leave()
        self.reconciler.close()
        self.refunder.close()
        self.webhook_health.close()
        self.payment_details.close()
        self.printed_qrs.close()
        self.outboxes.close()
        self.references.close()
        self.takings.close()
        for bay in self.bays.values():
            await bay.close()
