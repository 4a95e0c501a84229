"""One short visit to the broker, for `check`, `status` and `discovery --remove`."""

from collections.abc import Iterator
from contextlib import contextmanager
import secrets
import threading
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from .config import Config
from .login import LoginError
from .mqtt_client import make_client

CONNECT_TIMEOUT_S = 5.0
SILENCE_S = 0.5


class ProbeError(Exception):
    """The broker does not let us in; the text says why."""


@contextmanager
def visit(config: Config) -> Iterator[Client]:
    """Connect and log in, yield the client, leave; raise ProbeError."""
    answers: list[ReasonCode] = []
    answered = threading.Event()

    def on_connect(
        _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        answers.append(reason)
        answered.set()

    where = f"{config.mqtt.host}:{config.mqtt.port}"
    try:
        client = make_client(config.mqtt, f"paybay-probe-{secrets.token_hex(4)}")
        client.on_connect = on_connect
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.connect(
            config.mqtt.host,
            config.mqtt.port,
            config.mqtt.keepalive_s,
            clean_start=True,
        )
    except LoginError as error:
        raise ProbeError(str(error)) from error
    except (OSError, ValueError) as error:
        raise ProbeError(f"no broker at {where}: {error}") from error
    client.loop_start()
    try:
        if not answered.wait(CONNECT_TIMEOUT_S):
            raise ProbeError(f"the broker at {where} does not answer")
        if answers[0].is_failure:
            raise ProbeError(f"the broker at {where} refuses the login: {answers[0]}")
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def retained(config: Config, topic_filter: str) -> dict[str, bytes]:
    """Return the retained messages under a filter, by topic; raise ProbeError."""
    found: dict[str, bytes] = {}
    heard = threading.Event()

    def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain:
            found[message.topic] = message.payload
        heard.set()

    with visit(config) as client:
        client.on_message = on_message
        client.subscribe(topic_filter)
        # Nothing marks the last retained message: half a second of silence does.
        while heard.wait(SILENCE_S):
            heard.clear()
    return found


def clear(config: Config, topic: str) -> None:
    """Remove one retained message; raise ProbeError."""
    with visit(config) as client:
        client.publish(topic, b"", qos=1, retain=True).wait_for_publish(
            CONNECT_TIMEOUT_S
        )
