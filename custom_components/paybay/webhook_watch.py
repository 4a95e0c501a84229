"""Who waits for the first event that a provider signs for a webhook."""

from collections.abc import Callable
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

_WATCHES: HassKey[dict[str, WebhookWatch]] = HassKey("paybay_webhook_watches")


class WebhookWatch:
    """Looks at what comes to one webhook's door, before there is an entry or after.

    Only whether the signature is good is looked at, never what is in the body.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        hook_id: str,
        verify: Callable[[bytes, str], bool],
        on_event: Callable[[], None],
    ) -> None:
        """Know of nothing yet; `verify` is the provider's, `on_event` hears of each."""
        self.verified = False
        self.refused = 0
        self._watches = hass.data.setdefault(_WATCHES, {})
        self._hook_id = hook_id
        self._verify = verify
        self._on_event = on_event

    def open(self) -> Self:
        """Look from now on, in place of whoever looked before."""
        self._watches[self._hook_id] = self
        return self

    def close(self) -> None:
        """Look no more."""
        if self._watches.get(self._hook_id) is self:
            del self._watches[self._hook_id]

    def came(self, body: bytes, signature: str) -> None:
        """Take note of what came."""
        if self._verify(body, signature):
            self.verified = True
        else:
            self.refused += 1
        self._on_event()


def watch_of(hass: HomeAssistant, hook_id: str) -> WebhookWatch | None:
    """Return who looks at this webhook's door, if anybody does."""
    return hass.data.get(_WATCHES, {}).get(hook_id)
