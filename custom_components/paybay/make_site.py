"""A site put together from its parts, as its config entry says."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .account import is_test_key, make_provider
from .bay import Bay
from .clock import LoopClock
from .const import CONF_KEY_ID, DOMAIN
from .customer_orders import CustomerOrders
from .dispatcher import Dispatcher
from .domain.happenings import Happening, What
from .domain.notices import Notice
from .domain.orders import Order
from .drivers.base import RelayDriver
from .drivers.make import make_driver
from .entry_data import (
    bays_of,
    currency_of,
    free_limit_ms_of,
    plans_of,
    reference_policy_of,
    refund_budget_of,
    relay_key,
)
from .hook import webhook_expected
from .intake import Intake, Taken
from .ledger import Ledger
from .meter import make_meter
from .offers import Offers
from .open_sign import OpenSign
from .outboxes import Outboxes
from .payment_details import PaymentDetails
from .printed_qrs import PrintedQrs
from .provider_time import ProviderTime
from .public_url import return_url
from .reachability import Reachability
from .reconciler import Reconciler
from .references import References
from .refunds import Refunder
from .site import PayBayConfigEntry, Site
from .takings import Takings
from .walk_ins import WalkIns
from .webhook_health import WebhookHealth

_OWING = frozenset(
    {
        What.ORDER_UNDELIVERED,
        What.PAYMENT_EXTRA,
        What.PAYMENT_REFUNDED,
        What.SESSION_ENDED,
    }
)
"""After these something may have to go back, or may have gone back."""


def make_site(
    hass: HomeAssistant,
    entry: PayBayConfigEntry,
    ledger: Ledger,
    on_paid: Callable[[Order], None],
) -> Site:
    """Build a site from its config entry; `on_paid` hears of every owed order."""
    clock = LoopClock(hass.loop)
    provider, provider_time = make_provider(hass, entry.data), ProviderTime(clock)
    provider.watch_time(provider_time.heard)
    configs, plans = bays_of(entry), plans_of(entry)
    bays: dict[str, Bay] = {}
    drivers: dict[str, RelayDriver] = {}

    def spawn(work: Coroutine[Any, Any, None]) -> Any:
        return hass.async_create_task(work, DOMAIN)

    def spawn_background(work: Coroutine[Any, Any, None]) -> Any:
        return entry.async_create_background_task(hass, work, DOMAIN)

    def look_up(payment_id: str) -> None:
        reconciler.look_up(payment_id)

    dispatcher = Dispatcher(bays, on_paid, look_up)

    def taken(notice: Notice, taken: Taken) -> None:
        dispatcher.taken(notice, taken)
        _stir(notice, refunder, printed_qrs)

    def happened(happening: Happening) -> None:
        if happening.what in _OWING:
            refunder.poke()

    async def take_refunds(payment_id: str) -> int:
        return await refunder.take_in(payment_id)

    sign = OpenSign(entry.entry_id, ledger, clock)
    reachability = Reachability()
    intake = Intake(
        entry.entry_id,
        ledger,
        clock,
        configs,
        taken,
        plans=plans,
        test_mode=provider.test_mode,
        is_open=lambda: sign.is_open,
        max_ms=lambda bay_id: bays[bay_id].max_ms if bay_id in bays else None,
        provider_time=provider_time,
    )
    reconciler = Reconciler(
        entry.entry_id,
        ledger,
        clock,
        provider,
        intake=intake,
        bay_ids=bays,
        reachability=reachability,
        take_refunds=take_refunds,
        spawn=spawn_background,
        is_open=lambda: sign.is_open,
    )
    refunder = Refunder(
        entry.entry_id,
        ledger,
        clock,
        provider,
        budget=refund_budget_of(entry),
        day_began_ms=_day_began_ms,
        spawn=spawn_background,
        tell=dispatcher.tell,
        call_off=partial(_call_off, bays),
    )
    printed_qrs = PrintedQrs(
        entry.entry_id,
        ledger,
        clock,
        provider,
        bays=configs,
        plans=plans,
        spawn=spawn_background,
    )
    takings = Takings(
        entry.entry_id,
        ledger,
        clock,
        currency=currency_of(entry),
        day_began_ms=_day_began_ms,
        run=hass.async_add_executor_job,
        spawn=spawn_background,
    )
    dispatcher.listen(happened)
    dispatcher.listen(takings.happened)
    for rules in configs.values():
        config = replace(rules, relay_key=relay_key(hass, rules.relay))
        drivers[config.id] = driver = make_driver(hass, config, clock)
        bays[config.id] = Bay(
            config,
            driver,
            ledger=ledger,
            clock=clock,
            spawn=spawn,
            tell=dispatcher.tell,
            meter=make_meter(hass, config),
            day_began_ms=_day_began_ms,
        )
    offers = Offers(
        entry.entry_id,
        ledger,
        clock,
        provider,
        plans,
        is_open=lambda: sign.is_open,
        return_url=partial(return_url, hass),
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
        offers=offers,
        walk_ins=WalkIns(
            entry.entry_id, offers, clock, free_limit_ms_of(entry), takings.moved
        ),
        customer_orders=CustomerOrders(provider, intake),
        sign=sign,
        reachability=reachability,
        reconciler=reconciler,
        refunder=refunder,
        webhook_health=WebhookHealth(
            entry.entry_id,
            ledger,
            clock,
            expected=partial(webhook_expected, hass, entry),
            spawn=spawn_background,
        ),
        payment_details=PaymentDetails(
            entry.entry_id, ledger, clock, provider, spawn_background
        ),
        printed_qrs=printed_qrs,
        references=References(
            entry.entry_id,
            ledger,
            clock,
            reference_policy_of(entry),
            spawn_background,
        ),
        outboxes=Outboxes(
            entry.entry_id,
            ledger,
            clock,
            drivers,
            spawn=spawn_background,
        ),
        takings=takings,
    )


def _stir(notice: Notice, refunder: Refunder, printed_qrs: PrintedQrs) -> None:
    """Have those look who may have something to do after this news."""
    if notice.refund or (notice.payment and notice.payment.refunded_minor):
        refunder.poke()
    if notice.qr:
        printed_qrs.poke()


async def _call_off(bays: Mapping[str, Bay], order: Order, reason: str) -> None:
    """End an order whose money went back, wherever it waits or runs."""
    if bay := bays.get(order.bay_id):
        await bay.call_off(order.id, reason)


def _day_began_ms() -> int:
    return int(dt_util.start_of_local_day().timestamp() * 1000)
