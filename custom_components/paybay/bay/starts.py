"""How an order gets its relay: the intent is stored, then proof is demanded."""

from sqlalchemy import Connection

from ..domain.actions import Start
from ..domain.happenings import What
from ..domain.orders import Order, OrderState
from ..domain.view import CRUMB_MS
from ..drivers.base import StartError
from ..ledger import deliveries, orders, sessions
from ..ledger.deliveries import Delivery
from ..ledger.sessions import Desk
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

    async def start(self, desk: Desk, move: Start) -> None:
        """Switch on for an order: intent, guard, relay, proof, in this order."""
        order = move.order
        if desk.order is not None:
            self._tools.watch.pauses.tried_to_resume()
        delivery = await self._begin(move)
        if delivery is None:
            return
        self._tools.watch.stretch.begin(delivery, extra_ms=self._proof_ms())
        failure, gone_ms = await self._switch_on(order, move.for_ms)
        if failure is not None:
            await self._not_started(order, delivery, failure)
            return
        self._problem.clear()
        self._tools.watch.stretch.begin(delivery, gone_ms=gone_ms)
        await self.prove(order, delivery)

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

    async def _switch_on(self, order: Order, for_ms: int) -> tuple[str | None, int]:
        """Switch on with proof; return why not, after a second try.

        And how long the relay was seen on in a try that failed.
        """
        reason, stretch = "", self._tools.watch.stretch
        gone_ms = 0
        for _ in range(_TRIES):
            try:
                await self._tools.driver.start(order.id, for_ms)
            except StartError as err:
                reason, gone_ms = err.reason, stretch.seen_on_ms()
            else:
                return None, gone_ms
        return reason, gone_ms

    async def prove(self, order: Order, delivery: Delivery) -> None:
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

        Time that the relay was seen on counts, proof or not.
        """
        now_ms = self._tools.clock.now_ms()
        ran_ms = min(self._tools.watch.stretch.seen_on_ms(), delivery.planned_ms)
        resuming = order.state is OrderState.PAUSED

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
        if not resuming:
            self._tools.say(What.ORDER_UNDELIVERED, order, why)
