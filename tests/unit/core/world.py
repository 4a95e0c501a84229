"""A bay in a world of its own: a clock that obeys, a relay that can misbehave."""

import asyncio
from collections.abc import Callable
from datetime import UTC, tzinfo
import heapq
import itertools
from pathlib import Path
from typing import Any

from custom_components.paybay.bay import Bay
from custom_components.paybay.bay.energy import Meter
from custom_components.paybay.domain.bay import BayConfig
from custom_components.paybay.domain.happenings import Happening, What
from custom_components.paybay.domain.ids import new_watch_code
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import (
    Channel,
    Notice,
    PaymentFact,
    PaymentStatus,
)
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.relays import (
    OUT_OF_REACH,
    DeviceAccount,
    DeviceOutcome,
    RelayReport,
)
from custom_components.paybay.drivers.base import StartError
from custom_components.paybay.intake import Intake, Taken
from custom_components.paybay.ledger import Ledger, deliveries, orders, refunds

TEN_RUPEES = Money(1000, "INR")
START_MS = 1_800_000_000_000
SITE = "site"
BAY = "bay"


class FakeClock:
    """Time that moves only when told, both clocks together or apart."""

    def __init__(self) -> None:
        """Start at a round time."""
        self.wall_ms = START_MS
        self.mono_ms = 5_000
        self.home: tzinfo = UTC
        self._timers: list[tuple[int, int, list[Callable[[], None]], bool]] = []
        self._count = itertools.count()

    def now_ms(self) -> int:
        """Return Unix milliseconds."""
        return self.wall_ms

    def monotonic_ms(self) -> int:
        """Return monotonic milliseconds."""
        return self.mono_ms

    def zone(self) -> tzinfo:
        """Return where the owner lives."""
        return self.home

    def call_later(
        self, delay_ms: int, action: Callable[[], None], *, device: bool = False
    ) -> Callable[[], None]:
        """Keep an action for later; a `device`'s own survives a kill of PayBay."""
        cell = [action]
        due_ms = self.mono_ms + delay_ms
        heapq.heappush(self._timers, (due_ms, next(self._count), cell, device))
        return cell.clear

    def kill(self) -> None:
        """Forget the timers of a process that is gone."""
        for _, _, cell, device in self._timers:
            if not device:
                cell.clear()

    def next_due_ms(self) -> int | None:
        """Return when the next live timer is due."""
        while self._timers and not self._timers[0][2]:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def move_to(self, mono_ms: int) -> None:
        """Move both clocks and fire what is due."""
        while (due := self.next_due_ms()) is not None and due <= mono_ms:
            self._set(max(due, self.mono_ms))
            _, _, cell, _ = heapq.heappop(self._timers)
            cell[0]()
        self._set(mono_ms)

    def _set(self, mono_ms: int) -> None:
        self.wall_ms += mono_ms - self.mono_ms
        self.mono_ms = mono_ms


