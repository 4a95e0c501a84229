"""What a bay can do: each move is one thing done to the relay and to the ledger."""

import asyncio
from contextlib import suppress

from sqlalchemy import Connection

from ..domain.actions import (
    Abandon,
    Action,
    Adopt,
    End,
    Extend,
    GiveUp,
    HandOver,
    Pause,
    Start,
    StopDevice,
    SwitchOff,
)
from ..domain.happenings import What
from ..domain.orders import ClaimedBy, Order
from ..domain.rest import keeps_rest
from ..ledger import LedgerError, deliveries, orders, sessions
from ..ledger.deliveries import Delivery
from ..ledger.sessions import Desk
from .energy_book import EnergyBook
from .problem import Problem
from .seams import Seams
from .starts import Starts
from .tools import Tools


class Moves:
    """Carries out decisions. A LedgerError leaves work that the next turn finds."""

    def __init__(self, tools: Tools, energy: EnergyBook) -> None:
        """Work with these."""
        self.problem = Problem(tools)
        self._energy = energy
        self._tools = tools
        self._starts = Starts(tools, self.problem)
        self._seams = Seams(tools)

    async def make(self, desk: Desk, action: Action) -> bool:
        """Carry out a decision; return False if it should rest before another try."""
        if desk.delivery is not None:
            await self._energy.store(desk.delivery, final=True)
        match action:
            case Start():
                await self._starts.start(desk, action)
            case End():
                await self._end(desk, action)
            case GiveUp():
                await self._give_up(action)
            case SwitchOff():
                return await self._switch_off()
            case _ if desk.order and desk.delivery:
                return await self._in_stretch(desk.order, desk.delivery, action)
        return True

    async def _in_stretch(
        self, order: Order, delivery: Delivery, action: Action
    ) -> bool:
        match action:
            case Adopt():
                await self._starts.adopt(order, delivery)
            case Extend():
                await self._seams.extend(delivery, action)
            case HandOver():
                await self._seams.hand_over(delivery, action)
            case StopDevice():
                return await self._stop_device(delivery)
            case Pause():
                await self._pause(delivery, action)
            case Abandon():
                await self._abandon(delivery, action)
        return True

    def hurry(self, *, leave: bool = False) -> None:
        """Have a start that waits for its load come to an end, or leave it as it is."""
        self._starts.load.hurry(leave=leave)

    async def stop(self, order_id: str, reason: str) -> bool:
        """Store that the running order is to end; the next turn sees to it."""
        now_ms = self._tools.clock.now_ms()
        return await self._tools.ledger.run(
            lambda c: sessions.stop_asked(c, order_id, reason, now_ms)
        )

    async def checkpoint(self, delivery: Delivery) -> None:
        """Store how long a running stretch has lasted, and the energy it took."""
        await self._energy.store(delivery)
        await self._mark(delivery)

    async def _mark(self, delivery: Delivery) -> None:
        ran_ms = min(
            self._tools.watch.stretch.elapsed_ms(delivery), delivery.planned_ms
        )
        now_ms = self._tools.clock.now_ms()
        await self._tools.ledger.run(
            lambda c: deliveries.mark(c, delivery.id, max(ran_ms, 0), now_ms)
        )

    async def _claim(self, order: Order, claimed_by: ClaimedBy) -> bool:
        now_ms = self._tools.clock.now_ms()
        return await self._tools.ledger.run(
            lambda c: orders.claim(c, order.id, claimed_by, now_ms)
        )

    async def _pause(self, delivery: Delivery, move: Pause) -> None:
        """Close the stretch as of when it ended, as far as that can be known."""
        now_ms = self._tools.clock.now_ms()
        seen_ms = delivery.checkpoint_ms - delivery.ran_ms
        ended_ms = seen_ms + move.ran_ms if move.unsure else now_ms
        at_ms = min(now_ms, ended_ms)
        order = await self._tools.ledger.run(
            lambda c: sessions.paused(c, delivery, move.ran_ms, move.reason, at_ms)
        )
        self._tools.say(What.SESSION_INTERRUPTED, order, move.reason)
        await self._tools.driver.acknowledge(delivery.session_id)

    async def _stop_device(self, delivery: Delivery) -> bool:
        """Switch off a device that keeps time; what it gave is for it to say."""
        off = await self._tools.driver.stop(delivery.session_id)
        return off or not self._tools.driver.report().contact

    async def _abandon(self, delivery: Delivery, move: Abandon) -> None:
        now_ms = self._tools.clock.now_ms()
        await self._tools.ledger.run(
            lambda c: sessions.abandoned(c, delivery, move.reason, now_ms)
        )

    async def _end(self, desk: Desk, move: End) -> None:
        """Switch off first, then record; the rest is owed back if there is any."""
        assert desk.order is not None  # noqa: S101 - only an order can end
        order_id, delivery = desk.order.id, desk.delivery
        session_id = delivery.session_id if delivery else order_id
        ran_ms = desk.order.ran_ms + move.ran_ms
        self._tools.watch.stretch.freeze()
        if not self._tools.is_off():
            off = await self._off_and_marked(session_id, delivery)
            self.problem.off_expected = not off
        now_ms = self._tools.clock.now_ms()

        def store(connection: Connection) -> tuple[Order, list[Order]]:
            order = sessions.ended(
                connection,
                order_id,
                delivery,
                ran_ms=move.ran_ms,
                reason=move.reason,
                complete=move.complete,
                keep_rest=keeps_rest(self._tools.config, move.reason, ran_ms),
                at_ms=now_ms,
            )
            return order, sessions.release_queue(
                connection,
                self._tools.config.id,
                start_by_ms=self._queue_start_by_ms(delivery, move, now_ms),
                at_ms=now_ms,
            )

        order, given_up = await self._tools.ledger.run(store)
        self._tools.say(What.SESSION_ENDED, order, move.reason)
        for queued in given_up:
            self._tools.say(What.ORDER_UNDELIVERED, queued, queued.reason)
        await self._tools.driver.acknowledge(session_id)

    async def _off_and_marked(self, session_id: str, delivery: Delivery | None) -> bool:
        """Switch off, and store beside it what was delivered; return whether it is off.

        A plain switch that is found off counts to what was stored last. Neither waits
        for the other: a slow disk keeps no relay on.
        """
        if delivery is None:
            return await self._tools.driver.stop(session_id)
        _, off = await asyncio.gather(
            self._mark_if_possible(delivery), self._tools.driver.stop(session_id)
        )
        return off

    async def _mark_if_possible(self, delivery: Delivery) -> None:
        """Checkpoint; without one the order's end, stored next, says as much."""
        with suppress(LedgerError):
            await self._mark(delivery)

    def _queue_start_by_ms(
        self, delivery: Delivery | None, move: End, now_ms: int
    ) -> int | None:
        """Count the queue's window from when the session really ended.

        By the clock that never jumps; a wall clock that stands before the last
        checkpoint is not believed.
        """
        if not move.complete:
            return None
        over_ms = 0
        if delivery is not None:
            now_ms = max(now_ms, delivery.checkpoint_ms)
            elapsed_ms = self._tools.watch.stretch.elapsed_ms(delivery)
            over_ms = max(0, elapsed_ms - delivery.planned_ms)
        return now_ms - over_ms + self._tools.config.start_window_s * 1000

    async def _give_up(self, move: GiveUp) -> None:
        now_ms = self._tools.clock.now_ms()
        order_id = move.order.id
        if move.claim is not None and not await self._claim(move.order, move.claim):
            return
        order = await self._tools.ledger.run(
            lambda c: sessions.given_up(c, order_id, move.reason, now_ms)
        )
        self._tools.say(What.ORDER_UNDELIVERED, order, move.reason)

    async def _switch_off(self) -> bool:
        """Switch off a relay that is on for nobody, and say so once."""
        what = What.RELAY_STUCK if self.problem.off_expected else What.RELAY_STRAY
        if self.problem.code != what:
            self._tools.say(what, None)
        self.problem.note(what)
        off = await self._tools.driver.stop(None)
        if off:
            self.problem.relay_is_off()
        return off
