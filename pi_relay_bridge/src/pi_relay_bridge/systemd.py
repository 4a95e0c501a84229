"""Tell systemd how we are: one datagram to the socket it named."""

from contextlib import suppress
import os
import socket


def notify(state: str) -> None:
    """Send a line such as READY=1, if systemd is there and listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with (
        suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock,
    ):
        sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
        sock.sendto(state.encode(), address)
