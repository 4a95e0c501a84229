"""Open items about sessions, cash, events and the ledger itself."""

from collections.abc import Iterator

from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from ..attention import OpenItem
from ..domain.money import Money
from ..ledger import arrivals, cash, restored, unknown_outcomes, unreported
from .kinds import (
    DATA_CASH_ORDER_ID,
    DATA_ORDER_ID,
    DATA_RESTORED,
    DATA_UNKNOWN_ORDER_ID,
    DATA_UNREADABLE,
    ISSUE_CASH_BACK,
    ISSUE_EVENT_UNREADABLE,
    ISSUE_LEDGER_RESTORED,
    ISSUE_OUTCOME_UNKNOWN,
    ISSUE_SESSION_UNREPORTED,
)
from .words import Words, local_moment

_UNREADABLE_MS = 7 * 24 * 3600 * 1000


def unreported_sessions(
    connection: Connection, site_id: str, words: Words
) -> list[OpenItem]:
    """Return an item for each session whose device never said how it ended."""
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


def unreadable_events(connection: Connection, site_id: str) -> list[OpenItem]:
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


def unknown_sessions(
    connection: Connection, site_id: str, words: Words
) -> list[OpenItem]:
    """Return an item for each outcome of an order that nobody knows."""
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


def cash_due_back(
    connection: Connection, site_id: str, words: Words
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


def restored_ledger(connection: Connection, site_id: str) -> list[OpenItem]:
    """Return an item for a ledger that came back from a backup."""
    gap = restored.unseen(connection, site_id)
    if gap is None:
        return []
    item = OpenItem(
        id=f"{ISSUE_LEDGER_RESTORED}_{site_id}",
        key=ISSUE_LEDGER_RESTORED,
        severity=ir.IssueSeverity.WARNING,
        data={DATA_RESTORED: site_id},
        placeholders={"from": local_moment(gap.from_ms), "to": local_moment(gap.to_ms)},
    )
    return [item]
