"""A paho client set up from the configuration; LoginError where a file is missing."""

import socket
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from .config_mqtt import MqttConfig
from .login import make_tls, read_password


def make_client(config: MqttConfig, client_id: str) -> Client:
    """Return a client that is not connected yet."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
    client.suppress_exceptions = True
    client.on_socket_open = _set_nodelay
    if config.tls:
        client.tls_set_context(make_tls(config))
    if config.username is not None:
        client.username_pw_set(config.username, read_password(config))
    return client


def _set_nodelay(_client: Client, _userdata: Any, sock: Any) -> None:
    """Send small packets at once: waiting for a delayed ACK costs 40 ms a report."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
