"""The connection to the broker: what it subscribes to, says, and hands to the bays."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import logging
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
from .wire import Wire

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
        self._inbox: list[Message] = []
        self._throttle = Throttle()
        self._client = self._make()
        self._wire = Wire(
            self._client,
            loop,
            on_read=self._drain,
            on_failure=self._on_failure,
            hang_up=self._hang_up,
        )
        self.is_up = False

    def open(self) -> None:
        """Start connecting, for ever."""
        mqtt = self._config.mqtt
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = PACKET_CAP
        self._client.connect_async(
            mqtt.host, mqtt.port, mqtt.keepalive_s, clean_start=True, properties=limits
        )
        self._wire.open()

    def close(self) -> None:
        """Leave so that the broker publishes the will."""
        self._wire.close()

    def is_alive(self) -> bool:
        """Return whether the connection is still cared for, be it up or down."""
        return self._wire.is_alive()

    def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Publish at QoS 0, or not at all: paho would keep old news for the broker."""
        if self.is_up:
            self._client.publish(topic, payload, qos=0, retain=retain)
            self._wire.flush()

    def _make(self) -> Client:
        """Return the client with its will and callbacks."""
        client = make_client(self._config.mqtt, f"paybay-{self._config.node}")
        client.will_set(topics.status(self._config.node), "offline", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        """Subscribe, say that we are online, tell the program."""
        if reason.is_failure:
            self._complain(f"the broker refuses us: {reason}")
            return
        _LOG.info(
            "connected to the broker at %s:%d",
            self._config.mqtt.host,
            self._config.mqtt.port,
        )
        bay = topics.bay(self._config.node, "+", "")
        # Of the plain topics nothing retained is even sent to us.
        plain = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=2)
        prefix = self._config.plain_prefix
        # As published: a command somebody retained is refused even when it comes live.
        client.subscribe(
            [
                (f"{bay}cmd", SubscribeOptions(qos=1, retainAsPublished=True)),
                (f"{bay}set", SubscribeOptions(qos=1)),
                (topics.HA_STATUS, SubscribeOptions(qos=0)),
                *([(topics.plain(prefix, "+"), plain)] if prefix else []),
            ]
        )
        client.publish(topics.status(self._config.node), "online", qos=0, retain=True)
        self._loop.call_soon(self._note_up)

    def _on_failure(self, error: OSError) -> None:
        """Note that there is nobody, or nobody who can be trusted."""
        mqtt = self._config.mqtt
        self._complain(f"no broker at {mqtt.host}:{mqtt.port}, trying again: {error}")

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        """Tell the program, after what it is doing: it may be in a report."""
        self._complain(f"disconnected from the broker: {reason}")
        try:
            self._loop.call_soon_threadsafe(self._note_down)
        except RuntimeError:
            _LOG.debug("the event loop is closed")

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """Put the message aside: within this callback paho sends nothing."""
        self._inbox.append(
            Message(
                topic=message.topic, payload=message.payload, retained=message.retain
            )
        )

    def _drain(self) -> None:
        """Handle what was read."""
        while self._inbox:
            self._handlers.message(self._inbox.pop(0))

    def _hang_up(self) -> None:
        """End the connection so that the broker publishes the will."""
        self._client.disconnect(
            ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
        )

    def _note_up(self) -> None:
        """Tell the program that the broker came."""
        self.is_up = True
        self._handlers.up()

    def _note_down(self) -> None:
        """Tell the program that the broker went, once."""
        if self.is_up:
            self.is_up = False
            self._handlers.down()

    def _complain(self, text: str) -> None:
        """Log a line, not more often than bearable."""
        if self._throttle.allows(text, time.monotonic()):
            _LOG.warning("%s", text)
