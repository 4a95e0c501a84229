"""The ledger's own troubles, in front of the owner."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

ISSUE_LEDGER_FAILING = "ledger_failing"
ISSUE_LEDGER_UNUSABLE = "ledger_unusable"


@callback
def async_show_trouble(hass: HomeAssistant, key: str, error: str | None) -> None:
    """Show that the ledger cannot be opened or written, or take it back with None."""
    if error is None:
        ir.async_delete_issue(hass, DOMAIN, key)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        key,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=key,
        translation_placeholders={"error": error},
    )
