"""Stopping a whole site at once."""

import asyncio

from .bay import Bay, StopNotStoredError
from .domain.orders import RUNNING, OrderState
from .ledger import LedgerError, orders
from .site import Site

REASON = "stopped_by_owner"


async def async_stop_everything(site: Site, by_user: str | None = None) -> list[Bay]:
    """Switch every relay off, then end all that runs and all that waits.

    What was not delivered is owed back. Return the bays whose sessions end only when
    their devices can be reached. Raise StopNotStoredError: the relays were switched
    off all the same. `by_user` is the id of who does it.
    """
    await asyncio.gather(*(bay.cut(REASON) for bay in site.bays.values()))
    try:
        await _call_off(site, by_user)
        left = await site.ledger.run(
            lambda c: orders.of_site(c, site.entry_id, list(RUNNING))
        )
    except LedgerError as err:
        raise StopNotStoredError(*err.args) from err
    return [site.bays[order.bay_id] for order in left if order.bay_id in site.bays]


async def _call_off(site: Site, by_user: str | None) -> None:
    """End every order that runs or waits; one that fails does not spare the others."""
    states = [*RUNNING, OrderState.PAID]
    found = await site.ledger.run(lambda c: orders.of_site(c, site.entry_id, states))
    results = await asyncio.gather(
        *(
            bay.call_off(order.id, REASON)
            for order in found
            if (bay := site.bays.get(order.bay_id))
        ),
        return_exceptions=True,
    )
    if by_user is not None:
        now_ms = site.clock.now_ms()
        await site.ledger.run(
            lambda c: orders.all_stopped_by(c, found, by_user, now_ms)
        )
    for result in results:
        if isinstance(result, BaseException):
            raise result
