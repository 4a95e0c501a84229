"""A paho client set up from the configuration; OSError where a file is missing."""

import socket
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from .config import MqttConfig


def make_client(config: MqttConfig, client_id: str) -> Client:
    """Return a client that is not connected yet."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
    client.suppress_exceptions = True
    client.on_socket_open = _set_nodelay
    if config.tls:
        client.tls_set(ca_certs=None if config.ca_file is None else str(config.ca_file))
    if config.username is not None:
        client.username_pw_set(config.username, _password(config))
    return client


def _password(config: MqttConfig) -> str | None:
    """Return the password in the file."""
    if config.password_file is None:
        return None
    return config.password_file.read_text(encoding="utf-8").rstrip("\r\n")


def _set_nodelay(_client: Client, _userdata: Any, sock: Any) -> None:
    """Send small packets at once: waiting for a delayed ACK costs 40 ms a report."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
