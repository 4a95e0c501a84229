"""The second door for webhooks: an address of Home Assistant Cloud.

It leads to Home Assistant's own webhooks, which answer 200 while ours is not registered
yet. What is lost like that at a start is found by polling.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_CLOUDHOOK_URL, CONF_HOOK_ID, DOMAIN

ISSUE_GONE = "cloudhook_gone"
DATA_WEBHOOK_ENTRY_ID = "webhook_entry_id"
DATA_CLOUD_GONE = "cloud_gone"
"""What an issue's fix flow is told."""
_CLOUD = "cloud"
# The cloud integration is big, and many do without it: it is imported where it already
# runs, and nowhere else.


class CloudHookError(Exception):
    """Home Assistant Cloud gave us no address."""


def cloud_is_usable(hass: HomeAssistant) -> bool:
    """Return whether this Home Assistant has a subscription that works."""
    if _CLOUD not in hass.config.components:
        return False
    from homeassistant.components import cloud  # noqa: PLC0415

    return cloud.async_active_subscription(hass)


async def async_make_cloudhook(hass: HomeAssistant, hook_id: str) -> str:
    """Return the public address of this webhook; raise CloudHookError."""
    if not cloud_is_usable(hass):
        raise CloudHookError
    from homeassistant.components import cloud  # noqa: PLC0415

    try:
        return await cloud.async_get_or_create_cloudhook(hass, hook_id)
    # Beside its own errors those of its library come through.
    except Exception as err:
        raise CloudHookError from err


async def async_drop_cloudhook(hass: HomeAssistant, hook_id: str) -> None:
    """Give the address back, if there is one and the cloud can be reached."""
    if _CLOUD not in hass.config.components:
        return
    from homeassistant.components import cloud  # noqa: PLC0415

    # A hook that the cloud does not have is refused like one that it cannot delete.
    with suppress(Exception):
        await cloud.async_delete_cloudhook(hass, hook_id)


@callback
def async_track_cloudhook(
    hass: HomeAssistant, entry: ConfigEntry
) -> Callable[[], None]:
    """Tell the owner when the cloud takes the address away; return how to stop."""
    issue_id = f"{ISSUE_GONE}_{entry.entry_id}"
    ours = entry.data.get(CONF_CLOUDHOOK_URL)
    if ours is None or _CLOUD not in hass.config.components:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return lambda: None
    from homeassistant.components import cloud  # noqa: PLC0415

    @callback
    def changed(hook: dict[str, Any] | None) -> None:
        if hook is not None and hook.get("cloudhook_url") == ours:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data={DATA_WEBHOOK_ENTRY_ID: entry.entry_id, DATA_CLOUD_GONE: True},
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_GONE,
            translation_placeholders={"site": entry.title},
        )

    return cloud.async_listen_cloudhook_change(hass, entry.data[CONF_HOOK_ID], changed)
