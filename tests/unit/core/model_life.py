"""A world driven by hand, one loop step at a time: what happens to it, and when."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
import logging
from pathlib import Path
from typing import Any, cast, override

from custom_components.paybay.bay import (
    Bay,
    NothingToStartError,
    NothingToStopError,
    StartFailedError,
    StopRefusedError,
)
from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    LinkFact,
    LinkStatus,
    Notice,
    PaymentStatus,
)
from custom_components.paybay.domain.orders import ClaimedBy, Order, OrderState
from custom_components.paybay.domain.view import CUSTOMER
from custom_components.paybay.intake import Intake, Taken
from custom_components.paybay.ledger import LedgerError, orders
from custom_components.paybay.ledger.payments import Verdict

from .model_ledger import Eyes, SteppedLedger, Trouble, template
from .model_relay import ModelRelay
from .world import SITE, START_MS, TEN_RUPEES, World

_LOG = logging.getLogger("custom_components.paybay")
CALLED_OFF = "refunded_already"
MAX_STEPS = 3_000
"""Loop steps without rest before we say that the bay never rests."""


class LivelockError(AssertionError):
    """The bay turns and turns."""


@dataclass(slots=True)
class Capture:
    """A payment the provider captured. `acked`: PayBay said it has it."""

    notice: Notice
    told: int = 0
    acked: bool = False
    unacked: list[Notice] = field(default_factory=list)


class Errors(logging.Handler):
    """Collects what the bay itself calls unexpected."""

    def __init__(self) -> None:
        """Listen to errors only."""
        super().__init__(logging.ERROR)
        self.found: list[BaseException | str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.found.append(record.exc_info[1])


class Life(World):
    """A world on an event loop of its own, which moves only when told."""

    relay: ModelRelay
    ledger: SteppedLedger

    def __init__(self, path: Path, config: BayConfig, *, keeps_time: bool) -> None:
        """Begin with an empty ledger; PayBay is up."""
        super().__init__(path, config, keeps_time=keeps_time)
        path.write_bytes(template())
        self.relay = ModelRelay(self.clock, keeps_time=keeps_time)
        self.eyes = Eyes(path)
        self.orders: list[Order] = []
        self.captures: list[Capture] = []
        self.left: set[str] = set()
        self.alive = False
        self.trouble = Trouble.NONE
        self.calm_ms = 0
        self._born_ms = self.clock.mono_ms
        self.errors = Errors()
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._failed)
        _LOG.addHandler(self.errors)
        _LOG.setLevel(logging.ERROR)
        self.after_step: Callable[[], None] = lambda: None
        self.boot()

    def end(self) -> None:
        """Put everything away."""
        self.die()
        _LOG.removeHandler(self.errors)
        _LOG.setLevel(logging.NOTSET)
        self.eyes.close()
        self.loop.close()

    # The loop

    def do(self, work: Callable[[], object], steps: int | None = None) -> None:
        """Do something on the loop and let follow what follows, or only `steps`."""
        self.loop.call_soon(work)
        self.drain(steps)

    def drain(self, steps: int | None = None) -> None:
        """Run until nothing is ready, or for so many steps."""
        taken = 0
        while cast("Any", self.loop)._ready and taken != steps:
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()
            taken += 1
            if taken > MAX_STEPS:
                raise LivelockError
        self.relay.count()
        self.after_step()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as PayBay would, until it is killed."""
        self._spawn(work)

    def boot(self) -> None:
        """Start PayBay."""
        self.alive = True
        self.trouble = Trouble.NONE
        self.ledger = SteppedLedger(self.path)
        self.ledger.open()
        self.bay = Bay(
            self.config,
            self.relay,
            ledger=self.ledger,
            clock=self.clock,
            spawn=self._spawn,
            tell=self._tell,
        )
        bays = {self.config.id: self.config}
        self.intake = Intake(SITE, self.ledger, self.clock, bays, self._taken)
        self.do(self.bay.open)

    def die(self) -> None:
        """Kill PayBay as SIGKILL would: nothing it still wanted to do happens."""
        self.alive = False
        self.relay._watchers.clear()
        self.clock.kill()
        self.ledger.close()
        for task in tuple(self._tasks):
            task.cancel()
        self.drain()

    def wait(self, for_ms: int) -> None:
        """Let time pass, timer by timer."""
        end_ms = self.clock.mono_ms + for_ms
        while (due := self.clock.next_due_ms()) is not None and due <= end_ms:
            self._move(max(due, self.clock.mono_ms))
        self._move(end_ms)

    def _move(self, mono_ms: int) -> None:
        # The time up to here belongs to who had the relay until now.
        self.do(lambda: self.clock.move_to(mono_ms))

    # The provider

    def create(self, owed_ms: int, steps: int | None = None) -> None:
        """Create an order, as the start page does."""
        number = len(self.orders) + 1
        order = Order(
            id=f"ord_{number}",
            site_id=SITE,
            bay_id=self.config.id,
            plan_code="plan",
            plan_name="Plan",
            price=TEN_RUPEES,
            owed_ms=owed_ms,
            state=OrderState.CREATED,
            watch_code=f"watch_{number}",
            created_ms=self.clock.wall_ms,
            offer_ends_ms=self.clock.wall_ms + 960_000,
        )
        self.do(lambda: self.spawn(self._create(order)), steps)

    async def _create(self, order: Order) -> None:
        try:
            await self.ledger.run(lambda c: orders.add(c, order))
        except LedgerError:
            return
        self.orders.append(order)
        self.bay.poke()

    def capture(
        self,
        order: Order,
        *,
        minor: int = 1000,
        late_s: int = 0,
        refunded: bool = False,
    ) -> Capture:
        """Have the provider take money for an order; nobody is told yet."""
        notice = self.captured(
            order,
            amount=Money(minor, "INR"),
            created_s=self.true_wall_ms() // 1000 - late_s,
            status=PaymentStatus.REFUNDED if refunded else PaymentStatus.CAPTURED,
            refunded_minor=minor if refunded else 0,
        )
        capture = Capture(notice)
        self.captures.append(capture)
        return capture

    def true_wall_ms(self) -> int:
        """Return the provider's time, which never jumps."""
        return START_MS + self.clock.mono_ms - self._born_ms

    def tell(self, capture: Capture, kind: str, steps: int | None = None) -> None:
        """Send a notice of a payment, in one of the shapes a provider has."""
        notice = shaped(capture, kind)
        capture.told += 1
        self._send(capture, notice, steps)

    def _send(
        self, capture: Capture | None, notice: Notice, steps: int | None = None
    ) -> None:
        if self.alive:
            self.do(lambda: self.spawn(self._take(capture, notice)), steps)
        elif capture and notice.event_id:
            capture.unacked.append(notice)

    async def _take(self, capture: Capture | None, notice: Notice) -> None:
        """Take a notice in; what was not stored is sent again later."""
        if capture:
            capture.unacked.append(notice)
        try:
            taken = await self.intake.take(notice)
        except LedgerError:
            return
        if capture:
            capture.unacked.remove(notice)
            known = taken.verdict in (Verdict.CREDITED, Verdict.EXTRA, Verdict.KNOWN)
            captured = notice.payment is not None and notice.payment.captured
            capture.acked = capture.acked or (known and captured)

    def over(self, order: Order, status: LinkStatus) -> None:
        """Say that a link ended without money."""
        notice = Notice(
            channel=Channel.WEBHOOK,
            kind=f"payment_link.{status}",
            event_id=f"evt_{order.id}_{status}",
            link=_link(order.id, status, order.price),
        )
        self._send(None, notice)

    def retry_everything(self) -> None:
        """Let the provider send again, and the reconciler ask, for all there is."""
        for capture in self.captures:
            for notice in tuple(capture.unacked):
                capture.unacked.remove(notice)
                self._send(capture, notice)
            self.tell(capture, "poll")

    # The owner

    def owner_stops(self, steps: int | None = None) -> None:
        """Press stop."""
        self.do(lambda: self.spawn(self._stop()), steps)

    async def _stop(self) -> None:
        try:
            await self.bay.stop("stopped_by_owner")
        except NothingToStopError, LedgerError:
            return

    def customer_stops(self, order: Order, steps: int | None = None) -> None:
        """Press stop on an order's own page."""
        self.left.add(order.id)
        self.do(lambda: self.spawn(self._leave(order.id)), steps)

    async def _leave(self, order_id: str) -> None:
        try:
            await self.bay.stop(CUSTOMER, order_id)
        except NothingToStopError, StopRefusedError, LedgerError:
            return

    def call_off(self, order: Order, steps: int | None = None) -> None:
        """Have an order ended because its money went back."""
        self.do(lambda: self.spawn(self._call_off(order.id)), steps)

    async def _call_off(self, order_id: str) -> None:
        try:
            await self.bay.call_off(order_id, CALLED_OFF)
        except LedgerError:
            return

    def put_in_service(self, *, on: bool, steps: int | None = None) -> None:
        """Take customers, or none."""
        self.do(lambda: self.spawn(self._serve(on=on)), steps)

    async def _serve(self, *, on: bool) -> None:
        try:
            await self.bay.put_in_service(on=on)
        except LedgerError:
            return

    def claim(self, claimed_by: ClaimedBy, steps: int | None = None) -> None:
        """Start the first waiting order by hand or automation."""
        self.do(lambda: self.spawn(self._claim(claimed_by)), steps)

    async def _claim(self, claimed_by: ClaimedBy) -> None:
        try:
            await self.bay.start(None, claimed_by)
        except NothingToStartError, StartFailedError, LedgerError:
            return

    def suffer(self, trouble: Trouble) -> None:
        """Give the ledger's disk a trouble, or take it away."""
        self.trouble = self.ledger.trouble = trouble

    def _failed(self, _loop: object, context: dict[str, Any]) -> None:
        self.errors.found.append(context.get("exception") or str(context))

    @override
    def _taken(self, notice: Notice, taken: Taken) -> None:
        self.bay.poke()


def shaped(capture: Capture, kind: str) -> Notice:
    """Return a payment's notice in one of a provider's shapes."""
    notice = capture.notice
    fact = notice.payment
    assert fact is not None
    order_id = notice.reference_id
    assert order_id is not None
    if kind == "captured":
        return notice
    if kind == "poll":
        return replace(notice, channel=Channel.POLL, kind="poll", event_id=None)
    if kind == "bare":
        event_id = f"evt_bare_{fact.id}"
        return replace(notice, reference_id=None, event_id=event_id)
    if kind == "failed":
        event_id = f"evt_failed_{fact.id}"
        failed = replace(fact, status=PaymentStatus.FAILED)
        return replace(notice, payment=failed, event_id=event_id)
    return replace(
        notice,
        kind="payment_link.paid",
        event_id=f"evt_link_{fact.id}",
        reference_id=None,
        link=_link(order_id, LinkStatus.PAID, fact.amount),
    )


def _link(order_id: str, status: LinkStatus, amount: Money) -> LinkFact:
    return LinkFact(
        id=f"plink_{order_id}",
        reference_id=order_id,
        status=status,
        amount=amount,
        url="http://127.0.0.1/i/x",
    )
