"""What form tokens are signed with: made once, so that forms outlive a restart."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ...const import DOMAIN
from .tokens import new_secret

STORAGE_KEY: Final = f"{DOMAIN}.form_secret"
_VERSION = 1
_SECRET = "secret"  # noqa: S105 - a field name
_LEAST_CHARS = 64


async def async_load_secret(hass: HomeAssistant) -> bytes:
    """Return the stored secret; make and store one the first time."""
    store = Store[dict[str, Any]](hass, _VERSION, STORAGE_KEY, private=True)
    stored = (await store.async_load() or {}).get(_SECRET)
    if isinstance(stored, str) and len(stored) >= _LEAST_CHARS:
        return stored.encode()
    made = new_secret()
    await store.async_save({_SECRET: made})
    return made.encode()
