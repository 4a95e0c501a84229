"""What kinds of open items there are, and what their repair issues carry."""

from collections.abc import Mapping
from typing import Any

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


def item_order_id(data: Mapping[str, Any]) -> str | None:
    """Return the order that an issue with this data is about, if it is about one."""
    keys = (
        DATA_ORDER_ID,
        DATA_OWED_ORDER_ID,
        DATA_UNKNOWN_ORDER_ID,
        DATA_CASH_ORDER_ID,
    )
    return next((str(data[key]) for key in keys if data.get(key)), None)
