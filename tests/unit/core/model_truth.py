"""What the relay really did, against what the ledger says and the laws allow."""

from collections import Counter
import itertools
import sqlite3

from custom_components.paybay.domain.view import CRUMB_MS

from .model_life import Life
from .model_relay import CONFIRM_MS

SLOW_MS = 20_000
"""What one slow switching may cost in exactness."""
GUARD_MS = 1_000
"""How much later the guard acts when the ledger cannot."""
CALM_MS = 20_000
"""How long PayBay may take to act after a fault is over."""
_RUNNING = (
    "SELECT id FROM orders WHERE state IN ('charging', 'paused') UNION"
    " SELECT order_id FROM deliveries WHERE state <> 'closed'"
)

_PAID = (
    "SELECT * FROM orders WHERE state NOT IN ('created', 'cancelled', 'expired')"
    " ORDER BY rowid"
)


def _mark(stretch: sqlite3.Row | None) -> tuple[object, ...]:
    """Return what changes with a checkpoint; a longer session is none."""
    if stretch is None:
        return ()
    return tuple(stretch[key] for key in ("id", "state", "checkpoint_ms", "ran_ms"))


class Truth:
    """Follows a life. Per order, `less` and `more` are how far recorded may be off.

    A plain switch that was out of sight counts as the docs say: found on, by the
    clock; found off, up to the checkpoint. A device is exact, always.
    """

    def __init__(self, life: Life) -> None:
        """Watch from the beginning."""
        self._life = life
        self.less: Counter[str] = Counter()
        self.more: Counter[str] = Counter()
        self.fuzzy: set[str] = set()
        self.waived_ms: Counter[str] = Counter()
        self.back_ms = 0
        self._ended: set[str] = set()
        self.stretch: sqlite3.Row | None = None
        self._at_mark_ms = 0
        self._blind: tuple[int, int] | None = None
        self._started: set[str] = set()
        self._credited_ms: dict[str, int] = {}
        self._busy_ms: dict[str, int] = {}
        self._seam_ms: int | None = None
        self._queued: set[str] = set()
        self._last_stretch = 0
        life.relay.told_on = self._told_on
        life.after_step = self.look

    # What PayBay cannot see

    def lost(self) -> None:
        """The relay went out of sight while PayBay was up."""
        if self._life.alive and self.stretch is not None:
            order_id = self.stretch["order_id"]
            seen_ms = self._life.relay.on_for[order_id]
            self._blind = self._life.clock.mono_ms, seen_ms

    def found(self) -> None:
        """The relay is about to be in sight again."""
        if self._blind is not None and self.stretch is not None:
            since_ms, seen_ms = self._blind
            order_id = self.stretch["order_id"]
            on_ms = self._life.relay.on_for[order_id] - seen_ms
            self._guess(order_id, self._life.clock.mono_ms - since_ms, on_ms)
        self._blind = None

    def booting(self) -> None:
        """PayBay is about to be up again."""
        self._blind = None
        stretch = self._open_stretch()
        if stretch is None:
            return
        order_id, life = stretch["order_id"], self._life
        passed_ms = max(0, life.clock.wall_ms - stretch["checkpoint_ms"])
        on_ms = life.relay.on_for[order_id] - self._at_mark_ms
        self._guess(order_id, passed_ms, on_ms)
        if not life.relay.contact:
            self._blind = life.clock.mono_ms, life.relay.on_for[order_id]

    def _guess(self, order_id: str, passed_ms: int, on_ms: int) -> None:
        """Allow for what a plain switch cannot tell of the time out of sight."""
        relay = self._life.relay
        if relay.keeps_time:
            return
        if not relay.contact or relay.on:
            self.more[order_id] += max(0, passed_ms - on_ms)
            self.less[order_id] += max(0, on_ms - passed_ms)
        if not relay.on:
            self.less[order_id] += relay.on_for[order_id] - self._at_mark_ms

    def disturbed(self) -> None:
        """Something makes exactness impossible for the order that has the relay."""
        if self.stretch is not None:
            self.fuzzy.add(self.stretch["order_id"])
        if self._life.relay.who is not None:
            self.fuzzy.add(self._life.relay.who)

    def calm(self, after_ms: int = CALM_MS) -> None:
        """A fault is over; PayBay may take a moment to see it."""
        self._life.calm_ms = self._life.clock.mono_ms + after_ms

    # What is checked

    def look(self) -> None:
        """Take note of where things stand after the loop has come to rest."""
        life = self._life
        self._note_seams()
        stretch = self._open_stretch()
        if stretch is not None and _mark(stretch) != _mark(self.stretch):
            self._at_mark_ms = life.relay.on_for[stretch["order_id"]]
        self.stretch = stretch
        if life.relay.latency_ms or life.relay.welded:
            self.disturbed()
        self._note_orders()
        if not self._able():
            for order_id, on_ms in life.relay.on_for.items():
                if order_id is not None:
                    self.waived_ms[order_id] = on_ms

    def _note_seams(self) -> None:
        """Give the time after a seam to the order that it was for."""
        life = self._life
        query = (
            "SELECT d.*, o.owed_ms FROM deliveries d JOIN orders o ON o.id = order_id"
        )
        rows = life.eyes.rows(
            f"{query} WHERE d.id >= ? ORDER BY d.id", self._last_stretch
        )
        for before, after in itertools.pairwise(rows):
            if after["offset_ms"]:
                assert after["session_id"] == before["session_id"]
                assert after["offset_ms"] == before["offset_ms"] + before["ran_ms"]
                self._note_seam(before, after)
        if rows:
            self._last_stretch = rows[-1]["id"]

    def _note_seam(self, before: sqlite3.Row, after: sqlite3.Row) -> None:
        relay, old, new = self._life.relay, before["order_id"], after["order_id"]
        over_ms = relay.on_for[old] - before["owed_ms"]
        if not relay.keeps_time:
            over_ms = self._life.clock.wall_ms - after["started_ms"]
        over_ms = min(max(0, over_ms), relay.on_for[old])
        relay.on_for[old] -= over_ms
        relay.on_for[new] += over_ms
        self.waived_ms[new] += min(over_ms, self.waived_ms[old])
        self.less[new] += self.less[old]
        self.more[new] += self.more[old]
        if old in self.fuzzy:
            self.fuzzy.add(new)
        if relay.who == old:
            relay.who = new
        self._started.add(new)
        if self._seam_ms is not None:
            self._seam_ms += after["planned_ms"]

    def check(self) -> None:
        """Hold the present against the laws; nothing may be in progress."""
        life = self._life
        assert life.errors.found == [], life.errors.found[0]
        for order in life.orders:
            promised_ms = order.owed_ms + self._joined_ms(order.id)
            self._check_not_too_long(order.id, promised_ms)
        if self._able() and not life.trouble and not life.relay.latency_ms:
            assert not life.relay.on or self.stretch is not None, "on for nobody"

    def _joined_ms(self, order_id: str) -> int:
        """Return what is owed to those who follow in an order's running session."""
        stretch = self.stretch
        if stretch is None or stretch["order_id"] != order_id:
            return 0
        query = "SELECT owed_ms FROM orders WHERE state = 'paid' AND session_id = ?"
        joined = self._life.eyes.rows(query, stretch["session_id"])
        return sum(row["owed_ms"] for row in joined)

    def _able(self) -> bool:
        life = self._life
        calm = life.clock.mono_ms >= life.calm_ms
        obeys = not life.relay.welded and life.relay.latency_ms <= CONFIRM_MS
        return life.alive and life.relay.contact and obeys and calm

    def _check_not_too_long(self, order_id: str, owed_ms: int) -> None:
        relay = self._life.relay
        on_ms = relay.on_for[order_id]
        if relay.keeps_time and order_id not in self.fuzzy:
            assert on_ms <= owed_ms, f"device on {on_ms} ms of {owed_ms}"
        elif self._able():
            slack_ms = GUARD_MS if self._life.trouble else 0
            slack_ms += SLOW_MS if order_id in self.fuzzy else 0
            most_ms = max(owed_ms + self.less[order_id], self.waived_ms[order_id])
            assert on_ms <= most_ms + slack_ms, f"on {on_ms} ms of {owed_ms}"

    def _note_orders(self) -> None:
        life = self._life
        running = {row["id"] for row in life.eyes.rows(_RUNNING)}
        now_ms = life.clock.mono_ms
        for row in life.eyes.rows(_PAID):
            order_id = row["id"]
            self._credited_ms.setdefault(order_id, now_ms)
            if row["state"] == "paid" and running - {order_id}:
                self._queued.add(order_id)
                self._busy_ms[order_id] = now_ms
            if row["state"] in ("completed", "stopped"):
                self._note_end(row)

    def _note_end(self, row: sqlite3.Row) -> None:
        """Compare an order's record with the truth, when it has just ended."""
        order_id, life = row["id"], self._life
        if order_id in self._ended:
            return
        self._ended.add(order_id)
        unsure = row["reason"] == "unreported" or not life.relay.contact
        if unsure or order_id in self.fuzzy:
            return
        true_ms = min(life.relay.on_for[order_id], row["owed_ms"])
        off_ms = row["ran_ms"] - true_ms
        starts = "SELECT COUNT(*) n FROM deliveries WHERE order_id = ?"
        crumbs_ms = CRUMB_MS * life.eyes.rows(starts, order_id)[0]["n"]
        least_ms = -self.less[order_id] - crumbs_ms
        most_ms = self.more[order_id] + crumbs_ms
        assert least_ms <= off_ms <= most_ms, f"recorded {off_ms} ms off the truth"

    def _open_stretch(self) -> sqlite3.Row | None:
        query = "SELECT * FROM deliveries WHERE state <> 'closed'"
        return next(iter(self._life.eyes.rows(query)), None)

    # When it starts

    def _told_on(self, order_id: str, for_ms: int) -> None:
        """Check that a first start comes in time, by both clocks."""
        life = self._life
        now_ms = life.clock.mono_ms
        window_ms = life.config.start_window_s * 1000 + self._patience_ms()
        if order_id not in self._started:
            self._check_by_payment(order_id, window_ms)
            credited_ms = self._credited_ms.get(order_id, now_ms)
            busy_ms = self._busy_ms.get(order_id, credited_ms)
            if self._seam_ms is not None:
                # Who queued did so up to the session's end, whenever we heard of that.
                queued = order_id in self._queued
                busy_ms = self._seam_ms if queued else min(busy_ms, self._seam_ms)
            late_ms = now_ms - max(credited_ms, busy_ms) - window_ms
            assert late_ms <= 0, f"starts {late_ms} ms late"
        self._started.add(order_id)
        self._seam_ms = now_ms + for_ms + self.less[order_id]

    def _check_by_payment(self, order_id: str, window_ms: int) -> None:
        """Unless it queued, a start's window counts from the payment's own time."""
        life = self._life
        query = "SELECT created_ms FROM payments WHERE order_id = ? AND verdict = ?"
        paid = life.eyes.rows(query, order_id, "credited")
        assert paid, "starts without money"
        late_ms = life.true_wall_ms() - paid[0]["created_ms"] - window_ms
        assert order_id in self._queued or late_ms <= 0, f"starts {late_ms} ms late"

    def _patience_ms(self) -> int:
        """Proof takes time; a clock set back before a start cannot be seen through."""
        life = self._life
        troubled = life.relay.latency_ms or life.clock.mono_ms < life.calm_ms
        slow_ms = SLOW_MS if troubled else 0
        return slow_ms + self.back_ms
