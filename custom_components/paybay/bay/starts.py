"""How an order gets its relay: the intent is stored, then proof is demanded."""

from dataclasses import replace

from sqlalchemy import Connection

from ..domain.actions import Start
from ..domain.happenings import What
from ..domain.load import NOT_SEEN, LoadWait
from ..domain.orders import Order, OrderState
from ..domain.view import CRUMB_MS
from ..drivers.base import StartError
from ..ledger import deliveries, orders, sessions
from ..ledger.deliveries import Delivery
from ..ledger.sessions import Desk
from .load_check import LoadCheck
from .problem import Problem
from .tools import Tools

_TRIES = 2
"""Starts without proof before a bay is a problem: the first, and one more."""
_WAITS = 5
"""Confirm timeouts that one start without proof may take, until it is surely off."""


class Starts:
    """Starts and resumes orders at one bay."""

    def __init__(self, tools: Tools, problem: Problem) -> None:
        """`problem` is told of starts that failed."""
        self._tools = tools
        self._problem = problem
        self.load = LoadCheck(tools)

    async def start(self, desk: Desk, move: Start) -> None:
        """Switch on for an order: intent, guard, relay, proof, in this order."""
        order = move.order
        if desk.order is not None:
            self._tools.watch.pauses.tried_to_resume()
        delivery = await self._begin(move)
        if delivery is None:
            return
        failure = await self._switch_on(order, delivery, move.for_ms)
        if self.load.left:
            return
        if failure is not None:
            await self._not_started(order, delivery, failure)
            return
        self._problem.clear()
        await self._prove(order, delivery)

    async def adopt(self, order: Order, delivery: Delivery) -> None:
        """Take a relay that is on for a start whose proof was never stored."""
        wait = self._load_of(order, delivery.planned_ms)
        # What the sensor said before it was switched on is not known any more.
        failure = await self.load.why_not(
            replace(wait, before_mw=None) if wait else None
        )
        if self.load.left:
            return
        if failure is None:
            await self._prove(order, delivery)
            return
        await self._switch_off(delivery)
        await self._not_started(order, delivery, failure)

    async def _begin(self, move: Start) -> Delivery | None:
        """Store claim and intent as one: a crash from here on finds an open stretch.

        Nothing is stored, and None returned, if somebody else claimed the order.
        """
        now_ms = self._tools.clock.now_ms()

        def store(connection: Connection) -> Delivery | None:
            order_id, claim = move.order.id, move.claim
            if claim and not orders.claim(connection, order_id, claim, now_ms):
                return None
            return deliveries.begin(
                connection,
                order_id=order_id,
                bay_id=self._tools.config.id,
                relay=self._tools.config.relay_key or self._tools.config.relay,
                planned_ms=move.for_ms,
                at_ms=now_ms,
            )

        return await self._tools.ledger.run(store)

    def _proof_ms(self) -> int:
        return _TRIES * _WAITS * self._tools.config.confirm_timeout_s * 1000

    async def _switch_on(
        self, order: Order, delivery: Delivery, for_ms: int
    ) -> str | None:
        """Switch on with proof; return why not, after a second try.

        The time that the relay was seen on in a try that failed counts, but for one
        without a load.
        """
        reason, stretch = "", self._tools.watch.stretch
        stretch.begin(delivery, extra_ms=self._proof_ms())
        gone_ms = 0
        for _ in range(_TRIES):
            wait = self._load_of(order, for_ms)
            try:
                await self._tools.driver.start(order.id, for_ms)
            except StartError as err:
                reason, gone_ms = err.reason, stretch.seen_on_ms()
                continue
            stretch.begin(delivery, gone_ms=gone_ms)
            failure = await self.load.why_not(wait)
            if failure is None or self.load.left:
                return None
            off = await self._switch_off(delivery)
            # A device that keeps account never starts an order it was told to stop.
            if not off or self._tools.driver.keeps_time:
                return failure
            reason, gone_ms = failure, 0
            stretch.begin(delivery, extra_ms=self._proof_ms())
        return reason

    def _load_of(self, order: Order, for_ms: int) -> LoadWait | None:
        """Return the load to be seen; one that goes on has shown its own before."""
        return None if order.state is OrderState.PAUSED else self.load.expect(for_ms)

    async def _switch_off(self, delivery: Delivery) -> bool:
        off = await self._tools.driver.stop(delivery.session_id)
        self._problem.off_expected = not off
        return off

    async def _prove(self, order: Order, delivery: Delivery) -> None:
        """Record the proof, as of when the stretch began to count."""
        at_ms = self._tools.clock.now_ms() - self._tools.watch.stretch.elapsed_ms(
            delivery
        )
        resumed = order.state is OrderState.PAUSED
        order = await self._tools.ledger.run(
            lambda c: sessions.started(c, delivery, at_ms)
        )
        self._tools.say(
            What.SESSION_RESUMED if resumed else What.SESSION_STARTED, order
        )

    async def _not_started(self, order: Order, delivery: Delivery, why: str) -> None:
        """Close a stretch without proof; a first start that failed ends the order.

        Time that the relay was seen on counts, proof or not, unless it fed nothing.
        """
        now_ms = self._tools.clock.now_ms()
        ran_ms = min(self._tools.watch.stretch.seen_on_ms(), delivery.planned_ms)
        if why in NOT_SEEN:
            ran_ms = 0
        resuming = order.state is OrderState.PAUSED
        if resuming:
            self._tools.watch.pauses.failed_to_resume()

        def store(connection: Connection) -> Order:
            if not resuming and ran_ms > CRUMB_MS:
                return sessions.ended(
                    connection,
                    order.id,
                    delivery,
                    ran_ms=ran_ms,
                    reason=why,
                    complete=False,
                    at_ms=now_ms,
                )
            left = sessions.abandoned(
                connection, delivery, why, now_ms, ran_ms=ran_ms if resuming else 0
            )
            if resuming:
                return left
            return sessions.given_up(connection, order.id, why, now_ms)

        order = await self._tools.ledger.run(store)
        self._problem.note(why)
        if why in NOT_SEEN:
            await self._tools.driver.acknowledge(delivery.session_id)
        if not resuming:
            self._tools.say(What.ORDER_UNDELIVERED, order, why)
