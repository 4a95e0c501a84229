"""One MQTT client in one thread: sends commands, and notes when states come."""

from collections.abc import Callable
import select
import socket
import time
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from .targets import Target

ANSWER_WITHIN_S = 60.0


class Controller:
    """Drives all targets, one command in flight."""

    def __init__(self, port: int, targets: list[Target]) -> None:
        """Connect, and listen to all targets."""
        self._targets = targets
        self._levels: dict[tuple[str, int], tuple[bool, float]] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._client.on_socket_open = _set_nodelay
        self._client.connect("127.0.0.1", port)

    def send(self, topic: str, payload: str) -> float:
        """Publish at QoS 0; return when it was handed over, in monotonic seconds."""
        began_s = time.monotonic()
        self._client.publish(topic, payload)
        return began_s

    def wait_level(self, target: Target, pin: int, *, high: bool) -> float:
        """Return when the target's report of this level came."""
        self.wait(lambda: self._level(target, pin) is high, f"{target.name}, {pin}")
        return self._levels[target.name, pin][1]

    def forget(self, target: Target, pin: int) -> None:
        """Forget a pin's level: only a new report counts."""
        self._levels.pop((target.name, pin), None)

    def settle(self, target: Target) -> None:
        """Answer as its owner would, until it has nothing more to say."""
        while replies := target.replies():
            for topic, payload in replies:
                self.send(topic, payload)
            self.listen(0.005)

    def listen(self, seconds: float) -> None:
        """Take in whatever comes for so long."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            self._turn(left_s)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Take in what comes until it is so; raise TimeoutError."""
        end_s = time.monotonic() + ANSWER_WITHIN_S
        while not condition():
            if time.monotonic() > end_s:
                raise TimeoutError(what)
            self._turn(0.1)

    def _level(self, target: Target, pin: int) -> bool | None:
        return self._levels.get((target.name, pin), (None, 0.0))[0]

    def _turn(self, seconds: float) -> None:
        sock = self._client.socket()
        if sock and select.select([sock], [], [], seconds)[0]:
            self._client.loop_read()
        if self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()

    def _on_connect(self, client: Client, *_: Any) -> None:
        for target in self._targets:
            for topic in target.subscriptions():
                client.subscribe(topic)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        now_s = time.monotonic()
        for target in self._targets:
            report = target.hear(message.topic, message.payload)
            if report:
                self._levels[target.name, report[0]] = (report[1], now_s)


def _set_nodelay(_client: Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
