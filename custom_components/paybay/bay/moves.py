"""What a bay can do: each move is one thing done to the relay and to the ledger."""

from sqlalchemy import Connection

from ..domain.happenings import What
from ..domain.orders import ClaimedBy, Order
from ..domain.session import (
    Abandon,
    Action,
    Adopt,
    End,
    GiveUp,
    Pause,
    Start,
    SwitchOff,
)
from ..ledger import deliveries, orders, sessions
from ..ledger.deliveries import Delivery
from ..ledger.sessions import Desk
from .problem import Problem
from .starts import Starts
from .tools import Tools


class Moves:
    """Carries out decisions. A LedgerError leaves work that the next turn finds."""

    def __init__(self, tools: Tools) -> None:
        """Work with these."""
        self.problem = Problem(tools)
        self._tools = tools
        self._starts = Starts(tools, self.problem)

    async def make(self, desk: Desk, action: Action) -> bool:
        """Carry out a decision; return False if it should rest before another try."""
        match action:
            case Start():
                await self._starts.start(desk, action)
            case Adopt() if desk.order and desk.delivery:
                await self._starts.prove(desk.order, desk.delivery)
            case Pause() if desk.delivery:
                await self._pause(desk.delivery, action)
            case Abandon() if desk.delivery:
                await self._abandon(desk.delivery, action)
            case End():
                await self._end(desk, action)
            case GiveUp():
                await self._give_up(action)
            case SwitchOff():
                return await self._switch_off()
        return True

    async def stop(self, desk: Desk, reason: str) -> None:
        """End the running order because somebody asked for it."""
        assert desk.order is not None  # noqa: S101 - the caller looked
        ran_ms = 0
        if desk.delivery is not None:
            ran_ms = min(
                self._tools.watch.stretch.elapsed_ms(desk.delivery),
                desk.delivery.planned_ms,
            )
        await self._end(desk, End(ran_ms, reason, complete=False))

    async def checkpoint(self, delivery: Delivery) -> None:
        """Store how long a running stretch has lasted."""
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
        await self._tools.driver.acknowledge(order.id)

    async def _abandon(self, delivery: Delivery, move: Abandon) -> None:
        now_ms = self._tools.clock.now_ms()
        await self._tools.ledger.run(
            lambda c: sessions.abandoned(c, delivery, move.reason, now_ms)
        )

    async def _end(self, desk: Desk, move: End) -> None:
        """Switch off first, then record; the rest is owed back if there is any."""
        assert desk.order is not None  # noqa: S101 - only an order can end
        order_id, delivery = desk.order.id, desk.delivery
        self._tools.watch.stretch.freeze()
        if not self._tools.is_off():
            self.problem.off_expected = not await self._tools.driver.stop(order_id)
        now_ms = self._tools.clock.now_ms()

        def store(connection: Connection) -> tuple[Order, list[Order]]:
            order = sessions.ended(
                connection,
                order_id,
                delivery,
                ran_ms=move.ran_ms,
                reason=move.reason,
                complete=move.complete,
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
        await self._tools.driver.acknowledge(order_id)

    def _queue_start_by_ms(
        self, delivery: Delivery | None, move: End, now_ms: int
    ) -> int | None:
        """Count the queue's window from when the session really ended."""
        if not move.complete:
            return None
        planned_end_ms = delivery.started_ms + delivery.planned_ms if delivery else 0
        end_ms = min(now_ms, planned_end_ms) if delivery else now_ms
        return end_ms + self._tools.config.start_window_s * 1000

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
