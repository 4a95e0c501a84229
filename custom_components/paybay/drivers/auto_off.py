"""A plain switch whose relay has an auto-off of its own, kept alive while paid.

The relay gets a time after which it switches off by itself. Where that is shorter than
the session, "on" is sent again each time half of it has passed, and the relay counts
anew: evcc guards charge points by the same rule. If Home Assistant is gone, nobody
sends any more.
"""

from collections.abc import Callable, Coroutine
import logging
from typing import Any, NoReturn, override

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..domain.clock import Clock
from ..domain.relays import RelayReport
from .auto_off_number import AutoOffNumber
from .base import RelayDriver, StartError

_LOGGER = logging.getLogger(__name__)

MARGIN_S = 5.0
"""How much later than the paid end a relay may switch off by itself."""


class AutoOffDriver(RelayDriver):
    """A switch driver that sees to the relay's own end.

    `timer_s` is the relay's auto-off time in seconds; 0 makes it as long as each
    session, as far as `number` goes. Without `number` the relay has it set already.
    """

    keeps_time = False

    def __init__(
        self,
        hass: HomeAssistant,
        entity_id: str,
        inner: RelayDriver,
        clock: Clock,
        *,
        number: AutoOffNumber | None,
        timer_s: float,
    ) -> None:
        """Guard the relay that `inner` switches, which is `entity_id`."""
        self._hass = hass
        self._entity_id = entity_id
        self._inner = inner
        self._clock = clock
        self._number = number
        self._timer_s = timer_s
        self._began_ms: int | None = None
        self._feed_s: float | None = timer_s or None
        self._wanted = True
        self._confirmed = False
        self._doubt_ends_ms: int | None = None
        self._cancel_feed: Callable[[], None] | None = None

    @override
    def report(self) -> RelayReport:
        return self._inner.report()

    @override
    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Watch; a relay that is on after a restart is kept alive until `stop`.

        But for no longer than its own timer, unless it is confirmed that it should be.
        """

        def changed() -> None:
            self._look()
            on_change()

        unwatch = self._inner.watch(changed)
        self._look()

        def close() -> None:
            unwatch()
            self._rest()

        return close

    @override
    async def start(self, order_id: str, for_ms: int) -> None:
        if not self._inner.report().contact:
            await self._fail(order_id, "out_of_reach")
        if not await self._set_timer(for_ms / 1000):
            await self._fail(order_id, "auto_off_failed")
        self._wanted = True
        was_on = self._inner.report().on
        try:
            await self._inner.start(order_id, for_ms)
        except StartError:
            self._let_go()
            raise
        if was_on:
            # Its timer may have begun long ago.
            await self._send_on()
        self._confirmed = True
        self._began_ms = self._clock.monotonic_ms()
        self._feed_later()

    @override
    async def extend(self, order_id: str, total_ms: int) -> None:
        await self._inner.extend(order_id, total_ms)
        # After a restart nobody knows how long it has run: then it gets the whole.
        now_ms = self._clock.monotonic_ms()
        gone_ms = 0 if self._began_ms is None else now_ms - self._began_ms
        if not await self._set_timer((total_ms - gone_ms) / 1000):
            raise StartError("auto_off_failed")
        self._confirmed = True
        await self._send_on()
        self._feed_later()

    def confirm(self) -> None:
        """Keep the relay on until `stop`: the ledger has a session for it."""
        if self._confirmed or not self._wanted:
            return
        self._confirmed = True
        if self._feed_s is not None and self._doubt_ends_ms is not None:
            # Perhaps it was not fed any more.
            self._spawn(self._feed_now())
            self._feed_later()

    @override
    async def stop(self, order_id: str | None) -> bool:
        self._let_go()
        return await self._inner.stop(order_id)

    @override
    async def acknowledge(self, order_id: str) -> None:
        await self._inner.acknowledge(order_id)

    async def _fail(self, order_id: str, reason: str) -> NoReturn:
        """Give a start up; a relay that was on already goes off all the same."""
        await self.stop(order_id)
        raise StartError(reason)

    async def _set_timer(self, left_s: float) -> bool:
        """Set the relay's timer, and how often it is fed if it is short."""
        wanted_s = left_s + MARGIN_S
        if self._number is None:
            self._feed_s = self._timer_s if self._timer_s < wanted_s else None
            return True
        longest_s = self._number.max_s
        if longest_s is None:
            return False
        timer_s = min(wanted_s, longest_s, self._timer_s or wanted_s)
        self._feed_s = timer_s if timer_s < wanted_s else None
        return await self._number.set(timer_s)

    def _look(self) -> None:
        """Begin to feed a relay that is on and not meant to go off."""
        if self._inner.report().on and self._is_wanted() and self._cancel_feed is None:
            self._feed_later()

    def _is_wanted(self) -> bool:
        """Whether the relay should be kept on, as far as is known by now.

        After a restart nobody knows before the ledger was read, and it may not be.
        """
        now_ms = self._clock.monotonic_ms()
        if self._doubt_ends_ms is None and self._inner.report().on:
            self._doubt_ends_ms = now_ms + round((self._feed_s or 0) * 1000)
        in_doubt = self._doubt_ends_ms is None or now_ms < self._doubt_ends_ms
        return self._wanted and (self._confirmed or in_doubt)

    def _feed_later(self) -> None:
        self._rest()
        if self._feed_s is not None:
            delay_ms = round(self._feed_s * 1000 / 2)
            self._cancel_feed = self._clock.call_later(delay_ms, self._feed)

    def _feed(self) -> None:
        self._cancel_feed = None
        if self._is_wanted() and self._inner.report().on:
            self._spawn(self._feed_now())
            self._feed_later()

    async def _feed_now(self) -> None:
        """Start the relay's timer anew, unless it was switched off just now."""
        if self._number is not None and self._feed_s is not None:
            await self._number.set(self._feed_s)
        if self._wanted and self._inner.report().on:
            await self._send_on()

    async def _send_on(self) -> None:
        domain = self._entity_id.partition(".")[0]
        target = {ATTR_ENTITY_ID: self._entity_id}
        try:
            await self._hass.services.async_call(
                domain, SERVICE_TURN_ON, target, blocking=True
            )
        except HomeAssistantError as err:
            _LOGGER.warning("%s could not be kept on: %s", self._entity_id, err)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._hass.async_create_task(work, f"paybay keeps {self._entity_id} on")

    def _let_go(self) -> None:
        self._wanted = False
        self._began_ms = None
        self._rest()

    def _rest(self) -> None:
        if self._cancel_feed:
            self._cancel_feed()
            self._cancel_feed = None
