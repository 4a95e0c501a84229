"""A bay: what the rest of PayBay may ask of it. Its own work is done in turns."""

from contextlib import suppress

from ..domain.happenings import Happening, What
from ..domain.money import Money
from ..domain.orders import RUNNING, ClaimedBy, Order, OrderState
from ..domain.rest import comes_back
from ..domain.view import CUSTOMER
from ..ledger import LedgerError, bays, orders
from .errors import (
    NothingToStartError,
    NothingToStopError,
    StartFailedError,
    StopNotStoredError,
    StopRefusedError,
)
from .turns import Turns

_SERVED = RUNNING | {OrderState.COMPLETED}


class Bay(Turns):
    """One bay: a relay, its rules, and whoever is served or waits there."""

    @property
    def keeps_time(self) -> bool:
        """Return whether the relay's device keeps its own account of each order."""
        return self._driver.keeps_time

    def hold_claims(self) -> None:
        """Let nobody run out of time to claim an order until `release_claims`."""
        self._watch.windows.hold_claims()

    def release_claims(self) -> None:
        """Begin a full claim window for each order that waits."""
        self._watch.windows.release_claims()
        self.poke()

    @property
    def max_ms(self) -> int | None:
        """Return the longest session the relay takes, if it has a known limit."""
        return self._driver.report().max_ms

    async def start(self, order_id: str | None, claimed_by: ClaimedBy) -> Order:
        """Claim a waiting paid order (the first, if none is named) and run it.

        Raise NothingToStartError, StartFailedError or LedgerError.
        """
        order = await self._claim(order_id, claimed_by)
        return await self.outcome(order.id)

    async def outcome(self, order_id: str) -> Order:
        """Let a claimed order start and return it; raise StartFailedError."""
        await self.settle()
        order = await self._order(order_id)
        queued = order.state is OrderState.PAID and self.face.order_id is not None
        if not queued and order.state not in _SERVED:
            raise StartFailedError(order.reason or "offline")
        return order

    async def now_or_never(self, order_id: str) -> Order:
        """Let a claimed order start and return it; raise StartFailedError.

        One that does not start now is given up: nobody expects it later.
        """
        try:
            return await self.outcome(order_id)
        except StartFailedError:
            await self.call_off(order_id, "start_window")
            raise

    async def stop(
        self, reason: str, order_id: str | None = None, *, by_user: str | None = None
    ) -> Order:
        """End the running session and return its order.

        A device that is out of contact keeps its own account: its order is returned
        as it stands, still running, and ends when the device reports. `reason` is
        `customer` when the order's own customer asks, and `order_id` then names it;
        `by_user` is the id of the person of this house who does.

        Raise NothingToStopError, StopRefusedError or LedgerError. A ledger that fails
        does not keep the relay on: it is switched off then (StopNotStoredError).
        """
        if reason == CUSTOMER and not self.config.customer_stop:
            raise StopRefusedError
        try:
            order = await self._stop(reason, order_id)
        except LedgerError as err:
            named = order_id in (None, self.face.order_id)
            if not named or not await self.cut(reason):
                raise
            raise StopNotStoredError(*err.args) from err
        if by_user is not None:
            return await self._note_stop(order, by_user)
        return order

    async def _note_stop(self, order: Order, by_user: str) -> Order:
        """Store who stopped it; a ledger that fails now does not undo the stop."""
        now_ms = self._clock.now_ms()
        with suppress(LedgerError):
            await self._ledger.run(
                lambda c: orders.stopped_by(c, order.id, by_user, now_ms)
            )
        return order

    async def cut(self, reason: str) -> bool:
        """Switch off at once, whatever the ledger can do; return False if nothing ran.

        What ran is called off as soon as that can be stored.
        """
        session_id = self._watch.stretch.session_id
        order_id = self.face.order_id or session_id
        if order_id is None and not self._driver.report().on:
            return False
        if order_id is not None:
            # Before the relay: one that is seen off for no reason would be resumed.
            self._must_end(order_id, reason)
        await self._driver.stop(session_id or order_id)
        self.poke()
        return True

    async def _stop(self, reason: str, order_id: str | None) -> Order:
        running = (await self._desk()).order
        if running is None or order_id not in (None, running.id):
            raise NothingToStopError
        order = await self._stop_order(running.id, reason)
        if order_id is not None or order.state is not OrderState.COMPLETED:
            return order
        # It had all it was owed before it heard of the stop: the next may have begun.
        try:
            return await self._stop(reason, None)
        except NothingToStopError:
            return order

    async def _stop_order(self, order_id: str, reason: str) -> Order:
        asked = await self._moves.stop(order_id, reason)
        self._moves.hurry()
        await self.settle()
        order = await self._order(order_id)
        if asked and order.state in RUNNING:
            self._tell(
                Happening(
                    what=What.STOP_AWAITED,
                    bay_id=self.config.id,
                    order=order,
                    reason=reason,
                )
            )
        return order

    async def comes_back(self, order_id: str, reason: str = CUSTOMER) -> Money:
        """Return what would go back if this order ended now for this reason.

        Raise UnknownOrderError or LedgerError.
        """
        order, desk = await self._order(order_id), await self._desk()
        running_ms = 0
        if desk.delivery is not None and desk.delivery.order_id == order_id:
            running_ms = self._watch.stretch.elapsed_ms(desk.delivery)
        return comes_back(order, self.config, running_ms=running_ms, reason=reason)

    async def put_in_service(self, *, on: bool) -> None:
        """Take customers, or none; a session that runs goes on. Raise LedgerError."""
        now_ms, bay_id = self._clock.now_ms(), self.config.id
        await self._ledger.run(lambda c: bays.put_in_service(c, bay_id, now_ms, on=on))
        await self.settle()

    async def call_off(self, order_id: str, reason: str) -> None:
        """End an order whose money went back: stop its session, or never start it.

        Raise StopNotStoredError if that could not be stored; it is tried again.
        """
        self._must_end(order_id, reason)
        await self._see_it_off(order_id, reason)

    def _must_end(self, order_id: str, reason: str) -> None:
        """Have the next turn end an order, even one that its customer withdraws."""
        self._called_off[order_id] = reason
        self._withdrawn.discard(order_id)

    async def _see_it_off(self, order_id: str, reason: str) -> None:
        self._moves.hurry()
        await self.settle()
        if self._open and order_id in self._called_off:
            runs = order_id == self.face.order_id
            if runs and order_id not in self._withdrawn:
                await self.cut(reason)
            message = f"the end of order {order_id} is not stored yet"
            raise StopNotStoredError(message)

    async def withdraw(self, order_id: str) -> Order:
        """Give up a paid order that queues, for its customer; all of it is owed back.

        One that has begun meanwhile is left alone: its customer was promised
        everything back, and a stop may not give that. Raise NothingToStopError then,
        StopRefusedError where customers may not stop, or LedgerError.
        """
        if not self.config.customer_stop:
            raise StopRefusedError
        if order_id not in {order.id for order in (await self._desk()).waiting}:
            raise NothingToStopError
        if order_id not in self._called_off:
            self._called_off[order_id] = CUSTOMER
            self._withdrawn.add(order_id)
        await self._see_it_off(order_id, CUSTOMER)
        order = await self._order(order_id)
        if order.state is not OrderState.UNDELIVERED:
            raise NothingToStopError
        return order

    async def _claim(self, order_id: str | None, claimed_by: ClaimedBy) -> Order:
        now_ms = self._clock.now_ms()
        desk = await self._desk()
        named = (o for o in desk.waiting if order_id in (None, o.id))
        order = next(named, None)
        if order is None or not await self._ledger.run(
            lambda c: orders.claim(c, order.id, claimed_by, now_ms)
        ):
            raise NothingToStartError
        return order
