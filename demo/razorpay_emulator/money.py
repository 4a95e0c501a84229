"""Amounts and moments for human eyes."""

from datetime import UTC, datetime


def rupees(amount_minor: int) -> str:
    """Return paise as rupees, e.g. `₹10.00`."""
    whole, rest = divmod(amount_minor, 100)
    return f"₹{whole:,}.{rest:02d}"


def moment(unix_s: int) -> str:
    """Return a Unix time for a table, in UTC; nothing for 0."""
    return f"{datetime.fromtimestamp(unix_s, UTC):%d %b %H:%M:%S}" if unix_s else ""
