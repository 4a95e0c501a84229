"""Whether a site's provider is meant to send its news."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_POLLING_ONLY
from .flows.webhook import address, step_for


def webhook_expected(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
    """Return whether events should arrive; None where only they can show it.

    Home Assistant need not know of an address that a proxy gives it.
    """
    if entry.options.get(CONF_POLLING_ONLY):
        return False
    fits = step_for(address(hass, entry.data)) == "webhook"
    return True if fits else None
