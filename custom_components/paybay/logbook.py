"""Lines of the logbook: what was paid, and what needs the owner."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN, EVENT_ATTENTION, EVENT_ORDER_PAID
from .domain.money import Money
from .open_items.kinds import (
    ISSUE_CASH_BACK,
    ISSUE_EVENT_UNREADABLE,
    ISSUE_LEDGER_RESTORED,
    ISSUE_ORDER_UNKNOWN,
    ISSUE_OUTCOME_UNKNOWN,
    ISSUE_REFUND_DUE,
    ISSUE_REFUND_FAILED,
    ISSUE_REFUND_NO_BALANCE,
    ISSUE_SESSION_UNREPORTED,
)
from .site import PayBayConfigEntry
from .switch import SESSION

NEEDS = {
    ISSUE_CASH_BACK: "{amount} in cash is to be handed back",
    ISSUE_EVENT_UNREADABLE: "Razorpay sent something that could not be read",
    ISSUE_LEDGER_RESTORED: "the ledger came back from a backup",
    ISSUE_ORDER_UNKNOWN: "{amount} was paid for an order that is not in the books",
    ISSUE_OUTCOME_UNKNOWN: "a device tells of an order that is not in the books",
    ISSUE_REFUND_DUE: "a refund of {amount} waits for your approval",
    ISSUE_REFUND_FAILED: "a refund of {amount} failed",
    ISSUE_REFUND_NO_BALANCE: "a refund of {amount} waits for balance at Razorpay",
    ISSUE_SESSION_UNREPORTED: "nobody knows how long a session of {amount} ran",
}
"""What stands before the owner, by its kind."""
_ICONS = {EVENT_ORDER_PAID: "mdi:cash-plus", EVENT_ATTENTION: "mdi:alert-outline"}

type Line = dict[str, Any]


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], Line]], None],
) -> None:
    """Say what PayBay's events mean."""

    @callback
    def paid(event: Event) -> Line:
        return _line(hass, event, _paid(hass, event.data))

    @callback
    def attention(event: Event) -> Line:
        return _line(hass, event, _attention(event.data))

    async_describe_event(DOMAIN, EVENT_ORDER_PAID, paid)
    async_describe_event(DOMAIN, EVENT_ATTENTION, attention)


def _paid(hass: HomeAssistant, data: Any) -> str:
    bought = f"{_length(data['seconds'])} ({_plan(hass, data)})"
    if data["repeated"]:
        return f"still has {bought} to start"
    if data["amount"] == 0:
        return f"was ordered for free: {bought}"
    mode = ", in test mode" if data["test_mode"] else ""
    return f"was paid {Money(data['amount'], data['currency'])} for {bought}{mode}"


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    words = (f"{minutes} min" if minutes else "", f"{rest} s" if rest else "")
    return " ".join(filter(None, words)) or "0 s"


def _plan(hass: HomeAssistant, data: Any) -> str:
    """Return what a plan is called today, or its code if it is gone."""
    entries: list[PayBayConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        if data["bay_id"] in entry.runtime_data.bays:
            plan = entry.runtime_data.plans.get(data["plan"])
            return plan.name if plan else str(data["plan"])
    return str(data["plan"])


def _attention(data: Any) -> str:
    amount = "an amount"
    if data["amount"] is not None:
        amount = str(Money(data["amount"], data["currency"]))
    words = NEEDS.get(data["kind"], "see the repairs")
    return f"needs you: {words.format(amount=amount)}"


def _line(hass: HomeAssistant, event: Event, message: str) -> Line:
    """Return a line in the name of the bay, by its switch, or of PayBay."""
    bay_id = event.data["bay_id"]
    switch = er.async_get(hass).async_get_entity_id(
        SWITCH_DOMAIN, DOMAIN, f"{bay_id}_{SESSION.key}"
    )
    state = hass.states.get(switch) if switch else None
    line = {
        LOGBOOK_ENTRY_NAME: state.name if state else event.data.get("bay") or "PayBay",
        LOGBOOK_ENTRY_MESSAGE: message,
        LOGBOOK_ENTRY_ICON: _ICONS[str(event.event_type)],
    }
    return line | ({LOGBOOK_ENTRY_ENTITY_ID: switch} if switch else {})
