"""The Home Assistant side of one ESPHome bay: its report in, its actions out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceNotFound
from homeassistant.helpers.event import async_track_state_change_event

from ..domain.clock import Clock
from ..domain.ids import new_command_id
from .esphome_state import EsphomeState, read_refusal, read_report
from .find import EsphomeAddress

_LOGGER = logging.getLogger(__name__)

ASK_AGAIN_MS = 2_000
_ASK_CHARS = 8
_ESPHOME = "esphome"
_DEVICE_NAME = "device_name"
"""Where ESPHome's config entry keeps the node's name, the first part of its actions."""


@dataclass(frozen=True, slots=True)
class EsphomeAnswer:
    """What a node answered to an action; `refusal` is one word, None for "done"."""

    refusal: str | None = None


class EsphomeLink:
    """Hears one bay of a node and talks to it.

    `state` is None until the node itself answered a question of ours: what Home
    Assistant shows of a report may be as old as the last change.
    """

    def __init__(
        self, hass: HomeAssistant, address: EsphomeAddress, clock: Clock
    ) -> None:
        """Prepare; nothing is heard yet."""
        self.state: EsphomeState | None = None
        self._hass = hass
        self._address = address
        self._clock = clock
        self._question = ""
        self._cancel_ask: Callable[[], None] | None = None
        self._on_change: Callable[[], None] = lambda: None

    def open(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Begin to listen; return how to stop."""
        self._on_change = on_change
        unwatch = async_track_state_change_event(
            self._hass, [self._address.report], self._heard
        )
        self._take(self._hass.states.get(self._address.report))

        def close() -> None:
            unwatch()
            self._lose()

        return close

    def up_s(self) -> float:
        """Return the device's own clock by now; 0 before it was heard."""
        now_ms = self._clock.monotonic_ms()
        return self.state.up_s_at(now_ms) if self.state else 0.0

    async def tell(
        self, action: str, timeout_s: float, **data: Any
    ) -> EsphomeAnswer | None:
        """Perform one of the bay's actions; None if nobody answered in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._call(action, data)
        except TimeoutError:
            return None
        except ServiceNotFound:
            _LOGGER.debug("The node has no action %s yet", self._action(action))
            return None
        except HomeAssistantError as err:
            placeholders = err.translation_placeholders or {}
            refusal = read_refusal(placeholders.get("error", ""))
            if refusal is None:
                _LOGGER.debug("%s failed: %s", self._action(action), err)
            return EsphomeAnswer(refusal) if refusal else None
        return EsphomeAnswer()

    async def ask(self, timeout_s: float) -> str | None:
        """Have the bay report; return the code its report will repeat, if it heard."""
        code = new_command_id()[:_ASK_CHARS]
        answer = await self.tell("report_session", timeout_s, ask=code)
        return code if answer == EsphomeAnswer() else None

    async def _call(self, action: str, data: dict[str, Any]) -> None:
        await self._hass.services.async_call(
            _ESPHOME, self._action(action), data, blocking=True
        )

    def _action(self, action: str) -> str:
        """Name an action of the node, by the name it has today."""
        entry = self._hass.config_entries.async_get_entry(self._address.entry_id)
        node = str(entry.data.get(_DEVICE_NAME, "")) if entry else ""
        return f"{node.replace('-', '_')}_{action}_{self._address.bay}"

    @callback
    def _heard(self, event: Event[EventStateChangedData]) -> None:
        self._take(event.data["new_state"])

    def _take(self, entity: State | None) -> None:
        """Take a report, if the node is there and has answered us since it came."""
        if entity is None or entity.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            self._lose()
            return
        state = read_report(entity.state, self._clock.monotonic_ms())
        if state is None:
            _LOGGER.warning("%s is no report of a bay", self._address.report)
            self._lose()
        elif self.state is not None or (self._question and state.ask == self._question):
            self._stop_asking()
            self.state = state
            self._on_change()
        elif self._cancel_ask is None:
            self._ask_again()

    def _ask_again(self) -> None:
        """Ask for a report of now, again and again until one comes."""
        self._question = new_command_id()[:_ASK_CHARS]
        self._hass.async_create_background_task(
            self.tell("report_session", ASK_AGAIN_MS / 1000, ask=self._question),
            f"paybay asks {self._address.report}",
        )
        self._cancel_ask = self._clock.call_later(ASK_AGAIN_MS, self._ask_again)

    def _stop_asking(self) -> None:
        self._question = ""
        if self._cancel_ask:
            self._cancel_ask()
            self._cancel_ask = None

    def _lose(self) -> None:
        self._stop_asking()
        if self.state is not None:
            self.state = None
            self._on_change()
