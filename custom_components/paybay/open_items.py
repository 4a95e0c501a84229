"""Open items: what the ledger holds that only the owner can settle."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from .attention import OpenItem, tell_of_item
from .const import DOMAIN
from .domain.bay import BayConfig
from .domain.money import Money
from .domain.orders import Order
from .domain.refunds import ORDER_UNKNOWN, RefundProblem, RefundState
from .entry_data import bays_of
from .ledger import (
    Ledger,
    LedgerError,
    arrivals,
    cash,
    orders,
    payments,
    refunds,
    restored,
    unknown_outcomes,
    unreported,
)
from .ledger.payments import Payment
from .ledger.refunds import Refund

_LOGGER = logging.getLogger(__name__)

ISSUE_REFUND_DUE = "refund_due"
ISSUE_REFUND_FAILED = "refund_failed"
ISSUE_ORDER_UNKNOWN = "order_unknown"
ISSUE_REFUND_NO_BALANCE = "refund_no_balance"
ISSUE_SESSION_UNREPORTED = "session_unreported"
ISSUE_EVENT_UNREADABLE = "event_unreadable"
ISSUE_LEDGER_RESTORED = "ledger_restored"
ISSUE_OUTCOME_UNKNOWN = "outcome_unknown"
ISSUE_CASH_BACK = "cash_back_due"

DATA_ENTRY_ID = "entry_id"
DATA_ORDER_ID = "order_id"
DATA_CASH_ORDER_ID = "cash_order_id"
DATA_REFUND_KEY = "refund_key"
DATA_OWED_ORDER_ID = "owed_order_id"
DATA_UNKNOWN_ORDER_ID = "unknown_order_id"
DATA_UNREADABLE = "unreadable_site_id"
DATA_RESTORED = "restored_site_id"
DATA_BAY_ID = "bay_id"
DATA_AMOUNT = "amount"
"""Minor units of the site's currency."""

_UNREADABLE_MS = 7 * 24 * 3600 * 1000

_REASON = f"component.{DOMAIN}.selector.refund_reason.options."
_REMOVED_BAY = f"component.{DOMAIN}.common.removed_bay"


@dataclass(frozen=True, slots=True)
class _Words:
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


async def async_refresh_open_items(
    hass: HomeAssistant, ledger: Ledger, entry: ConfigEntry
) -> None:
    """Show an issue for each open item of a site, and no others."""
    words = await _words(hass, entry)
    at_work = is_at_work(hass, entry.entry_id)
    try:
        items = await ledger.run(
            lambda c: [
                *_refunds(c, entry.entry_id, words, at_work=at_work),
                *_unreported(c, entry.entry_id, words),
                *_unreadable(c, entry.entry_id),
                *_restored(c, entry.entry_id),
                *_unknown(c, entry.entry_id, words),
                *_cash_back(c, entry.entry_id, words),
            ]
        )
    except LedgerError as err:
        _LOGGER.warning("The repair issues may be out of date: %s", err)
        return
    for item in _show(hass, entry.entry_id, items):
        tell_of_item(hass, entry, item)


async def _words(hass: HomeAssistant, entry: ConfigEntry) -> _Words:
    language = hass.config.language
    texts = {
        **await async_get_translations(hass, language, "common", [DOMAIN]),
        **await async_get_translations(hass, language, "selector", [DOMAIN]),
    }
    return _Words(bays_of(entry), texts)


def item_order_id(data: Mapping[str, Any]) -> str | None:
    """Return the order that an issue with this data is about, if it is about one."""
    keys = (
        DATA_ORDER_ID,
        DATA_OWED_ORDER_ID,
        DATA_UNKNOWN_ORDER_ID,
        DATA_CASH_ORDER_ID,
    )
    return next((str(data[key]) for key in keys if data.get(key)), None)