class FakeRelay:
    """A relay that outlives the bay, and the driver in front of it.

    With `keeps_time` it behaves as a device with its own countdown.
    """

    def __init__(self, clock: FakeClock, *, keeps_time: bool = False) -> None:
        """Begin in reach and off."""
        self.keeps_time = keeps_time
        self.clock = clock
        self.contact = True
        self.on = False
        self.dead = False
        self.welded = False
        self.hung = False
        self.no_extension: str | None = None
        self.extensions: list[int] = []
        self.max_ms: int | None = None
        self.switchings: list[tuple[int, bool]] = []
        self._order_id: str | None = None
        self._ends_ms = 0
        self._began_ms = 0
        self._account: DeviceAccount | None = None
        self._watchers: set[Callable[[], None]] = set()

    def report(self) -> RelayReport:
        """Return what the driver would know."""
        if not self.contact:
            return OUT_OF_REACH
        if not self.keeps_time:
            return RelayReport(contact=True, on=self.on, max_ms=self.max_ms)
        left_ms = max(0, self._ends_ms - self.clock.mono_ms) if self._order_id else None
        if self.hung and left_ms is not None:
            left_ms = 0
        return RelayReport(
            contact=True,
            on=self.on,
            order_id=self._order_id,
            remaining_ms=left_ms,
            ran_ms=self.clock.mono_ms - self._began_ms if self._order_id else None,
            account=self._account,
            max_ms=self.max_ms,
        )

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Remember who wants to know."""
        self._watchers.add(on_change)
        return lambda: self._watchers.discard(on_change)

    async def start(self, order_id: str, for_ms: int) -> None:
        """Switch on, unless the relay is dead or away."""
        if not self.contact or self.dead:
            reason = "no_proof" if self.contact else "out_of_reach"
            raise StartError(reason)
        if self.keeps_time:
            self._order_id = order_id
            self._began_ms = self.clock.mono_ms
            self._ends_ms = self.clock.mono_ms + for_ms
            self.clock.call_later(
                for_ms, lambda: self.device_end(order_id), device=True
            )
        self.flip(on=True)

    async def extend(self, order_id: str, total_ms: int) -> None:
        """Move the end of the running session, unless the device is away."""
        if not self.contact:
            raise StartError("out_of_reach")
        if not self.on:
            raise StartError("no_proof")
        self.extensions.append(total_ms)
        if not self.keeps_time:
            return
        if self.no_extension == "refused":
            raise StartError("refused_too_long")
        if order_id != self._order_id:
            raise StartError("refused_other_order")
        ran_ms = self.clock.mono_ms - self._began_ms
        if total_ms <= ran_ms:
            raise StartError("refused_already_ran")
        self._ends_ms = self._began_ms + total_ms
        self.clock.call_later(
            total_ms - ran_ms, lambda: self.device_end(order_id), device=True
        )
        self._tell()
        if self.no_extension == "unproven":
            raise StartError("no_proof")

    async def stop(self, order_id: str | None) -> bool:
        """Switch off, unless the contact is welded or the device away."""
        if not self.contact or self.welded:
            return False
        if self.keeps_time and self._order_id:
            self.close_account(DeviceOutcome.STOPPED)
        self.flip(on=False)
        return True

    async def acknowledge(self, order_id: str) -> None:
        """Hear that an account was stored."""

    def device_end(self, order_id: str) -> None:
        """The device's own countdown ran out."""
        if self._order_id == order_id and self.clock.mono_ms >= self._ends_ms:
            self.close_account(DeviceOutcome.COMPLETED)
            self.flip(on=False)

    def close_account(self, outcome: DeviceOutcome) -> None:
        """The device ends its session and keeps the account."""
        assert self._order_id
        ran_ms = self.clock.mono_ms - self._began_ms
        self._account = DeviceAccount(
            order_id=self._order_id, outcome=outcome, ran_ms=ran_ms
        )
        self._order_id = None

    def crash(self) -> None:
        """The device's program dies and its pins are switched off."""
        if self._order_id:
            self.close_account(DeviceOutcome.INTERRUPTED)
        self.flip(on=False)
        self.lose()

    def lose(self) -> None:
        """Get out of reach."""
        self.contact = False
        self._tell()

    def find(self) -> None:
        """Get in reach again."""
        self.contact = True
        self._tell()

    def flip(self, *, on: bool) -> None:
        """Change the relay and tell the bay."""
        if on != self.on:
            self.switchings.append((self.clock.mono_ms, on))
        self.on = on
        self._tell()

    def _tell(self) -> None:
        for on_change in tuple(self._watchers):
            on_change()

    def on_ms(self) -> int:
        """Return how long the relay has been on altogether."""
        total_ms, since_ms = 0, None
        for at_ms, on in self.switchings:
            if on:
                since_ms = at_ms
            elif since_ms is not None:
                total_ms += at_ms - since_ms
                since_ms = None
        return total_ms + (self.clock.mono_ms - since_ms if since_ms is not None else 0)


