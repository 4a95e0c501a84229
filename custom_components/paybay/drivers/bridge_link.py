"""The MQTT side of one bridge bay: messages in, commands out."""

import asyncio
from collections.abc import Callable
import json
import logging
from typing import Any

from homeassistant.components import mqtt
from homeassistant.components.mqtt import ReceiveMessage
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..domain.clock import Clock
from ..domain.ids import new_command_id
from .bridge_state import BridgeAck, BridgeState, read_ack, read_outbox, read_state
from .find import BridgeAddress

_LOGGER = logging.getLogger(__name__)

ASK_AGAIN_MS = 2_000
RESEND_S = 1.0
WAIT_AGAIN_S = 10


class BridgeLink:
    """Hears one bay of a bridge and talks to it.

    `state` is None until the bridge itself answered: a retained message may be as old
    as the last restart.
    """

    def __init__(
        self, hass: HomeAssistant, address: BridgeAddress, clock: Clock
    ) -> None:
        """Prepare; nothing is subscribed yet."""
        self.state: BridgeState | None = None
        self._hass = hass
        self._clock = clock
        self._node = f"paybay/{address.node}"
        self._bay = f"{self._node}/bay/{address.bay}"
        self._online = False
        self._outbox: list[tuple[str, str]] = []
        self._outbox_heard = False
        self._answers: dict[str, asyncio.Future[BridgeAck]] = {}
        self._undo: list[Callable[[], None]] = []
        self._cancel_ask: Callable[[], None] | None = None
        self._on_change: Callable[[], None] | None = None

    def open(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Begin to listen once MQTT is there; return how to stop."""
        self._on_change = on_change
        task = self._hass.async_create_background_task(
            self._subscribe(), f"paybay bridge {self._bay}"
        )
        self._undo.append(lambda: _cancel(task))
        return self._close

    def outcomes_of(self, order_id: str) -> list[str]:
        """Return the event ids of an order's outcomes that nobody acknowledged."""
        found = [event_id for event_id, owner in self._outbox if owner == order_id]
        return found or self._last_outcome_of(order_id)

    def _last_outcome_of(self, order_id: str) -> list[str]:
        """Return what the state tells of an outcome before the outbox was heard."""
        state = self.state
        if self._outbox_heard or state is None or state.account is None:
            return []
        event_id = state.last_event_id
        is_its_own = state.account.order_id == order_id
        return [event_id] if event_id and is_its_own else []

    def orders_in_outbox(self) -> list[str]:
        """Return the orders whose outcomes nobody acknowledged."""
        return [order_id for _, order_id in self._outbox]

    def up_s(self) -> float:
        """Return the device's own clock by now; 0 before it was heard."""
        now_ms = self._clock.monotonic_ms()
        return self.state.up_s_at(now_ms) if self.state else 0.0

    def is_past(self, ack: BridgeAck) -> bool:
        """Return whether the state known now was made after this answer."""
        return self.state is not None and self.state.is_past(ack)

    async def tell(self, command: dict[str, Any], timeout_s: float) -> BridgeAck | None:
        """Send a command until it is answered; None if it never was.

        The same id goes out each time, so the bridge acts once.
        """
        command = {"v": 1, "id": new_command_id(), **command}
        answer: asyncio.Future[BridgeAck] = self._hass.loop.create_future()
        self._answers[command["id"]] = answer
        try:
            async with asyncio.timeout(timeout_s):
                while not answer.done():
                    await self._publish(command)
                    await asyncio.wait([answer], timeout=RESEND_S)
                return answer.result()
        except TimeoutError, HomeAssistantError:
            return None
        finally:
            del self._answers[command["id"]]

    async def _publish(self, command: dict[str, Any]) -> None:
        """Publish at QoS 0: what cannot be sent now must not be sent later."""
        await mqtt.async_publish(self._hass, f"{self._bay}/cmd", json.dumps(command))

    async def _subscribe(self) -> None:
        while not await mqtt.async_wait_for_mqtt_client(self._hass):
            _LOGGER.warning("MQTT is not there yet: %s is out of reach", self._bay)
            await asyncio.sleep(WAIT_AGAIN_S)
        try:
            topics = {
                f"{self._bay}/state": self._hear_state,
                f"{self._bay}/ack": self._hear_ack,
                f"{self._bay}/outbox": self._hear_outbox,
                f"{self._node}/status": self._hear_status,
            }
            for topic, hear in topics.items():
                self._undo.append(await mqtt.async_subscribe(self._hass, topic, hear))
        except HomeAssistantError as err:
            _LOGGER.warning("%s is out of reach: %s", self._bay, err)
            return
        self._undo.append(
            mqtt.async_subscribe_connection_status(self._hass, self._connection)
        )

    def _close(self) -> None:
        for undo in self._undo:
            undo()
        self._undo.clear()
        self._stop_asking()
        self._lose()

    @callback
    def _connection(self, connected: bool) -> None:  # noqa: FBT001 - MQTT's callback
        """Forget all when the broker is lost; retained messages tell it anew."""
        if not connected:
            self._online = False
            self._lose()

    @callback
    def _hear_status(self, message: ReceiveMessage) -> None:
        self._online = message.payload == "online"
        if self._online:
            self._ask()
        else:
            self._lose()

    @callback
    def _hear_state(self, message: ReceiveMessage) -> None:
        if message.retain:
            return
        state = read_state(message.payload, self._clock.monotonic_ms())
        if state is not None:
            self._stop_asking()
            self.state = state
            self._changed()

    @callback
    def _hear_ack(self, message: ReceiveMessage) -> None:
        ack = read_ack(message.payload)
        answer = self._answers.get(ack.id) if ack else None
        if ack and answer and not answer.done():
            answer.set_result(ack)

    @callback
    def _hear_outbox(self, message: ReceiveMessage) -> None:
        self._outbox = read_outbox(message.payload)
        self._outbox_heard = True

    def _ask(self) -> None:
        """Ask for a state of now, again and again until one comes."""
        self._stop_asking()
        if not self._online:
            return
        command = {"v": 1, "id": new_command_id(), "cmd": "report"}
        self._hass.async_create_task(self._publish_safely(command))
        self._cancel_ask = self._clock.call_later(ASK_AGAIN_MS, self._ask)

    async def _publish_safely(self, command: dict[str, Any]) -> None:
        try:
            await self._publish(command)
        except HomeAssistantError as err:
            _LOGGER.debug("%s could not be asked: %s", self._bay, err)

    def _stop_asking(self) -> None:
        if self._cancel_ask:
            self._cancel_ask()
            self._cancel_ask = None

    def _lose(self) -> None:
        self._stop_asking()
        if self.state is not None:
            self.state = None
            self._changed()

    def _changed(self) -> None:
        if self._on_change:
            self._on_change()


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
