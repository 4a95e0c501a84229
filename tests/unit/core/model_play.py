"""What may happen in a life, as short lines that shrink and read well."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.notices import LinkStatus
from custom_components.paybay.domain.orders import ClaimedBy

from .model_books import Books
from .model_ledger import Trouble
from .model_life import Life
from .model_truth import Truth
from .world import BAY

type Line = tuple[Any, ...]
"""What happens, and its details: `("wait", 60_000)`."""

OPEN = (
    "SELECT id, state FROM orders WHERE state IN ('paid', 'charging', 'paused') UNION"
    " SELECT order_id, state FROM deliveries WHERE state <> 'closed'"
)
PATIENCE_MS = 1_600_000
"""The longest an order may stay open beyond its own time: both windows, and more."""


class Play:
    """Plays lines, checks the laws after each, and at last lets everything heal."""

    def __init__(self, path: Path, *, keeps_time: bool = False, **rules: Any) -> None:
        """`rules` are the bay's."""
        config = BayConfig(
            id=BAY, name="Bay", relay="switch.bay", plan_codes=("plan",), **rules
        )
        self.life = Life(path, config, keeps_time=keeps_time)
        self.truth = Truth(self.life)
        self.books = Books(self.life, config)

    def run(self, *lines: Line) -> None:
        """Play everything to its end and put the world away."""
        try:
            for line in lines:
                self.play(line)
            self.heal()
        finally:
            self.life.end()

    def play(self, line: Line, steps: int | None = None) -> None:
        """Let one thing happen; with `steps`, only begin it."""
        name, *details = line
        act: Callable[..., None] = getattr(self, f"do_{name}")
        act(*details, steps=steps)
        if steps is None:
            self.check()

    def check(self) -> None:
        """Hold everything against the laws."""
        self.truth.check()
        self.books.check()

    def heal(self) -> None:
        """End all faults, let everything be told again and time run out."""
        for line in (
            ("ledger", Trouble.NONE),
            ("weld", False),
            ("dead", False),
            ("slow", 0),
            ("kill", 0, 0),
            ("find",),
        ):
            if line[0] != "kill" or not self.life.alive:
                self.play(line)
        self.life.retry_everything()
        self.check()
        self._let_time_run_out()
        self.play(("wait", 60_000))
        assert not self.life.relay.on
        for capture in self.life.captures:
            assert capture.acked

    def _let_time_run_out(self) -> None:
        owed_ms = sum(order.owed_ms for order in self.life.orders)
        count = len(self.life.orders) + 1
        end_ms = self.life.clock.mono_ms + owed_ms + count * PATIENCE_MS
        while self.life.eyes.rows(OPEN):
            self.play(("wait", 100_000))
            assert self.life.clock.mono_ms <= end_ms, "an order never ends"

    # Money

    def do_buy(self, owed_s: int, steps: int | None) -> None:
        """Somebody orders and pays."""
        self.life.create(owed_s * 1000)
        if self.life.orders:
            capture = self.life.capture(self.life.orders[-1])
            self.life.tell(capture, "captured", steps)

    def do_order(self, owed_s: int, steps: int | None) -> None:
        """Somebody orders."""
        self.life.create(owed_s * 1000, steps)

    def do_pay(
        self, index: int, minor: int, late_s: int, kind: str, steps: int | None
    ) -> None:
        """Somebody pays for an order, perhaps long ago, perhaps not for the first time.

        The kind `refunded` was given back before we heard of it.
        """
        if not self.life.orders:
            return
        order = self.life.orders[index % len(self.life.orders)]
        refunded = kind == "refunded"
        capture = self.life.capture(
            order, minor=minor, late_s=late_s, refunded=refunded
        )
        self.life.tell(capture, "captured" if refunded else kind, steps)

    def do_tell(self, index: int, kind: str, steps: int | None) -> None:
        """A payment is told of again."""
        if self.life.captures:
            capture = self.life.captures[index % len(self.life.captures)]
            self.life.tell(capture, kind, steps)

    def do_over(self, index: int, status: LinkStatus, steps: int | None) -> None:
        """A payment link ends."""
        if self.life.orders:
            self.life.over(self.life.orders[index % len(self.life.orders)], status)

    # Relay

    def do_lose(self, steps: int | None) -> None:
        """The relay gets out of reach."""
        if self.life.relay.contact:
            self.truth.lost()
            self.life.do(self.life.relay.lose, steps)

    def do_find(self, steps: int | None) -> None:
        """The relay is in reach again."""
        if not self.life.relay.contact:
            self.life.relay.contact = True
            self.truth.found()
            self.life.do(self.life.relay.find, steps)

    def do_crash(self, steps: int | None) -> None:
        """The relay loses power; contact with it is lost."""
        if self.life.relay.contact and not self.life.relay.welded:
            self.truth.lost()
            self.life.do(self.life.relay.crash, steps)

    def do_hand(self, on: bool, steps: int | None) -> None:
        """A human switches."""
        relay = self.life.relay
        if relay.dead and on:
            return
        stretch = self.truth.stretch
        owner = stretch["order_id"] if stretch is not None else None
        self.life.do(lambda: relay.hand(on=on, owner=owner), steps)

    def do_dead(self, dead: bool, steps: int | None) -> None:
        """The relay does not switch on any more, or does again."""
        if dead is not self.life.relay.dead:
            self.truth.calm()
        self.life.relay.dead = dead

    def do_weld(self, welded: bool, steps: int | None) -> None:
        """The contact sticks, or comes loose."""
        if welded is self.life.relay.welded:
            return
        self.truth.disturbed()
        self.truth.calm()
        self.life.relay.welded = welded
        self.life.do(self.life.relay.obey_again, steps)

    def do_slow(self, latency_ms: int, steps: int | None) -> None:
        """Commands take so long from now on."""
        if latency_ms != self.life.relay.latency_ms:
            self.truth.disturbed()
            self.truth.calm()
        self.life.relay.latency_ms = latency_ms

    # Time, and PayBay itself

    def do_wait(self, for_ms: int, steps: int | None) -> None:
        """Time passes."""
        self.life.wait(for_ms)

    def do_jump(self, by_ms: int, steps: int | None) -> None:
        """The wall clock is set."""
        self.life.clock.wall_ms += by_ms
        self.truth.back_ms += max(0, -by_ms)

    def do_kill(self, down_ms: int, jump_ms: int, steps: int | None) -> None:
        """PayBay is killed, and started again."""
        if self.life.alive:
            self.life.die()
        self.do_jump(jump_ms, None)
        self.life.wait(down_ms)
        self.truth.booting()
        self.life.boot()

    def do_torn(self, line: Line, after: int, down_ms: int, steps: int | None) -> None:
        """PayBay is killed in the middle of something."""
        self.play(line, steps=after)
        self.do_kill(down_ms, 0, None)

    def do_ledger(self, trouble: Trouble, steps: int | None) -> None:
        """The ledger's disk is in trouble, or well again."""
        if trouble is not self.life.trouble:
            self.truth.calm()
        self.life.suffer(trouble)

    def do_stop(self, steps: int | None) -> None:
        """The owner stops the session; out of reach, what it had is a guess."""
        if not self.life.relay.contact:
            self.truth.disturbed()
        self.life.owner_stops(steps)

    def do_leave(self, index: int, steps: int | None) -> None:
        """A customer stops: the session, if it is theirs by then."""
        if self.life.orders and self.life.alive:
            if not self.life.relay.contact:
                self.truth.disturbed()
            order = self.life.orders[index % len(self.life.orders)]
            self.life.customer_stops(order, steps)

    def do_call_off(self, index: int, steps: int | None) -> None:
        """An order is not to be served any more."""
        if self.life.orders and self.life.alive:
            if not self.life.relay.contact:
                self.truth.disturbed()
            order = self.life.orders[index % len(self.life.orders)]
            self.life.call_off(order, steps)

    def do_service(self, on: bool, steps: int | None) -> None:
        """The owner takes the bay out of service, or puts it back."""
        if self.life.alive:
            self.life.put_in_service(on=on, steps=steps)

    def do_claim(self, by: ClaimedBy, steps: int | None) -> None:
        """Somebody starts the first waiting order."""
        self.life.claim(by, steps)
