"""The connection to the broker. paho's thread only hands over to the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import logging
import threading
import time
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from . import topics
from .config import Config
from .mqtt_client import make_client
from .throttle import Throttle

INBOX_CAP = 1000
SLICE = 16
PACKET_CAP = 65536

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message as it came; `retained` is the broker's flag."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, kw_only=True)
class LinkHandlers:
    """What the event loop does when something happens to the connection."""

    up: Callable[[], None]
    down: Callable[[], None]
    message: Callable[[Message], None]


class Link:
    """One MQTT 5 session, without memory at the broker, that reconnects by itself."""

    def __init__(
        self, config: Config, loop: asyncio.AbstractEventLoop, handlers: LinkHandlers
    ) -> None:
        """Prepare the client; raise OSError if the password or CA file is missing."""
        self._config = config
        self._loop = loop
        self._handlers = handlers
        self._inbox: deque[Message] = deque()
        self._is_draining = False
        self._throttle = Throttle()
        self._thread: threading.Thread | None = None
        self._client = self._make()
        self.is_up = False

    def open(self) -> None:
        """Start connecting, in a thread of its own, for ever."""
        mqtt = self._config.mqtt
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = PACKET_CAP
        self._client.connect_async(
            mqtt.host, mqtt.port, mqtt.keepalive_s, clean_start=True, properties=limits
        )
        before = set(threading.enumerate())
        self._client.loop_start()
        self._thread = next(iter(set(threading.enumerate()) - before), None)

    def close(self) -> None:
        """Leave so that the broker publishes the will; wait for the thread."""
        self._client.disconnect(
            ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
        )
        if self._thread is not None:
            self._thread.join(timeout=2)

    def is_thread_alive(self) -> bool:
        """Return whether paho's thread still runs; paho itself does not tell."""
        return self._thread is not None and self._thread.is_alive()

    def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Publish at QoS 0, or not at all: paho would keep old news for the broker."""
        if self.is_up:
            self._client.publish(topic, payload, qos=0, retain=retain)

    def _make(self) -> Client:
        """Return the client with its will and callbacks."""
        client = make_client(self._config.mqtt, f"paybay-{self._config.node}")
        client.will_set(topics.status(self._config.node), "offline", qos=1, retain=True)
        client.reconnect_delay_set(1, 10)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    # From here on, paho's thread. An exception would end it, hence suppress_exceptions.

    def _on_connect(
        self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        """Subscribe, say that we are online, hand over."""
        if reason.is_failure:
            self._complain(f"the broker refuses us: {reason}")
            return
        _LOG.info(
            "connected to the broker at %s:%d",
            self._config.mqtt.host,
            self._config.mqtt.port,
        )
        bay = topics.bay(self._config.node, "+", "")
        # As published: a command somebody retained is refused even when it comes live.
        client.subscribe(
            [
                (f"{bay}cmd", SubscribeOptions(qos=1, retainAsPublished=True)),
                (f"{bay}set", SubscribeOptions(qos=1)),
                (topics.HA_STATUS, SubscribeOptions(qos=0)),
            ]
        )
        client.publish(topics.status(self._config.node), "online", qos=0, retain=True)
        self._hand_over(self._note_up)

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        """Note that there is nobody."""
        mqtt = self._config.mqtt
        self._complain(f"no broker at {mqtt.host}:{mqtt.port}, trying again")

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        """Hand over."""
        self._complain(f"disconnected from the broker: {reason}")
        self._hand_over(self._note_down)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """Put the message where the loop takes a few at a time, timers between."""
        if len(self._inbox) >= INBOX_CAP:
            self._complain("too many messages, some are dropped")
            return
        self._inbox.append(
            Message(
                topic=message.topic, payload=message.payload, retained=message.retain
            )
        )
        if not self._is_draining:
            self._is_draining = True
            self._hand_over(self._drain)

    def _hand_over(self, work: Callable[..., None], *args: object) -> None:
        """Let the loop do something, if there still is one."""
        try:
            self._loop.call_soon_threadsafe(work, *args)
        except RuntimeError:
            _LOG.debug("the event loop is closed")

    def _complain(self, text: str) -> None:
        """Log a line, not more often than bearable."""
        if self._throttle.allows(text, time.monotonic()):
            _LOG.warning("%s", text)

    # From here on, the event loop.

    def _note_up(self) -> None:
        """Tell the program that the broker came."""
        self.is_up = True
        self._handlers.up()

    def _note_down(self) -> None:
        """Tell the program that the broker went, once."""
        if self.is_up:
            self.is_up = False
            self._handlers.down()

    def _drain(self) -> None:
        """Handle a few messages, and leave the rest for the loop's next turn."""
        self._is_draining = False
        for _ in range(min(SLICE, len(self._inbox))):
            self._handlers.message(self._inbox.popleft())
        if self._inbox and not self._is_draining:
            self._is_draining = True
            self._loop.call_soon(self._drain)
