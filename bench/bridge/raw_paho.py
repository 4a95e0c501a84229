"""The least that switches relays over MQTT: paho, gpiozero, a timer. The yardstick.

`raw/<pin>/set` takes `ON`, `OFF`, or a number: on for so many milliseconds.
`raw/<pin>` says `ON` or `OFF`.
"""

import socket
import sys
import threading
from typing import Any

from gpiozero import OutputDevice
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from bench.bridge.stamped_pins import StampedFactory


def main(port: int, pins: list[int]) -> None:
    """Serve for ever."""
    factory = StampedFactory()
    relays = {pin: OutputDevice(pin, pin_factory=factory) for pin in pins}
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)

    def switch(pin: int, value: int) -> None:
        relays[pin].value = value
        client.publish(f"raw/{pin}", "ON" if value else "OFF", retain=True)

    def on_connect(*_: Any) -> None:
        client.subscribe([(f"raw/{pin}/set", 1) for pin in pins])
        for pin in pins:
            switch(pin, 0)

    def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
        pin = int(message.topic.split("/")[1])
        switch(pin, message.payload != b"OFF")
        if message.payload.isdigit():
            threading.Timer(int(message.payload) / 1000, switch, (pin, 0)).start()

    def on_socket_open(_client: Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    client.on_connect = on_connect
    client.on_message = on_message
    client.on_socket_open = on_socket_open
    client.connect("127.0.0.1", port)
    client.loop_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(pin) for pin in sys.argv[2:]])
