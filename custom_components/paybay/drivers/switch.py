"""Any on/off entity of Home Assistant as a relay. Nothing but PayBay ends it."""

import asyncio
from collections.abc import Callable
import logging
from typing import override

from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event

from ..domain.relays import OUT_OF_REACH, RelayReport
from .base import RelayDriver, StartError

_LOGGER = logging.getLogger(__name__)
_LATE_TRIES = 3


class SwitchDriver(RelayDriver):
    """Drives an entity by its domain's turn_on and turn_off; its state is the proof."""

    keeps_time = False

    def __init__(
        self, hass: HomeAssistant, entity_id: str, confirm_timeout_s: float
    ) -> None:
        """`confirm_timeout_s` is how long the state may take to follow."""
        self._hass = hass
        self._entity_id = entity_id
        self._confirm_timeout_s = confirm_timeout_s

    @override
    def report(self) -> RelayReport:
        state = self._hass.states.get(self._entity_id)
        if state is None or state.state not in (STATE_ON, STATE_OFF):
            return OUT_OF_REACH
        return RelayReport(contact=True, on=state.state == STATE_ON)

    @override
    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            old, new = event.data["old_state"], event.data["new_state"]
            if old is None or new is None or old.state != new.state:
                on_change()

        return async_track_state_change_event(self._hass, [self._entity_id], changed)

    @override
    async def start(self, order_id: str, for_ms: int) -> None:
        if not self.report().contact:
            raise StartError("out_of_reach")
        if not await self._bring(on=True):
            await self._make_sure_it_is_off()
            raise StartError("no_proof")

    @override
    async def extend(self, order_id: str, total_ms: int) -> None:
        """Look that the relay is on: a switch knows of no end to be moved."""
        report = self.report()
        if not report.contact:
            raise StartError("out_of_reach")
        if not report.on:
            raise StartError("no_proof")

    @override
    async def stop(self, order_id: str | None) -> bool:
        return await self._bring(on=False)

    @override
    async def acknowledge(self, order_id: str) -> None:
        """Do nothing: a switch keeps no account."""

    async def _make_sure_it_is_off(self) -> None:
        """Switch off and stay until a late "on" can no longer come.

        A slow relay says "off" while our "on" is still on its way to it; that arrives
        before the "off" that was sent after it.
        """
        for _ in range(_LATE_TRIES):
            await self._bring(on=False)
            if not await self._follows(on=True):
                return

    async def _follows(self, *, on: bool) -> bool:
        """Wait for a state, without asking for it; return whether it came in time."""
        return await self._until(on=on, ask=False)

    async def _bring(self, *, on: bool) -> bool:
        """Switch and wait for the state to follow; return whether it did.

        Off is sent even to a relay that says so: the state may lag behind.
        """
        return await self._until(on=on, ask=not (on and self.report().on))

    async def _until(self, *, on: bool, ask: bool) -> bool:
        followed = asyncio.Event()

        def look() -> None:
            if self.report().on is on:
                followed.set()

        unwatch = self.watch(look)
        try:
            async with asyncio.timeout(self._confirm_timeout_s):
                if ask:
                    await self._call(on=on)
                look()
                await followed.wait()
        except TimeoutError, HomeAssistantError:
            return False
        except Exception:
            # Whatever its integration lets escape: the relay did not follow.
            _LOGGER.exception("%s could not be switched", self._entity_id)
            return False
        finally:
            unwatch()
        return True

    async def _call(self, *, on: bool) -> None:
        domain = self._entity_id.partition(".")[0]
        service = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
        target = {ATTR_ENTITY_ID: self._entity_id}
        await self._hass.services.async_call(domain, service, target, blocking=True)
