"""Where the provider sends its news, as the owner must enter it there."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from yarl import URL

from ..const import (
    CONF_CLOUDHOOK_URL,
    CONF_HOOK_ID,
    CONF_WEBHOOK_SECRET,
    WEBHOOK_PATH,
)

EVENTS = (
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
    "payment_link.paid",
    "payment_link.cancelled",
    "payment_link.expired",
    "qr_code.credited",
    "qr_code.closed",
    "refund.processed",
    "refund.failed",
)

# Razorpay's own lists (docs: webhooks, validate and test).
_PORTS = (80, 443)
_REFUSED_HOSTS = (
    "localhost",
    ".local",
    ".internal",
    ".corp",
    ".onion",
    "ngrok.io",
    "loca.lt",
    "webhook.site",
)


def webhook_url(hass: HomeAssistant, hook_id: str) -> str | None:
    """Return the public address of our webhook, if Home Assistant has one."""
    try:
        base = get_url(
            hass, allow_internal=False, require_ssl=True, prefer_external=True
        )
    except NoURLAvailableError:
        return None
    return base + WEBHOOK_PATH.format(hook=hook_id)


def address(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
    """Return where an account's provider is to report, if there is such an address."""
    through_cloud: str | None = data.get(CONF_CLOUDHOOK_URL)
    return through_cloud or webhook_url(hass, data[CONF_HOOK_ID])


def step_for(url: str | None) -> str:
    """Return the step whose text fits: reachable, refused by Razorpay, or none."""
    if url is None:
        return "webhook_missing"
    parsed = URL(url)
    refused = (parsed.host or "").endswith(_REFUSED_HOSTS)
    if refused or parsed.port not in _PORTS:
        return "webhook_blocked"
    return "webhook"


def placeholders(url: str | None, data: Mapping[str, Any]) -> dict[str, str]:
    """Return what the owner copies."""
    return {
        "url": url or WEBHOOK_PATH.format(hook=data[CONF_HOOK_ID]),
        "secret": data[CONF_WEBHOOK_SECRET],
        "events": "\n".join(f"- `{event}`" for event in EVENTS),
    }
