"""Whether a site's provider is meant to send its news."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_HOOK_ID, CONF_POLLING_ONLY
from .flows.webhook import step_for, webhook_url


def webhook_expected(hass: HomeAssistant, entry: ConfigEntry) -> bool | None:
    """Return whether events should arrive; None where only they can show it.

    Home Assistant need not know of an address that a proxy gives it.
    """
    if entry.options.get(CONF_POLLING_ONLY):
        return False
    url = webhook_url(hass, entry.data[CONF_HOOK_ID])
    return True if step_for(url) == "webhook" else None
