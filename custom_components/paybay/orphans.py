"""Orders of bays that were removed: their relays go off, their money is owed back."""

from collections.abc import Collection
from functools import partial
import logging

from homeassistant.core import HomeAssistant
from sqlalchemy import Connection

from .domain.happenings import Happening, What
from .domain.orders import RUNNING, Order, OrderState
from .drivers.switch import SwitchDriver
from .entry_data import relay_of_key
from .ledger import deliveries, orders, sessions
from .ledger.deliveries import Delivery
from .site import Site

_LOGGER = logging.getLogger(__name__)

REASON = "bay_gone"
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

    The session is paused and goes on at the new relay.
    """
    now_ms = site.clock.now_ms()
    for stretch in await site.ledger.run(deliveries.open_ones):
        bay = site.bays.get(stretch.bay_id)
        if bay and _relay(hass, stretch) != bay.config.relay:
            await _switch_off(hass, stretch)
            await site.ledger.run(partial(_leave, stretch=stretch, now_ms=now_ms))


def _relay(hass: HomeAssistant, stretch: Delivery) -> str:
    """Return the present entity id of a stretch's relay."""
    return relay_of_key(hass, stretch.relay) or stretch.relay


def _leave(connection: Connection, stretch: Delivery, now_ms: int) -> None:
    sessions.paused(connection, stretch, stretch.ran_ms, "relay_changed", now_ms)


async def _switch_off(hass: HomeAssistant, stretch: Delivery) -> bool:
    """Switch a stretch's relay off; one that no longer exists counts as off."""
    relay = _relay(hass, stretch)
    if hass.states.get(relay) is None:
        return True
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
