"""The repair issue of a site whose customers are not told whom they pay."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .entry_data import merchant_of
from .site import PayBayConfigEntry

ISSUE_MERCHANT = "merchant_incomplete"


@callback
def async_track_merchant(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Warn while something is empty: the entry reloads when its options change."""
    issue_id = f"{ISSUE_MERCHANT}_{entry.entry_id}"

    @callback
    def stop() -> None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)

    if merchant_of(entry).missing:
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_MERCHANT,
            translation_placeholders={"site": entry.title},
        )
    else:
        stop()
    return stop
