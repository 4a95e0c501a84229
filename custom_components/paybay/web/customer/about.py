"""Who sells here, as every page of a customer's says it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from homeassistant.core import HomeAssistant

from ...const import BAY_PAGE, DOMAIN, ORDER_PAGE, TERMS
from ...domain.merchant import Merchant
from ...domain.orders import Order
from ...entry_data import merchant_of


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The people behind a page, and where more is told of them.

    `topic` is what a message to them is about; `terms_url` None: there is no such page.
    """

    name: str
    merchant: Merchant
    terms_url: str | None = None
    topic: str = ""

    @classmethod
    def of(cls, hass: HomeAssistant, entry_id: str | None) -> Self:
        """Return who runs a site; without one, who runs the only site there is."""
        merchant = _merchant(hass, entry_id)
        return cls(name=merchant.name or hass.config.location_name, merchant=merchant)

    @property
    def whatsapp_url(self) -> str | None:
        """Return where WhatsApp opens, with the topic written already."""
        url = self.merchant.whatsapp_url
        return f"{url}?text={quote(self.topic)}" if url and self.topic else url

    @property
    def has_terms(self) -> bool:
        """Return whether there is anything to read on the page of terms."""
        told = self.merchant
        return bool(told.terms or told.refund_policy or told.address or told.gstin)


def terms_of_bay(bay_id: str) -> str:
    """Return where a bay's terms are."""
    return BAY_PAGE.format(bay=bay_id) + TERMS


def terms_of_order(order: Order) -> str:
    """Return where the terms of an order are, whatever became of its bay."""
    return ORDER_PAGE.format(watch=order.watch_code) + TERMS


def _merchant(hass: HomeAssistant, entry_id: str | None) -> Merchant:
    entries = hass.config_entries.async_entries(DOMAIN)
    if entry_id is not None:
        entries = [entry for entry in entries if entry.entry_id == entry_id]
    return merchant_of(entries[0]) if len(entries) == 1 else Merchant()
