"""Stopping a whole site at once."""

import asyncio

from .domain.orders import RUNNING, OrderState
from .ledger import orders
from .site import Site

REASON = "stopped_by_owner"


async def async_stop_everything(site: Site) -> int:
    """End all that runs and all that waits; return how many orders that were.

    What was not delivered is owed back. Raise LedgerError.
    """
    states = [*RUNNING, OrderState.PAID]
    found = await site.ledger.run(lambda c: orders.of_site(c, site.entry_id, states))
    await asyncio.gather(
        *(
            bay.call_off(order.id, REASON)
            for order in found
            if (bay := site.bays.get(order.bay_id))
        )
    )
    return len(found)
