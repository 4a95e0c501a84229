"""How a session goes on for the next order without its relay going off."""

from sqlalchemy import Connection

from ..domain.actions import Extend, HandOver
from ..domain.happenings import What
from ..drivers.base import StartError
from ..ledger import deliveries, sessions
from ..ledger.deliveries import Delivery
from .tools import Tools


class Seams:
    """Moves the end of a running session, and hands it from order to order."""

    def __init__(self, tools: Tools) -> None:
        """Work with these."""
        self._tools = tools

    async def extend(self, delivery: Delivery, move: Extend) -> None:
        """Move the session's end: intent, guard, device, proof, in this order.

        Without proof nothing is lost: the device ends when it said it would, and who
        queues is started anew.
        """
        await self._ask(delivery, move)
        stretch = self._tools.watch.stretch
        stretch.hold(delivery, max(move.total_ms, delivery.longest_ms))
        self._tools.watch.extensions.tried(delivery)
        try:
            await self._tools.driver.extend(delivery.session_id, move.total_ms)
        except StartError as err:
            await self._not_extended(delivery, err)
            return
        stretch.hold(delivery, move.total_ms)
        await self._tools.ledger.run(
            lambda c: deliveries.grant(c, delivery.id, move.total_ms)
        )
        self._tools.watch.extensions.proven()

    async def _ask(self, delivery: Delivery, move: Extend) -> None:
        """Store who follows, and until when, before the relay is told.

        A crash must find it, and so must a device that does as told and is lost before
        it said so.
        """
        now_ms, session_id = self._tools.clock.now_ms(), delivery.session_id
        asked_ms = max(move.total_ms, delivery.longest_ms)

        def store(connection: Connection) -> None:
            sessions.joined(connection, session_id, move.joining, now_ms)
            deliveries.ask(connection, delivery.id, asked_ms)

        if move.joining or asked_ms > delivery.longest_ms:
            await self._tools.ledger.run(store)

    async def _not_extended(self, delivery: Delivery, error: StartError) -> None:
        """Believe a device that refused; one that was not heard may have done it."""
        given_ms = self._tools.watch.stretch.given_ms(delivery)
        if error.refused and given_ms is not None:
            await self._tools.ledger.run(
                lambda c: deliveries.ask(c, delivery.id, given_ms)
            )

    async def hand_over(self, delivery: Delivery, move: HandOver) -> None:
        """Record the seam as of when it was; the relay knows nothing of it."""
        stretch = self._tools.watch.stretch
        over_ms = max(0, stretch.elapsed_ms(delivery) - delivery.planned_ms)
        at_ms = self._tools.clock.now_ms() - over_ms
        ended, started, following = await self._tools.ledger.run(
            lambda c: sessions.handed_over(
                c, delivery, move.following, move.reason, at_ms
            )
        )
        stretch.hand_over(delivery, following)
        self._tools.say(What.SESSION_ENDED, ended, move.reason)
        self._tools.say(What.SESSION_STARTED, started)
