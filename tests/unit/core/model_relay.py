"""A relay with latency, faults and a true account of who it was on for."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import override

from custom_components.paybay.domain.relays import (
    OUT_OF_REACH,
    DeviceOutcome,
    RelayReport,
)
from custom_components.paybay.drivers.base import StartError

from .world import FakeClock, FakeRelay

CONFIRM_MS = 5_000
_FINISHED = (DeviceOutcome.COMPLETED, DeviceOutcome.STOPPED)


class ModelRelay(FakeRelay):
    """Knows the truth: `on_for` is how long it was really on for each order.

    As a device it obeys the bridge's rules: a finished order is refused, an
    interrupted one gets at most what it has left.
    """

    def __init__(self, clock: FakeClock, *, keeps_time: bool) -> None:
        """Begin in reach, off and quick."""
        super().__init__(clock, keeps_time=keeps_time)
        self.latency_ms = 0
        self.who: str | None = None
        self.on_for: Counter[str | None] = Counter()
        self.told_on: Callable[[str, int], None] = lambda _order, _for_ms: None
        self._counted_ms = clock.mono_ms
        self._last: dict[str, tuple[DeviceOutcome, int]] = {}

    def count(self) -> None:
        """Add the time since the last look to whom it belongs."""
        if self.on:
            self.on_for[self.who] += self.clock.mono_ms - self._counted_ms
        self._counted_ms = self.clock.mono_ms

    @override
    def report(self) -> RelayReport:
        report = super().report()
        if report is OUT_OF_REACH or not self.welded or not self.keeps_time:
            return report
        stuck = self.on and self._order_id is None
        return RelayReport(
            contact=True,
            on=report.on,
            order_id=report.order_id,
            remaining_ms=report.remaining_ms,
            ran_ms=report.ran_ms,
            account=report.account,
            fault="stuck_on" if stuck else None,
        )

    @override
    async def start(self, order_id: str, for_ms: int) -> None:
        if not self.contact:
            raise StartError("out_of_reach")
        not_after_ms = self.clock.mono_ms + CONFIRM_MS

        def begin() -> str | None:
            # A device judges by its own clock that a start comes too late.
            if self.keeps_time and self.clock.mono_ms > not_after_ms:
                return "refused_stale"
            return self._begin(order_id, for_ms)

        done = self._later(begin)
        await self._confirm(lambda: bool(done and done[0]) or self.on)
        if done and done[0] is not None:
            raise StartError(done[0])
        if not done or not (self.contact and self.on):
            await self.stop(order_id)
            raise StartError("no_proof")

    @override
    async def extend(self, order_id: str, total_ms: int) -> None:
        if not self.contact:
            raise StartError("out_of_reach")
        done = self._later(lambda: self._prolong(order_id, total_ms))
        await self._confirm(lambda: bool(done))
        refusal = done[0] if done and self.contact else "no_proof"
        if refusal is not None:
            raise StartError(refusal)

    @override
    async def stop(self, order_id: str | None) -> bool:
        if not self.contact:
            return False
        done = self._later(lambda: self._end(order_id))
        await self._confirm(lambda: bool(done) and not self.on)
        return bool(done) and self.contact and not self.on

    @override
    async def acknowledge(self, order_id: str) -> None:
        await self._pass(0)

    @override
    def device_end(self, order_id: str) -> None:
        if self._order_id == order_id and self.clock.mono_ms >= self._ends_ms:
            stuck = self.welded
            self.close_account(
                DeviceOutcome.FAULT if stuck else DeviceOutcome.COMPLETED
            )
            self.flip(on=False)

    @override
    def close_account(self, outcome: DeviceOutcome) -> None:
        order_id = self._order_id
        left_ms = max(0, self._ends_ms - self.clock.mono_ms)
        super().close_account(outcome)
        assert order_id
        self._last[order_id] = outcome, left_ms

    @override
    def flip(self, *, on: bool) -> None:
        """Change the relay, as far as its contact lets it."""
        self.count()
        if self.welded and not on:
            if self.keeps_time:
                self._tell()
            return
        if not on:
            self.who = None
        super().flip(on=on)

    def hand(self, *, on: bool, owner: str | None) -> None:
        """A human moves it; what an open stretch has is the stretch's order's."""
        self.count()
        if self.keeps_time and self._order_id:
            if not on:
                self.close_account(DeviceOutcome.STOPPED)
                self.flip(on=False)
            return
        if on and not self.on:
            self.who = None if self.keeps_time else owner
        self.flip(on=on)

    def obey_again(self) -> None:
        """As a device, try once more to switch off what sticks, as it always does."""
        if self.keeps_time and self._order_id is None and not self.welded:
            self.flip(on=False)

    @override
    def crash(self) -> None:
        """Die, as only a device of its own can; its pins go off."""
        if self._order_id:
            self.close_account(DeviceOutcome.INTERRUPTED)
        self.flip(on=False)
        self.lose()

    def _later(self, effect: Callable[[], str | None]) -> list[str | None]:
        """Let a command arrive after the latency, whatever becomes of its sender."""
        done: list[str | None] = []

        def arrive() -> None:
            if self.contact:
                done.append(effect())

        if self.latency_ms:
            self.clock.call_later(self.latency_ms, arrive, device=True)
        else:
            arrive()
        return done

    async def _confirm(self, proof: Callable[[], bool]) -> None:
        """Wait for the latency, and if there is no proof then, for all the timeout."""
        wait_ms = min(self.latency_ms, CONFIRM_MS)
        await self._pass(wait_ms)
        if not proof():
            await self._pass(CONFIRM_MS - wait_ms)

    async def _pass(self, for_ms: int) -> None:
        await asyncio.sleep(0)
        if for_ms:
            over = asyncio.Event()
            self.clock.call_later(for_ms, over.set)
            await over.wait()

    def _begin(self, order_id: str, for_ms: int) -> str | None:
        """Obey a start; return why not."""
        self.count()
        if self.keeps_time:
            if self._order_id == order_id:
                return None
            refusal, for_ms = self._granted(order_id, for_ms)
            if refusal:
                return refusal
        if self.dead and not self.on:
            return "refused_fault" if self.keeps_time else None
        if self.keeps_time:
            self._run(order_id, for_ms)
        self.who = order_id
        self.told_on(order_id, for_ms)
        self.flip(on=True)
        return None

    def _granted(self, order_id: str, for_ms: int) -> tuple[str | None, int]:
        if self._order_id is not None:
            return "refused_busy", 0
        outcome, left_ms = self._last.get(order_id, (None, for_ms))
        if outcome in _FINISHED or left_ms <= 0:
            return "refused_finished", 0
        return None, min(for_ms, left_ms)

    def _run(self, order_id: str, for_ms: int) -> None:
        self._order_id = order_id
        self._began_ms = self.clock.mono_ms
        self._ends_ms = self.clock.mono_ms + for_ms
        self.clock.call_later(for_ms, lambda: self.device_end(order_id), device=True)

    def _prolong(self, order_id: str, total_ms: int) -> str | None:
        """Obey an extension; return why not."""
        if not self.keeps_time:
            return None if self.on else "no_proof"
        if self._order_id != order_id:
            return "refused_other_order"
        ran_ms = self.clock.mono_ms - self._began_ms
        if total_ms <= ran_ms:
            return "refused_already_ran"
        self._ends_ms = self._began_ms + total_ms
        left_ms = total_ms - ran_ms
        self.clock.call_later(left_ms, lambda: self.device_end(order_id), device=True)
        self._tell()
        return None

    def _end(self, order_id: str | None) -> str | None:
        if self.keeps_time and self._order_id:
            if order_id not in (None, self._order_id):
                return "refused_other_order"
            self.close_account(DeviceOutcome.STOPPED)
        self.flip(on=False)
        return None
