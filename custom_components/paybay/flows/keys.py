"""The provider's keys, tried before they are kept."""

from collections.abc import Mapping
import logging
from typing import Any

from homeassistant.core import HomeAssistant

from ..account import is_test_key, make_provider
from ..const import CONF_KEY_ID, CONF_KEY_SECRET
from ..providers.base import (
    PaymentProvider,
    ProviderAuthError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from .problem import Problem
from .schemas import Mode

_LOGGER = logging.getLogger(__name__)


def clean(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys without the blanks that copying brings along."""
    return {key: user_input[key].strip() for key in (CONF_KEY_ID, CONF_KEY_SECRET)}


def mode_of(key_id: str) -> Mode:
    """Return whether this key moves real money."""
    return Mode.TEST if is_test_key(key_id) else Mode.LIVE


def title_of(key_id: str) -> str:
    """Return what an account is called until the owner renames it."""
    return "Razorpay (test)" if is_test_key(key_id) else "Razorpay"


def provider_of(hass: HomeAssistant, data: Mapping[str, Any]) -> PaymentProvider:
    """Return the provider behind an account that may have no entry yet."""
    return make_provider(hass, data)


async def async_try(hass: HomeAssistant, keys: Mapping[str, str]) -> Problem | None:
    """Make one real call with the keys and return what went wrong."""
    try:
        await provider_of(hass, keys).check()
    except ProviderAuthError:
        return Problem("base", "invalid_auth")
    except ProviderUnavailableError:
        return Problem("base", "cannot_connect")
    except ProviderRefusedError as err:
        return Problem("base", "provider_refused", {"answer": err.description})
    except Exception:
        # A form that answers "unknown error" is better than one that breaks.
        _LOGGER.exception("Unexpected error while trying the keys")
        return Problem("base", "unknown")
    return None
