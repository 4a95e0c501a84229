"""A bay of the Pi bridge: it counts the seconds itself and keeps the account."""

import asyncio
from collections.abc import Collection
from typing import Any, override

from homeassistant.core import HomeAssistant

from ..domain.clock import Clock
from .base import OutcomeKeeper, StartError
from .bridge_link import BridgeLink
from .bridge_state import BridgeAck
from .find import BridgeAddress
from .timekeeper import TimekeeperDriver, is_off, runs


class BridgeDriver(TimekeeperDriver[BridgeLink], OutcomeKeeper):
    """Drives one relay of a Pi bridge by its command topic."""

    def __init__(
        self,
        hass: HomeAssistant,
        address: BridgeAddress,
        clock: Clock,
        confirm_timeout_s: float,
    ) -> None:
        """`confirm_timeout_s` is how long the bridge may take to prove a start."""
        super().__init__(BridgeLink(hass, address, clock), clock, confirm_timeout_s)

    @override
    async def start(self, order_id: str, for_ms: int) -> None:
        ack = await self._ask("start", order_id, for_ms)
        if ack is None or not await self.until(lambda r: runs(r, order_id)):
            await self._make_sure_it_is_off(order_id)
            raise StartError("no_proof")

    @override
    async def extend(self, order_id: str, total_ms: int) -> None:
        ack = await self._ask("extend", order_id, total_ms)
        # Only a state made after the answer shows the end that was moved.
        if ack is None or not await self.until(
            lambda r: runs(r, order_id) and self._link.is_past(ack)
        ):
            raise StartError("no_proof")

    @override
    async def stop(self, order_id: str | None) -> bool:
        ack = await self._stop(order_id)
        return ack is not None and await self.until(is_off)

    @override
    async def acknowledge(self, order_id: str) -> None:
        state = self._link.state
        for event_id in self._link.outcomes_of(order_id) if state else ():
            command = {"cmd": "ack_event", "event_id": event_id}
            await self._link.tell(
                command | {"boot_id": state.boot_id if state else None},
                self._confirm_timeout_s,
            )

    async def _ask(self, cmd: str, order_id: str, for_ms: int) -> BridgeAck | None:
        """Ask for seconds; return the answer if one came, raise StartError for a no."""
        state = self._link.state
        if state is None:
            raise StartError("out_of_reach")
        command = {
            "cmd": cmd,
            "order_id": order_id,
            "seconds": for_ms / 1000,
            "boot_id": state.boot_id,
            "not_after": self._link.up_s() + self._confirm_timeout_s,
        }
        ack = await self._link.tell(command, self._confirm_timeout_s)
        if ack is not None and not ack.accepted:
            raise StartError(f"refused_{ack.reason}")
        return ack

    @override
    def unacknowledged(self) -> Collection[str]:
        """Return the orders of the outbox, while the bridge is there to hear of it."""
        return self._link.orders_in_outbox() if self._link.state else ()

    async def _stop(self, order_id: str | None) -> BridgeAck | None:
        """Stop an order, or whatever runs; what does not run is refused, and off."""
        command: dict[str, Any] = {"cmd": "stop", "order_id": order_id}
        return await self._link.tell(command, self._confirm_timeout_s)

    async def _make_sure_it_is_off(self, order_id: str) -> None:
        """Wait until a start that got lost can no longer take effect."""
        if await self._stop(order_id) is None:
            # The command carries `not_after`: from then on the bridge refuses it.
            await asyncio.sleep(self._confirm_timeout_s)