class World:
    """One bay with its ledger, and everything that can happen to it."""

    def __init__(self, path: Path, config: BayConfig, *, keeps_time: bool) -> None:
        """Prepare; `open` begins."""
        self.path = path
        self.config = config
        self.clock = FakeClock()
        self.relay = FakeRelay(self.clock, keeps_time=keeps_time)
        self.meter: Meter | None = None
        self.told: list[Happening] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._payments = itertools.count(1)
        self._orders = itertools.count(1)

    async def open(self) -> None:
        """Start PayBay: open the ledger, put the bay to work."""
        self.ledger = Ledger(self.path)
        self.ledger.open()
        self.bay = Bay(
            self.config,
            self.relay,
            ledger=self.ledger,
            clock=self.clock,
            spawn=self._spawn,
            tell=self._tell,
            meter=self.meter,
        )
        bays = {self.config.id: self.config}
        self.intake = Intake(SITE, self.ledger, self.clock, bays, self._taken)
        self.bay.open()
        await self.bay.settle()

    async def close(self) -> None:
        """Stop PayBay in order."""
        await self.bay.close()
        await asyncio.to_thread(self.ledger.close)

    async def kill(self, *, down_ms: int = 0) -> None:
        """Kill PayBay as SIGKILL would, and start it again `down_ms` later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.relay._watchers.clear()
        self.clock.kill()
        await asyncio.to_thread(self.ledger.close)
        self.clock.move_to(self.clock.mono_ms + down_ms)
        await self.open()

    async def advance(self, for_ms: int) -> None:
        """Let time pass, timer by timer."""
        await self.bay.settle()
        end_ms = self.clock.mono_ms + for_ms
        while (due := self.clock.next_due_ms()) is not None and due <= end_ms:
            self.clock.move_to(max(due, self.clock.mono_ms))
            await self.bay.settle()
        self.clock.move_to(end_ms)
        await self.bay.settle()

    async def order(
        self,
        owed_ms: int = 600_000,
        price: Money = TEN_RUPEES,
        energy_wh: int | None = None,
    ) -> Order:
        """Create an unpaid order for the bay."""
        order = Order(
            id=f"ord_{next(self._orders):020d}",
            site_id=SITE,
            bay_id=self.config.id,
            plan_code="ten_min",
            plan_name="Ten minutes",
            price=price,
            owed_ms=owed_ms,
            state=OrderState.CREATED,
            watch_code=new_watch_code(),
            created_ms=self.clock.wall_ms,
            offer_ends_ms=self.clock.wall_ms + 960_000,
            energy_wh=energy_wh,
        )
        await self.ledger.run(lambda c: orders.add(c, order))
        await self.bay.settle()
        return order

    def captured(self, order: Order, **changes: Any) -> Notice:
        """Return the notice of a captured payment for an order."""
        fact: dict[str, Any] = {
            "id": f"pay_{next(self._payments):014d}",
            "status": PaymentStatus.CAPTURED,
            "amount": order.price,
            "created_s": self.clock.wall_ms // 1000,
            "rrn": "123456789012",
        } | changes
        return Notice(
            channel=Channel.WEBHOOK,
            kind="payment.captured",
            event_id=f"evt_{fact['id']}",
            payment=PaymentFact(**fact),
            reference_id=order.id,
        )

    async def pay(self, order: Order, **changes: Any) -> Taken:
        """Have an order paid, and let the bay act on it."""
        taken = await self.intake.take(self.captured(order, **changes))
        await self.bay.settle()
        return taken

    async def paid_order(self, owed_ms: int = 600_000) -> Order:
        """Create an order and have it paid."""
        order = await self.order(owed_ms)
        await self.pay(order)
        return order

    async def now(self, order: Order) -> Order:
        """Return an order as it is by now."""
        return await self.ledger.run(lambda c: orders.get(c, order.id))

    async def due(self, order: Order) -> list[tuple[int, str]]:
        """Return what is owed back for an order: minor units and reasons."""
        found = await self.ledger.run(lambda c: refunds.of_order(c, order.id))
        return [(refund.amount.minor, refund.reason) for refund in found]

    async def stretches(self, order: Order) -> list[tuple[int, str | None]]:
        """Return an order's deliveries: milliseconds and why each ended."""
        found = await self.ledger.run(lambda c: deliveries.of_order(c, order.id))
        return [(d.ran_ms, d.reason) for d in found]

    def heard(self) -> list[What]:
        """Return what the owner was told so far."""
        return [happening.what for happening in self.told]

    async def settle_tasks(self) -> None:
        """Return when everything that was begun is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
            # Those that are done leave the set only when the loop goes round.
            await asyncio.sleep(0)

    def _spawn(self, work: Any) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.Task(work, loop=loop, eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, happening: Happening) -> None:
        self.told.append(happening)

    def _taken(self, _notice: Notice, _taken: Taken) -> None:
        self.bay.poke()
