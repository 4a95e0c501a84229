"""A config entry's account at its payment provider."""

from collections.abc import Mapping
import os
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import (
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_PREVIOUS_WEBHOOK_SECRET,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
    ENV_RAZORPAY_URL,
)
from .providers.base import PaymentProvider
from .providers.razorpay import RazorpayProvider, is_test_key

__all__ = ["is_test_key", "make_provider"]

_LOOPBACK = re.compile(
    r"(https?://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?)/?"
)


def make_provider(hass: HomeAssistant, data: Mapping[str, Any]) -> PaymentProvider:
    """Return the provider that a config entry's data describes.

    Raises HomeAssistantError if the environment points it outside this machine.
    """
    secrets = (data.get(CONF_WEBHOOK_SECRET), data.get(CONF_PREVIOUS_WEBHOOK_SECRET))
    return RazorpayProvider(
        run=hass.async_add_executor_job,
        key_id=data[CONF_KEY_ID],
        key_secret=data[CONF_KEY_SECRET],
        webhook_secrets=[secret for secret in secrets if secret],
        base_url=_base_url(),
    )


def _base_url() -> str | None:
    """Return where the emulator listens, if the environment names one.

    Anyone who can change this address receives the owner's keys, so it is matched
    as text: parsers disagree about odd addresses.
    """
    url = os.environ.get(ENV_RAZORPAY_URL)
    if not url:
        return None
    found = _LOOPBACK.fullmatch(url)
    if found is None:
        raise HomeAssistantError(
            f"{ENV_RAZORPAY_URL} must be a loopback address such as "
            "http://127.0.0.1:8090",
            translation_domain=DOMAIN,
            translation_key="provider_url_not_loopback",
            translation_placeholders={"variable": ENV_RAZORPAY_URL},
        )
    return found[1]
