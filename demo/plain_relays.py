"""Relays that know on and off over MQTT and nothing else: no clock, no orders.

    python -m demo.plain_relays PORT BOARD TOPIC=PIN ...

Each listens on `TOPIC/set` and reports on `TOPIC/state`; `plain/status` tells that
they are online. The pins are bytes of the board's file, which outlives the program.
"""

import mmap
from pathlib import Path
import sys
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from .bays import PLAIN

STATUS = f"{PLAIN}/status"
LEVELS = {b"ON": 1, b"OFF": 0}


class PlainRelays:
    """Some relays behind one connection."""

    def __init__(self, board: mmap.mmap, pins: dict[str, int]) -> None:
        """`pins` tells each topic's pin."""
        self._board = board
        self._pins = pins
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.will_set(STATUS, "offline", retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)

    def run(self, port: int) -> None:
        """Serve for ever."""
        self._client.connect_async("127.0.0.1", port, keepalive=10)
        self._client.loop_forever(retry_first_connection=True)

    def _on_connect(self, client: Client, *_: Any) -> None:
        for topic in self._pins:
            client.subscribe(f"{topic}/set", qos=1)
            self._report(topic)
        client.publish(STATUS, "online", retain=True)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        topic = message.topic.removesuffix("/set")
        if message.payload in LEVELS and not message.retain:
            self._board[self._pins[topic]] = LEVELS[message.payload]
            self._report(topic)

    def _report(self, topic: str) -> None:
        word = "ON" if self._board[self._pins[topic]] else "OFF"
        self._client.publish(f"{topic}/state", word, retain=True)


def main(port: str, board: str, *relays: str) -> None:
    """Serve the relays named on the command line."""
    pins = {topic: int(pin) for topic, pin in (each.split("=") for each in relays)}
    with Path(board).open("r+b") as file, mmap.mmap(file.fileno(), 0) as levels:
        PlainRelays(levels, pins).run(int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
