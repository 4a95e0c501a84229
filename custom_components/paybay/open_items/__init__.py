"""Open items: what the ledger holds that only the owner can settle."""

from collections.abc import Iterable
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..attention import OpenItem, tell_of_item
from ..const import DOMAIN
from ..ledger import Ledger, LedgerError
from .kinds import DATA_AMOUNT, DATA_BAY_ID, DATA_ENTRY_ID
from .others import (
    cash_due_back,
    restored_ledger,
    unknown_sessions,
    unreadable_events,
    unreported_sessions,
)
from .owed import unsettled_refunds
from .words import async_words

_LOGGER = logging.getLogger(__name__)


async def async_refresh_open_items(
    hass: HomeAssistant, ledger: Ledger, entry: ConfigEntry
) -> None:
    """Show an issue for each open item of a site, and no others."""
    words = await async_words(hass, entry)
    at_work = is_at_work(hass, entry.entry_id)
    try:
        items = await ledger.run(
            lambda c: [
                *unsettled_refunds(c, entry.entry_id, words, at_work=at_work),
                *unreported_sessions(c, entry.entry_id, words),
                *unreadable_events(c, entry.entry_id),
                *restored_ledger(c, entry.entry_id),
                *unknown_sessions(c, entry.entry_id, words),
                *cash_due_back(c, entry.entry_id, words),
            ]
        )
    except LedgerError as err:
        _LOGGER.warning("The repair issues may be out of date: %s", err)
        return
    for item in _show(hass, entry.entry_id, items):
        tell_of_item(hass, entry, item)


def is_at_work(hass: HomeAssistant, entry_id: str) -> bool:
    """Return whether a site is there and enabled, so that it sends its own refunds."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry is not None and not entry.disabled_by


@callback
def _show(
    hass: HomeAssistant, entry_id: str, items: Iterable[OpenItem]
) -> list[OpenItem]:
    """Bring the issues in step; return the items that were not shown before."""
    fresh: list[OpenItem] = []
    gone = {
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and (issue.data or {}).get(DATA_ENTRY_ID) == entry_id
    }
    for item in items:
        gone.discard(item.id)
        if ir.async_get(hass).async_get_issue(DOMAIN, item.id) is None:
            fresh.append(item)
        ir.async_create_issue(
            hass,
            DOMAIN,
            item.id,
            data={
                DATA_ENTRY_ID: entry_id,
                DATA_BAY_ID: item.bay_id,
                DATA_AMOUNT: item.amount.minor if item.amount else None,
                **item.data,
            },
            is_fixable=True,
            is_persistent=True,
            severity=item.severity,
            translation_key=item.key,
            translation_placeholders=dict(item.placeholders),
        )
    for issue_id in gone:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    return fresh
