"""Looks at the ledger again and again: what was done stays done. Pure."""

from collections.abc import Iterable

from .evidence import Row
from .violation import Violation

LAW = "no delivery, refund or end is undone"
_FINAL = ("completed", "stopped", "undelivered")


class Memory:
    """Remembers everything that must not change any more, from look to look."""

    def __init__(self) -> None:
        self.broken: list[Violation] = []
        self._kept: dict[tuple[str, object], tuple[str, object]] = {}

    def look(
        self,
        orders: Iterable[Row],
        payments: Iterable[Row],
        deliveries: Iterable[Row],
        refunds: Iterable[Row],
    ) -> None:
        """Compare the ledger with what was final at the last look."""
        now = {
            **{
                ("order", row["id"]): (row["id"], (row["state"], row["ran_ms"]))
                for row in orders
                if row["state"] in _FINAL
            },
            **{
                ("payment", row["id"]): (row["order_id"], row["amount_minor"])
                for row in payments
            },
            **{
                ("delivery", row["id"]): (
                    row["order_id"],
                    (row["ran_ms"], row["ended_ms"], row["reason"]),
                )
                for row in deliveries
                if row["state"] == "closed"
            },
            **{
                ("refund", row["key"]): (row["order_id"], row["amount_minor"])
                for row in refunds
                if row["state"] == "processed"
            },
        }
        for name, (order_id, value) in self._kept.items():
            if now.get(name, (order_id, None)) != (order_id, value):
                found = now.get(name)
                text = f"{name[0]} {name[1]} was {value}, now {found and found[1]}"
                self.broken.append(Violation(law=LAW, text=text, order_id=order_id))
        self._kept = now
