"""Serving an order at its bay now, in place of a refund that was not sent yet."""

from .bay import Bay
from .domain.bay import BayStatus
from .domain.orders import Order
from .ledger import orders, servings
from .ledger.servings import ServeRefusedError
from .site import Site

_READY = frozenset({BayStatus.AVAILABLE, BayStatus.RESERVED, BayStatus.PROBLEM})
"""A bay that would not start sells nothing, but its owner may know better.

What its device itself says is wrong, the owner cannot know better.
"""


async def async_can_serve(site: Site, order_id: str) -> bool:
    """Return whether an order could be served now; raise LedgerError."""
    try:
        await _bay_for(site, order_id)
    except ServeRefusedError:
        return False
    return True


async def async_serve(site: Site, order_id: str) -> Order:
    """Run what is left of an order at its bay and return it.

    Raise ServeRefusedError, UnknownOrderError, StartFailedError or LedgerError. An
    order that does not start is owed its money again.
    """
    bay = await _bay_for(site, order_id)
    now_ms = site.clock.now_ms()
    await site.ledger.run(
        lambda c: servings.serve(
            c,
            order_id,
            keeps_time=bay.keeps_time,
            start_by_ms=now_ms + bay.config.start_window_s * 1000,
            at_ms=now_ms,
        )
    )
    try:
        return await bay.now_or_never(order_id)
    finally:
        site.refunder.poke()


async def _bay_for(site: Site, order_id: str) -> Bay:
    """Return an order's bay if it could serve it now; raise ServeRefusedError."""
    order = await site.ledger.run(lambda c: orders.get(c, order_id))
    bay = site.bays.get(order.bay_id)
    if bay is None:
        raise ServeRefusedError("bay_gone")
    await bay.settle()
    reason = await site.ledger.run(
        lambda c: servings.why_not(c, order_id, keeps_time=bay.keeps_time)
    )
    if reason is not None:
        raise ServeRefusedError(reason)
    if bay.face.status not in _READY or bay.face.fault is not None:
        raise ServeRefusedError("bay_away")
    return bay
