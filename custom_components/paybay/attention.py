"""What needs the owner is told once: an event on the bus, and a bay's activity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import EVENT_ATTENTION
from .devices import bay_device_id
from .domain.happenings import Happening, What
from .domain.money import Money
from .domain.orders import Order
from .site import PayBayConfigEntry

_WORDS = ("bay", "plan", "reason")
"""What is told in the owner's language, where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An issue as it should stand; `data` is for the fix flow.

    `bay_id`, `order` and `amount` say what it is about, as far as that is known.
    """

    id: str
    key: str
    severity: ir.IssueSeverity
    data: Mapping[str, str]
    placeholders: Mapping[str, str]
    bay_id: str | None = None
    order: Order | None = None
    amount: Money | None = None


@callback
def tell_of_item(hass: HomeAssistant, entry: ConfigEntry, item: OpenItem) -> None:
    """Fire `paybay_attention`: ids and an amount in minor units, nobody's data."""
    hass.bus.async_fire(
        EVENT_ATTENTION,
        {
            "kind": item.key,
            "issue_id": item.id,
            "config_entry_id": entry.entry_id,
            "bay_id": item.bay_id,
            "device_id": bay_device_id(hass, entry, item.bay_id or ""),
            "order_id": item.order.id if item.order else None,
            "amount": item.amount.minor if item.amount else None,
            "currency": item.amount.currency if item.amount else None,
            **{word: item.placeholders.get(word) for word in _WORDS},
        },
    )
    if entry.state is not ConfigEntryState.LOADED or item.bay_id is None:
        return
    cast(PayBayConfigEntry, entry).runtime_data.dispatcher.tell(
        Happening(
            what=What.ATTENTION, bay_id=item.bay_id, order=item.order, reason=item.key
        )
    )
