"""The account's keys, tried once after each start."""

import logging

from homeassistant.core import HomeAssistant

from .providers.base import ProviderAuthError, ProviderError
from .site import PayBayConfigEntry

_LOGGER = logging.getLogger(__name__)


async def async_check_keys(hass: HomeAssistant, entry: PayBayConfigEntry) -> None:
    """Ask for new keys if the provider refuses these; sessions go on regardless."""
    try:
        await entry.runtime_data.provider.check()
    except ProviderAuthError:
        entry.async_start_reauth(hass)
    except ProviderError as err:
        _LOGGER.info("The payment provider cannot be reached now: %s", err)
