"""What must hold in the ledger's file at every moment, whatever the relay did."""

from collections.abc import Iterable, Sequence
import sqlite3
from typing import Any

from custom_components.paybay.domain.bay import BayConfig, BusyPolicy, RestPolicy
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.orders import TRANSITIONS
from custom_components.paybay.domain.refunds import rest_of

from .model_life import Capture, Life

_MOVES = {(old.value, new.value) for (old, _), new in TRANSITIONS.items()}
_UNPAID = ("created", "cancelled", "expired")
_NEVER_RAN = (*_UNPAID, "paid", "undelivered")
_OWED_BACK = ("stopped", "undelivered")
_OPEN = (
    "SELECT owed_ms - ran_ms n, state <> 'paid' OR EXISTS (SELECT 1 FROM deliveries"
    " WHERE order_id = orders.id AND state <> 'closed') has_relay"
    " FROM orders WHERE state IN ('paid', 'charging', 'paused')"
)
_KEPT = ("stopped_by_owner", "customer", "not_resumed")
"""Why an order may have ended whose rest the owner keeps."""


class Books:
    """Audits a ledger."""

    def __init__(self, life: Life, config: BayConfig) -> None:
        """Read a life's ledger; its bay has these rules."""
        self._life = life
        self._eyes = life.eyes
        self._config = config
        self._audited = 0

    def check(self) -> None:
        """Audit everything; a failed assertion says what is wrong."""
        self._nothing_undone()
        self._rules_kept()
        found = self._eyes.rows("SELECT * FROM payments ORDER BY rowid")
        for row in self._eyes.rows("SELECT * FROM orders"):
            paid = [p for p in found if p["order_id"] == row["id"]]
            self._order(row, paid)
        self._refunds_fit()
        self._captures({p["id"]: p for p in found}, self._life.captures)
        opened = "SELECT COUNT(*) n FROM deliveries WHERE state <> 'closed'"
        assert self._eyes.rows(opened)[0]["n"] <= 1

    def _nothing_undone(self) -> None:
        rows = self._eyes.rows("SELECT * FROM audit WHERE n > ?", self._audited)
        for row in rows:
            self._audited = row["n"]
            assert row["what"] == "moved", f"{row['what']}: {row['old']}"
            assert (row["old"], row["new"]) in _MOVES, tuple(row)

    def _rules_kept(self) -> None:
        """Hold who waits, and who was stopped, against the bay's rules."""
        open_ones = self._eyes.rows(_OPEN)
        if len(open_ones) > 1:
            assert self._config.busy is BusyPolicy.TOP_UP, "queues at a busy bay"
            left_ms = [row["n"] for row in open_ones]
            first_ms = [row["n"] for row in open_ones if row["has_relay"]]
            # Who has to wait for the relay alone may want more than the queue takes.
            queued_ms = sum(left_ms) - (first_ms[0] if first_ms else max(left_ms))
            assert queued_ms <= self._config.max_queue_s * 1000, "queues too long"
        left = self._eyes.rows("SELECT id FROM orders WHERE reason = 'customer'")
        assert not left or self._config.customer_stop, "stopped against the rules"
        assert {row["id"] for row in left} <= self._life.left, "stopped by a stranger"

    def _order(self, order: sqlite3.Row, paid: Sequence[sqlite3.Row]) -> None:
        state, ran_ms = order["state"], order["ran_ms"]
        delivered = "SELECT COALESCE(SUM(ran_ms), 0) n FROM deliveries WHERE order_id=?"
        closed = self._eyes.rows(f"{delivered} AND state = 'closed'", order["id"])
        assert ran_ms == closed[0]["n"]
        assert 0 <= ran_ms <= order["owed_ms"], (ran_ms, order["owed_ms"])
        credited = [p for p in paid if p["verdict"] == "credited"]
        assert len(credited) == (state not in _UNPAID), (state, len(credited))
        if state in _NEVER_RAN:
            assert ran_ms == 0
        if state == "completed":
            assert ran_ms == order["owed_ms"]
        for payment in paid:
            self._owed_back(order, payment)

    def _owed_back(self, order: sqlite3.Row, payment: sqlite3.Row) -> None:
        """Compare what is owed back of a payment with what should be."""
        amount = Money(payment["amount_minor"], payment["currency"])
        expected = 0
        if payment["verdict"] == "extra":
            expected = amount.minor
        elif order["state"] in _OWED_BACK:
            owed_ms, ran_ms = order["owed_ms"], order["ran_ms"]
            expected = rest_of(amount, owed_ms=owed_ms, ran_ms=ran_ms).minor
            if self._keeps(order):
                expected = 0
        expected = min(expected, amount.minor - payment["refunded_minor"])
        query = "SELECT COALESCE(SUM(amount_minor), 0) n FROM refunds WHERE payment_id="
        owed = self._eyes.rows(f"{query} ?", payment["id"])[0]["n"]
        assert owed == expected, f"{order['state']}: {owed} owed back, not {expected}"

    def _keeps(self, order: sqlite3.Row) -> bool:
        """Whether the rest stays with the owner: never from who got nothing."""
        by_policy = order["state"] == "stopped" and order["reason"] in _KEPT
        keeps = self._config.rest is RestPolicy.KEEP
        return by_policy and keeps and order["ran_ms"] > 0

    def _refunds_fit(self) -> None:
        """Look for refunds of more than a payment, or to another order's payment."""
        query = (
            "SELECT p.id FROM payments p JOIN refunds r ON r.payment_id = p.id"
            " GROUP BY p.id HAVING SUM(r.amount_minor) + p.refunded_minor"
            " > p.amount_minor OR MAX(r.order_id <> p.order_id)"
        )
        assert self._eyes.rows(query) == []

    def _captures(
        self, found: dict[str, sqlite3.Row], captures: Iterable[Capture]
    ) -> None:
        """What was acknowledged is there, as it was told, and nothing else is."""
        facts: dict[str, Any] = {}
        for capture in captures:
            fact = capture.notice.payment
            assert fact is not None
            facts[fact.id] = capture
            row = found.get(fact.id)
            assert row is not None or not capture.acked, f"{fact.id} is lost"
            if row is not None:
                assert row["order_id"] == capture.notice.reference_id
                assert row["amount_minor"] == fact.amount.minor
        assert found.keys() <= facts.keys()
