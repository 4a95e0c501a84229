"""Repair issues: what stands open in front of the owner.

Those about money are read from the ledger, anew at each start: nothing is forgotten
that was committed a moment before a crash.
"""

from collections.abc import Callable
from contextlib import suppress

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .domain.happenings import Happening, What
from .fault_issues import FaultIssues
from .ledger import LedgerError
from .open_items import async_refresh_open_items
from .relay_issues import RelayIssues
from .site import PayBayConfigEntry

_MONEY = frozenset({What.PAYMENT_EXTRA, What.SESSION_ENDED, What.ORDER_UNDELIVERED})
_RELAY = frozenset({What.RELAY_STRAY, What.RELAY_STUCK})


@callback
def async_track_issues(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Keep a site's issues in step with what happens; return how to stop."""
    site = entry.runtime_data
    faults = [FaultIssues(hass, bay) for bay in site.bays.values()]
    relays = {bay_id: RelayIssues(hass, bay) for bay_id, bay in site.bays.items()}

    @callback
    def refresh() -> None:
        work = async_refresh_open_items(hass, site.ledger, entry)
        hass.async_create_task(work, DOMAIN)

    async def judge() -> None:
        """Ask the budget first: what it lets go is not the owner's business."""
        with suppress(LedgerError):
            await site.refunder.approve()
        await async_refresh_open_items(hass, site.ledger, entry)

    @callback
    def happened(happening: Happening) -> None:
        if happening.what in _MONEY:
            hass.async_create_task(judge(), DOMAIN)
        if happening.what in _RELAY and happening.bay_id in relays:
            relays[happening.bay_id].happened(happening.what)

    leave = [
        site.dispatcher.listen(happened),
        site.refunder.listen(refresh),
        site.outboxes.listen(refresh),
        # A judgement comes every few minutes: what was unreadable becomes old news.
        site.webhook_health.listen(refresh),
    ]

    @callback
    def stop() -> None:
        for unlisten in leave:
            unlisten()
        for relay in relays.values():
            relay.close()
        for fault in faults:
            fault.close()

    refresh()
    return stop
