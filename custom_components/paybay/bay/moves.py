"""What a bay can do: each move is one thing done to the relay and to the ledger."""

from collections.abc import Callable

from sqlalchemy import Connection

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.happenings import Happening, What
from ..domain.orders import ClaimedBy, Order, OrderState
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
from ..drivers.base import RelayDriver, StartError
from ..ledger import Ledger, deliveries, orders, sessions
from ..ledger.deliveries import Delivery
from ..ledger.sessions import Desk
from .watch import SessionWatch

PROBLEM_MS = 600_000
"""How long a bay that would not start sells nothing."""
_RELAY_PROBLEMS = frozenset({What.RELAY_STRAY, What.RELAY_STUCK})
_TRIES = 2
"""Starts without proof before a bay is a problem: the first, and one more."""


class Moves:
    """Carries out decisions. A LedgerError leaves work that the next turn finds."""

    def __init__(
        self,
        config: BayConfig,
        driver: RelayDriver,
        *,
        ledger: Ledger,
        clock: Clock,
        watch: SessionWatch,
        tell: Callable[[Happening], None],
    ) -> None:
        """`tell` hears what happened, after it was stored."""
        self._problem: str | None = None
        self._problem_ms = 0
        self._config = config
        self._driver = driver
        self._ledger = ledger
        self._clock = clock
        self._watch = watch
        self._tell = tell
        self._off_expected = False

    async def make(self, desk: Desk, action: Action) -> bool:
        """Carry out a decision; return False if it should rest before another try."""
        match action:
            case Start():
                await self._start(desk, action)
            case Adopt() if desk.order and desk.delivery:
                await self._prove(desk.order, desk.delivery)
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

    @property
    def problem(self) -> str | None:
        """What is wrong with the bay, if anything."""
        return self._problem

    @problem.setter
    def problem(self, problem: str | None) -> None:
        self._problem = problem
        self._problem_ms = self._clock.monotonic_ms()

    def look_again(self) -> int | None:
        """Forget a problem that has passed; return when to look at one that has not.

        A relay that would not go off is fine once it is off, whoever did it. One that
        would not start deserves another customer after a while.
        """
        if self._problem in _RELAY_PROBLEMS:
            if self._is_off():
                self.problem = None
                self._off_expected = False
            return None
        if self._problem is None:
            return None
        left_ms = self._problem_ms + PROBLEM_MS - self._clock.monotonic_ms()
        if left_ms > 0 and self._driver.report().contact:
            return left_ms
        self.problem = None
        return None

    async def stop(self, desk: Desk, reason: str) -> None:
        """End the running order because somebody asked for it."""
        assert desk.order is not None  # noqa: S101 - the caller looked
        ran_ms = 0
        if desk.delivery is not None:
            ran_ms = min(
                self._watch.stretch.elapsed_ms(desk.delivery), desk.delivery.planned_ms
            )
        await self._end(desk, End(ran_ms, reason, complete=False))

    async def checkpoint(self, delivery: Delivery) -> None:
        """Store how long a running stretch has lasted."""
        ran_ms = min(self._watch.stretch.elapsed_ms(delivery), delivery.planned_ms)
        now_ms = self._clock.now_ms()
        await self._ledger.run(
            lambda c: deliveries.mark(c, delivery.id, max(ran_ms, 0), now_ms)
        )

    async def _start(self, desk: Desk, move: Start) -> None:
        order = move.order
        if desk.order is not None:
            self._watch.pauses.tried_to_resume()
        delivery = await self._begin(move)
        if delivery is None:
            return
        self._watch.stretch.begin(delivery, self._proof_ms())
        failure = await self._switch_on(order, move.for_ms)
        if failure is not None:
            await self._not_started(order, delivery, failure)
            return
        self.problem = None
        self._watch.stretch.begin(delivery)
        await self._prove(order, delivery)

    async def _claim(self, order: Order, claimed_by: ClaimedBy) -> bool:
        now_ms = self._clock.now_ms()
        return await self._ledger.run(
            lambda c: orders.claim(c, order.id, claimed_by, now_ms)
        )

    async def _begin(self, move: Start) -> Delivery | None:
        """Store claim and intent as one: a crash from here on finds an open stretch.

        Nothing is stored, and None returned, if somebody else claimed the order.
        """
        now_ms = self._clock.now_ms()

        def store(connection: Connection) -> Delivery | None:
            order_id, claim = move.order.id, move.claim
            if claim and not orders.claim(connection, order_id, claim, now_ms):
                return None
            return deliveries.begin(
                connection,
                order_id=order_id,
                bay_id=self._config.id,
                relay=self._config.relay_key or self._config.relay,
                planned_ms=move.for_ms,
                at_ms=now_ms,
            )

        return await self._ledger.run(store)

    def _proof_ms(self) -> int:
        return _TRIES * 2 * self._config.confirm_timeout_s * 1000

    async def _switch_on(self, order: Order, for_ms: int) -> str | None:
        """Switch on with proof; return why not, after a second try."""
        reason = ""
        for _ in range(_TRIES):
            try:
                await self._driver.start(order.id, for_ms)
            except StartError as err:
                reason = err.reason
            else:
                return None
        return reason

    async def _prove(self, order: Order, delivery: Delivery) -> None:
        """Record the proof, as of when the stretch began to count."""
        at_ms = self._clock.now_ms() - self._watch.stretch.elapsed_ms(delivery)
        resumed = order.state is OrderState.PAUSED
        order = await self._ledger.run(lambda c: sessions.started(c, delivery, at_ms))
        self._say(What.SESSION_RESUMED if resumed else What.SESSION_STARTED, order)

    async def _not_started(self, order: Order, delivery: Delivery, why: str) -> None:
        """Close a stretch without proof; a first start that failed ends the order."""
        now_ms = self._clock.now_ms()
        resuming = order.state is OrderState.PAUSED

        def store(connection: Connection) -> Order:
            left = sessions.abandoned(connection, delivery, why, now_ms)
            if resuming:
                return left
            return sessions.given_up(connection, order.id, why, now_ms)

        order = await self._ledger.run(store)
        self.problem = why
        if not resuming:
            self._say(What.ORDER_UNDELIVERED, order, why)

    async def _pause(self, delivery: Delivery, move: Pause) -> None:
        """Close the stretch as of when it ended, as far as that can be known."""
        now_ms = self._clock.now_ms()
        seen_ms = delivery.checkpoint_ms - delivery.ran_ms
        ended_ms = seen_ms + move.ran_ms if move.unsure else now_ms
        at_ms = min(now_ms, ended_ms)
        order = await self._ledger.run(
            lambda c: sessions.paused(c, delivery, move.ran_ms, move.reason, at_ms)
        )
        self._say(What.SESSION_INTERRUPTED, order, move.reason)
        await self._driver.acknowledge(order.id)

    async def _abandon(self, delivery: Delivery, move: Abandon) -> None:
        now_ms = self._clock.now_ms()
        await self._ledger.run(
            lambda c: sessions.abandoned(c, delivery, move.reason, now_ms)
        )

    async def _end(self, desk: Desk, move: End) -> None:
        """Switch off first, then record; the rest is owed back if there is any."""
        assert desk.order is not None  # noqa: S101 - only an order can end
        order_id, delivery = desk.order.id, desk.delivery
        self._watch.stretch.freeze()
        if not self._is_off():
            self._off_expected = not await self._driver.stop(order_id)
        now_ms = self._clock.now_ms()

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
                self._config.id,
                start_by_ms=self._queue_start_by_ms(delivery, move, now_ms),
                at_ms=now_ms,
            )

        order, given_up = await self._ledger.run(store)
        self._say(What.SESSION_ENDED, order, move.reason)
        for queued in given_up:
            self._say(What.ORDER_UNDELIVERED, queued, queued.reason)
        await self._driver.acknowledge(order_id)

    def _queue_start_by_ms(
        self, delivery: Delivery | None, move: End, now_ms: int
    ) -> int | None:
        """Count the queue's window from when the session really ended."""
        if not move.complete:
            return None
        planned_end_ms = delivery.started_ms + delivery.planned_ms if delivery else 0
        end_ms = min(now_ms, planned_end_ms) if delivery else now_ms
        return end_ms + self._config.start_window_s * 1000

    async def _give_up(self, move: GiveUp) -> None:
        now_ms = self._clock.now_ms()
        order_id = move.order.id
        if move.claim is not None and not await self._claim(move.order, move.claim):
            return
        order = await self._ledger.run(
            lambda c: sessions.given_up(c, order_id, move.reason, now_ms)
        )
        self._say(What.ORDER_UNDELIVERED, order, move.reason)

    async def _switch_off(self) -> bool:
        """Switch off a relay that is on for nobody, and say so once."""
        what = What.RELAY_STUCK if self._off_expected else What.RELAY_STRAY
        if self.problem != what:
            self._say(what, None)
        self.problem = what
        off = await self._driver.stop(None)
        if off:
            self.problem = None
            self._off_expected = False
        return off

    def _is_off(self) -> bool:
        report = self._driver.report()
        return report.contact and report.on is False

    def _say(self, what: What, order: Order | None, reason: str | None = None) -> None:
        self._tell(
            Happening(what=what, bay_id=self._config.id, order=order, reason=reason)
        )
