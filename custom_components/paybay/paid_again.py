"""The paid event, told again after a start: its first telling may have been lost.

Home Assistant may have died between the payment's commit and the event, and its
automations hear nothing until it has started completely.
"""

from collections.abc import Iterable
import logging

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from sqlalchemy import Connection

from .domain.orders import Order, OrderState
from .ledger import LedgerError, orders
from .paid_event import fire_paid_event
from .site import PayBayConfigEntry, Site

_LOGGER = logging.getLogger(__name__)


async def async_hold_claims(site: Site) -> list[Order]:
    """Before the bays open: let no claim window end; return who waits unclaimed."""
    for bay in site.bays.values():
        bay.hold_claims()
    return await _unclaimed(site)


@callback
def async_tell_again(
    hass: HomeAssistant, entry: PayBayConfigEntry, waited: Iterable[Order]
) -> None:
    """Once automations listen: tell them again, and begin full claim windows."""
    site = entry.runtime_data

    async def started(_hass: HomeAssistant) -> None:
        found = {order.id: order for order in (*waited, *await _unclaimed(site))}
        if not site.open:
            return
        for order in found.values():
            fire_paid_event(hass, entry, order, repeated=True)
        for bay in site.bays.values():
            bay.release_claims()

    entry.async_on_unload(async_at_started(hass, started))


async def _unclaimed(site: Site) -> list[Order]:
    def read(connection: Connection) -> list[Order]:
        found = orders.of_site(connection, site.entry_id, [OrderState.PAID])
        return [order for order in found if order.claimed_by is None]

    try:
        return await site.ledger.run(read)
    except LedgerError as err:
        _LOGGER.warning("Paid orders cannot be told of again: %s", err)
        return []
