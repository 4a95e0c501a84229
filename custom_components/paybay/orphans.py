"""Orders of bays that were removed: their relays go off, their money is owed back."""

from collections.abc import Collection

from homeassistant.core import HomeAssistant
from sqlalchemy import Connection

from .domain.happenings import Happening, What
from .domain.orders import RUNNING, Order, OrderState
from .drivers.switch import SwitchDriver
from .ledger import deliveries, orders, sessions
from .ledger.deliveries import Delivery
from .site import Site

REASON = "bay_gone"
_CONFIRM_S = 5


async def async_settle_orphans(
    hass: HomeAssistant, site: Site, bay_ids: Collection[str]
) -> None:
    """End what is still open at bays other than these."""
    site_id = site.entry_id
    stretches = await site.ledger.run(lambda c: _stretches(c, site_id, bay_ids))
    for stretch in stretches:
        await SwitchDriver(hass, stretch.relay, _CONFIRM_S).stop(stretch.order_id)
    now_ms = site.clock.now_ms()
    ended = await site.ledger.run(lambda c: _end_all(c, site_id, bay_ids, now_ms))
    for order in ended:
        site.dispatcher.tell(
            Happening(
                what=What.ORDER_UNDELIVERED,
                bay_id=order.bay_id,
                order=order,
                reason=REASON,
            )
        )


def _stretches(
    connection: Connection, site_id: str, bay_ids: Collection[str]
) -> list[Delivery]:
    states = [*RUNNING, OrderState.PAID]
    orphans = {order.id for order in _orphans(connection, site_id, bay_ids, states)}
    found = deliveries.open_ones(connection)
    return [stretch for stretch in found if stretch.order_id in orphans]


def _end_all(
    connection: Connection, site_id: str, bay_ids: Collection[str], now_ms: int
) -> list[Order]:
    """Close open stretches at their checkpoint, the last that is known."""
    stretches = {s.order_id: s for s in _stretches(connection, site_id, bay_ids)}
    ended = []
    for order in _orphans(connection, site_id, bay_ids, [*RUNNING, OrderState.PAID]):
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
