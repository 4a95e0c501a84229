"""Orders of bays that were removed: their relays go off, their money is owed back."""

import asyncio
from collections.abc import Collection
from functools import partial
import logging

from homeassistant.core import CoreState, HomeAssistant
from sqlalchemy import Connection

from .domain.happenings import Happening, What
from .domain.orders import RUNNING, Order, OrderState
from .drivers.switch import SwitchDriver
from .entry_data import relay_of_key
from .ledger import LedgerError, deliveries, orders, sessions
from .ledger.deliveries import Delivery
from .site import Site

_LOGGER = logging.getLogger(__name__)

REASON = "bay_gone"
LEAVE_AGAIN_S = 10
_CONFIRM_S = 5


async def async_settle_orphans(
    hass: HomeAssistant, site: Site, bay_ids: Collection[str]
) -> bool:
    """End what is still open at bays other than these; return whether all is off.

    What runs on a relay that will not go off stays open, to be tried again.
    """
    site_id = site.entry_id
    on = [
        stretch.order_id
        for stretch in await site.ledger.run(lambda c: _stretches(c, site_id, bay_ids))
        if not await _switch_off(hass, stretch)
    ]
    now_ms = site.clock.now_ms()
    ended = await site.ledger.run(lambda c: _end_all(c, site_id, bay_ids, on, now_ms))
    for order in ended:
        site.dispatcher.tell(
            Happening(
                what=What.ORDER_UNDELIVERED,
                bay_id=order.bay_id,
                order=order,
                reason=REASON,
            )
        )
    return not on


async def async_leave_old_relays(hass: HomeAssistant, site: Site) -> None:
    """Switch off relays that a bay had before its session was moved to another.

    The session is paused and goes on at the new relay. The bay is held until its old
    relay was seen off, at the latest until the time that was paid for is over.
    """
    await _leave_old_relays(hass, site)
    entry = hass.config_entries.async_get_entry(site.entry_id)
    if site.held and entry is not None:
        work = _leave_later(hass, site)
        entry.async_create_background_task(hass, work, "paybay leave old relays")


async def _leave_old_relays(hass: HomeAssistant, site: Site) -> None:
    held = set()
    for stretch in await site.ledger.run(deliveries.open_ones):
        bay = site.bays.get(stretch.bay_id)
        if bay is None or _relay(hass, stretch) == bay.config.relay:
            continue
        now_ms = site.clock.now_ms()
        if await _switch_off(hass, stretch) or now_ms >= _ends_ms(stretch):
            await site.ledger.run(partial(_leave, stretch=stretch, now_ms=now_ms))
        else:
            held.add(stretch.bay_id)
    site.held = held


async def _leave_later(hass: HomeAssistant, site: Site) -> None:
    """Try again until no bay is held, and put each that is free to work."""
    while site.held:
        await asyncio.sleep(LEAVE_AGAIN_S)
        before = site.held
        try:
            await _leave_old_relays(hass, site)
        except LedgerError as err:
            _LOGGER.warning("A moved session has to wait: %s", err)
        for bay_id in before - site.held:
            site.bays[bay_id].open()


def _ends_ms(stretch: Delivery) -> int:
    """Return when what was paid for is over, had the relay been on all the time."""
    return stretch.checkpoint_ms - stretch.ran_ms + stretch.planned_ms


def _relay(hass: HomeAssistant, stretch: Delivery) -> str:
    """Return the present entity id of a stretch's relay."""
    return relay_of_key(hass, stretch.relay) or stretch.relay


def _leave(connection: Connection, stretch: Delivery, now_ms: int) -> None:
    sessions.paused(connection, stretch, stretch.ran_ms, "relay_changed", now_ms)


async def _switch_off(hass: HomeAssistant, stretch: Delivery) -> bool:
    """Switch a stretch's relay off; return whether it was seen off.

    One that no longer exists counts as off, but while Home Assistant starts its
    integration may only not have come to it yet.
    """
    relay = _relay(hass, stretch)
    if hass.states.get(relay) is None:
        return hass.state is CoreState.running
    off = await SwitchDriver(hass, relay, _CONFIRM_S).stop(stretch.session_id)
    if not off:
        _LOGGER.error("%s should be off and cannot be switched off", relay)
    return off


def _stretches(
    connection: Connection, site_id: str, bay_ids: Collection[str]
) -> list[Delivery]:
    states = [*RUNNING, OrderState.PAID]
    orphans = {order.id for order in _orphans(connection, site_id, bay_ids, states)}
    found = deliveries.open_ones(connection)
    return [stretch for stretch in found if stretch.order_id in orphans]


def _end_all(
    connection: Connection,
    site_id: str,
    bay_ids: Collection[str],
    still_on: Collection[str],
    now_ms: int,
) -> list[Order]:
    """Close open stretches at their checkpoint, the last that is known."""
    stretches = {s.order_id: s for s in _stretches(connection, site_id, bay_ids)}
    ended = []
    for order in _orphans(connection, site_id, bay_ids, [*RUNNING, OrderState.PAID]):
        if order.id in still_on:
            continue
        stretch = stretches.get(order.id)
        if stretch is None and order.state is OrderState.PAID:
            ended.append(sessions.given_up(connection, order.id, REASON, now_ms))
            continue
        ended.append(
            sessions.ended(
                connection,
                order.id,
                stretch,
                ran_ms=stretch.ran_ms if stretch else 0,
                reason=REASON,
                complete=False,
                at_ms=now_ms,
            )
        )
    return ended


def _orphans(
    connection: Connection,
    site_id: str,
    bay_ids: Collection[str],
    states: Collection[OrderState],
) -> list[Order]:
    found = orders.of_site(connection, site_id, states)
    return [order for order in found if order.bay_id not in bay_ids]