def is_at_work(hass: HomeAssistant, entry_id: str) -> bool:
    """Return whether a site is there and enabled, so that it sends its own refunds."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry is not None and not entry.disabled_by


def _refunds(
    connection: Connection, site_id: str, words: _Words, *, at_work: bool
) -> list[OpenItem]:
    return [
        _refund_item(connection, refund, key, words)
        for refund in refunds.unsettled(connection, site_id)
        if (key := _refund_issue(refund, at_work=at_work))
    ]


def _refund_item(
    connection: Connection, refund: Refund, key: str, words: _Words
) -> OpenItem:
    order = orders.get(connection, refund.order_id)
    payment = payments.find(connection, refund.payment_id)
    return OpenItem(
        id=f"{key}_{refund.key}",
        key=key,
        severity=ir.IssueSeverity.ERROR,
        data={DATA_REFUND_KEY: refund.key, DATA_OWED_ORDER_ID: order.id},
        placeholders={
            **words.about(order),
            "amount": str(refund.amount),
            "answer": refund.answer or "-",
            "payment_id": refund.payment_id,
            "rrn": (payment and payment.rrn) or "-",
            **_lost(order, payment, words),
            "reason": words.reason(refund.reason),
        },
        bay_id=order.bay_id,
        order=order,
        amount=refund.amount,
    )


def _refund_issue(refund: Refund, *, at_work: bool) -> str | None:
    """Return what is to be said of a refund; None if it goes its way by itself."""
    if refund.state is RefundState.FAILED:
        return ISSUE_REFUND_FAILED
    if not at_work:
        return None if refund.provider_id else ISSUE_REFUND_DUE
    if refund.state is RefundState.SENT:
        return None
    if refund.problem is RefundProblem.NO_BALANCE:
        return ISSUE_REFUND_NO_BALANCE
    if refund.approved_by:
        return None
    return ISSUE_ORDER_UNKNOWN if refund.reason == ORDER_UNKNOWN else ISSUE_REFUND_DUE


def _unreported(connection: Connection, site_id: str, words: _Words) -> list[OpenItem]:
    return [
        OpenItem(
            id=f"{ISSUE_SESSION_UNREPORTED}_{order.id}",
            key=ISSUE_SESSION_UNREPORTED,
            severity=ir.IssueSeverity.WARNING,
            data={DATA_ORDER_ID: order.id},
            placeholders={**words.about(order), "amount": str(order.price)},
            bay_id=order.bay_id,
            order=order,
            amount=order.price,
        )
        for order in unreported.of_site(connection, site_id)
    ]


def _unreadable(connection: Connection, site_id: str) -> list[OpenItem]:
    """Return an item for signed events of the last week that made no sense."""
    week_ms = int(dt_util.utcnow().timestamp() * 1000) - _UNREADABLE_MS
    count = arrivals.unreadable(connection, site_id, week_ms)
    if not count:
        return []
    item = OpenItem(
        id=f"{ISSUE_EVENT_UNREADABLE}_{site_id}",
        key=ISSUE_EVENT_UNREADABLE,
        severity=ir.IssueSeverity.WARNING,
        data={DATA_UNREADABLE: site_id},
        placeholders={"count": str(count)},
    )
    return [item]


def _unknown(connection: Connection, site_id: str, words: _Words) -> list[OpenItem]:
    return [
        OpenItem(
            id=f"{ISSUE_OUTCOME_UNKNOWN}_{outcome.order_id}",
            key=ISSUE_OUTCOME_UNKNOWN,
            severity=ir.IssueSeverity.WARNING,
            data={DATA_UNKNOWN_ORDER_ID: outcome.order_id},
            placeholders={
                "bay": words.bay(outcome.bay_id),
                "order_id": outcome.order_id,
            },
            bay_id=outcome.bay_id,
        )
        for outcome in unknown_outcomes.of_site(connection, site_id)
    ]


def _cash_back(
    connection: Connection, site_id: str, words: _Words
) -> Iterator[OpenItem]:
    """Yield an item for each order whose cash is to be given back by hand."""
    for order in cash.due_back(connection, site_id):
        back = Money(order.cash_back_minor, order.price.currency)
        yield OpenItem(
            id=f"{ISSUE_CASH_BACK}_{order.id}",
            key=ISSUE_CASH_BACK,
            severity=ir.IssueSeverity.WARNING,
            data={DATA_CASH_ORDER_ID: order.id},
            placeholders={**words.about(order), "amount": str(back)},
            bay_id=order.bay_id,
            order=order,
            amount=back,
        )


def _restored(connection: Connection, site_id: str) -> list[OpenItem]:
    """Return an item for a ledger that came back from a backup."""
    gap = restored.unseen(connection, site_id)
    if gap is None:
        return []
    item = OpenItem(
        id=f"{ISSUE_LEDGER_RESTORED}_{site_id}",
        key=ISSUE_LEDGER_RESTORED,
        severity=ir.IssueSeverity.WARNING,
        data={DATA_RESTORED: site_id},
        placeholders={"from": _local(gap.from_ms), "to": _local(gap.to_ms)},
    )
    return [item]


def _local(at_ms: int) -> str:
    """Return a moment as the owner's clock shows it."""
    moment = dt_util.as_local(dt_util.utc_from_timestamp(at_ms / 1000))
    return moment.isoformat(" ", "minutes")


def _lost(order: Order, payment: Payment | None, words: _Words) -> dict[str, str]:
    """Return what only the link still knew of an order that the ledger had lost."""
    if order.reason != ORDER_UNKNOWN or payment is None:
        return {}
    known = order.bay_id in words.bays or not order.bay_name
    name = words.bay(order.bay_id) if known else order.bay_name
    return {"bay": name, "paid_at": _local(payment.created_ms)}


@callback
def _show(
    hass: HomeAssistant, entry_id: str, items: Iterable[OpenItem]
) -> list[OpenItem]:
    """Bring the issues in step; return the items that were not shown before."""
    fresh: list[OpenItem] = []
    gone = {
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and (issue.data or {}).get(DATA_ENTRY_ID) == entry_id
    }
    for item in items:
        gone.discard(item.id)
        if ir.async_get(hass).async_get_issue(DOMAIN, item.id) is None:
            fresh.append(item)
        ir.async_create_issue(
            hass,
            DOMAIN,
            item.id,
            data={
                DATA_ENTRY_ID: entry_id,
                DATA_BAY_ID: item.bay_id,
                DATA_AMOUNT: item.amount.minor if item.amount else None,
                **item.data,
            },
            is_fixable=True,
            is_persistent=True,
            severity=item.severity,
            translation_key=item.key,
            translation_placeholders=dict(item.placeholders),
        )
    for issue_id in gone:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    return fresh
