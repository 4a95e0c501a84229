"""A site: one config entry at work, put together from its parts."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .account import is_test_key, make_provider
from .bay import Bay
from .clock import LoopClock
from .const import CONF_KEY_ID, DOMAIN
from .dispatcher import Dispatcher
from .domain.orders import Order
from .domain.plans import Plan
from .drivers.make import make_driver
from .entry_data import bays_of, plans_of
from .intake import Intake
from .ledger import Ledger
from .offers import Offers
from .providers.base import PaymentProvider
from .reconciler import Reconciler

type PayBayConfigEntry = ConfigEntry[Site]


@dataclass(slots=True, kw_only=True)
class Site:
    """Everything that works for one config entry. `open` is False while it cannot."""

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
    reconciler: Reconciler
    open: bool = field(default=False)

    async def async_open(self) -> None:
        """Put the bays to work first: a running session must end, whatever follows."""
        for bay in self.bays.values():
            bay.open()
        for bay in self.bays.values():
            await bay.settle()
        self.open = True

    async def async_close(self) -> None:
        """Stop taking anything in and let go of the relays as they are."""
        self.open = False
        self.reconciler.close()
        for bay in self.bays.values():
            await bay.close()


def make_site(
    hass: HomeAssistant,
    entry: PayBayConfigEntry,
    ledger: Ledger,
    on_paid: Callable[[Order], None],
) -> Site:
    """Build a site from its config entry; `on_paid` hears of every owed order."""
    clock = LoopClock(hass.loop)
    provider = make_provider(hass, entry.data)
    configs, plans = bays_of(entry), plans_of(entry)
    bays: dict[str, Bay] = {}

    def spawn(work: Coroutine[Any, Any, None]) -> Any:
        return hass.async_create_task(work, DOMAIN)

    def spawn_background(work: Coroutine[Any, Any, None]) -> Any:
        return entry.async_create_background_task(hass, work, DOMAIN)

    def look_up(payment_id: str) -> None:
        reconciler.look_up(payment_id)

    dispatcher = Dispatcher(bays, on_paid, look_up)
    intake = Intake(entry.entry_id, ledger, clock, configs, dispatcher.taken)
    reconciler = Reconciler(
        entry.entry_id, ledger, clock, provider, intake=intake, spawn=spawn_background
    )
    for config in configs.values():
        driver = make_driver(hass, config, clock)
        bays[config.id] = Bay(
            config,
            driver,
            ledger=ledger,
            clock=clock,
            spawn=spawn,
            tell=dispatcher.tell,
        )
    return Site(
        entry_id=entry.entry_id,
        test_mode=is_test_key(entry.data[CONF_KEY_ID]),
        ledger=ledger,
        clock=clock,
        provider=provider,
        plans=plans,
        bays=bays,
        dispatcher=dispatcher,
        intake=intake,
        offers=Offers(entry.entry_id, ledger, clock, provider, plans),
        reconciler=reconciler,
    )
