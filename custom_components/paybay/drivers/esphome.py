"""A bay of an ESPHome node: it counts the seconds itself and keeps the account."""

import asyncio
import math
from typing import override

from homeassistant.core import HomeAssistant

from ..domain.clock import Clock
from .base import StartError
from .esphome_link import EsphomeLink
from .find import EsphomeAddress
from .timekeeper import TimekeeperDriver, is_off, runs


class EsphomeDriver(TimekeeperDriver[EsphomeLink]):
    """Drives one relay of a node by the actions of `esphome/paybay_bay.yaml`."""

    def __init__(
        self,
        hass: HomeAssistant,
        address: EsphomeAddress,
        clock: Clock,
        confirm_timeout_s: float,
    ) -> None:
        """`confirm_timeout_s` is how long the node may take to prove a start."""
        super().__init__(EsphomeLink(hass, address, clock), clock, confirm_timeout_s)

    @override
    async def start(self, order_id: str, for_ms: int) -> None:
        heard = await self._order("start_session", order_id, for_ms)
        if not heard or not await self.until(lambda r: runs(r, order_id)):
            await self._make_sure_it_is_off(order_id)
            raise StartError("no_proof")

    @override
    async def extend(self, order_id: str, total_ms: int) -> None:
        if not await self._order("extend_session", order_id, total_ms):
            raise StartError("no_proof")
        # Only a report made after the answer shows the end that was moved.
        code = await self._link.ask(self._confirm_timeout_s)
        if code is None or not await self.until(
            lambda r: runs(r, order_id) and self._has_answered(code)
        ):
            raise StartError("no_proof")

    @override
    async def stop(self, order_id: str | None) -> bool:
        return await self._stop(order_id) and await self.until(is_off)

    @override
    async def acknowledge(self, order_id: str) -> None:
        """Do nothing: the node keeps its last account until the next order."""

    async def _order(self, action: str, order_id: str, for_ms: int) -> bool:
        """Ask for seconds; return whether the node heard, raise StartError for a no."""
        state = self._link.state
        if state is None:
            raise StartError("out_of_reach")
        answer = await self._link.tell(
            action,
            self._confirm_timeout_s,
            order_id=order_id,
            seconds=for_ms / 1000,
            boot_id=state.boot_id,
            not_after=math.ceil(self._link.up_s() + self._confirm_timeout_s),
        )
        if answer is not None and answer.refusal is not None:
            raise StartError(f"refused_{answer.refusal}")
        return answer is not None

    async def _stop(self, order_id: str | None) -> bool:
        """Stop an order, or whatever runs; return whether the node heard."""
        answer = await self._link.tell(
            "stop_session", self._confirm_timeout_s, order_id=order_id or ""
        )
        return answer is not None

    async def _make_sure_it_is_off(self, order_id: str) -> None:
        """Wait until a start that got lost can no longer take effect."""
        if not await self._stop(order_id):
            # The order carries `not_after`, in whole seconds: then the node refuses it.
            await asyncio.sleep(self._confirm_timeout_s + 1)

    def _has_answered(self, code: str) -> bool:
        return self._link.state is not None and self._link.state.ask == code
