"""An open item in the owner's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..domain.bay import BayConfig
from ..domain.orders import Order
from ..entry_data import bays_of

_REASON = f"component.{DOMAIN}.selector.refund_reason.options."
_REMOVED_BAY = f"component.{DOMAIN}.common.removed_bay"


@dataclass(frozen=True, slots=True)
class Words:
    """Puts an open item into the owner's language."""

    bays: Mapping[str, BayConfig]
    texts: Mapping[str, str]

    def about(self, order: Order) -> dict[str, str]:
        """Return what tells an order from others."""
        name = self.bay(order.bay_id)
        return {"bay": name, "plan": order.plan_name, "order_id": order.id}

    def bay(self, bay_id: str) -> str:
        """Return a bay's name."""
        bay = self.bays.get(bay_id)
        return bay.name if bay else self.texts.get(_REMOVED_BAY, bay_id)

    def reason(self, code: str) -> str:
        """Return a reason; one without words of its own shows its code."""
        if text := self.texts.get(_REASON + code):
            return text
        general = "refused" if code.startswith("refused_") else "other"
        return f"{self.texts.get(_REASON + general, general)} ({code})"


async def async_words(hass: HomeAssistant, entry: ConfigEntry) -> Words:
    """Return the words of a site, in the language of this Home Assistant."""
    language = hass.config.language
    texts = {
        **await async_get_translations(hass, language, "common", [DOMAIN]),
        **await async_get_translations(hass, language, "selector", [DOMAIN]),
    }
    return Words(bays_of(entry), texts)


def local_moment(at_ms: int) -> str:
    """Return a moment as the owner's clock shows it."""
    moment = dt_util.as_local(dt_util.utc_from_timestamp(at_ms / 1000))
    return moment.isoformat(" ", "minutes")
