"""A paho client served by the event loop: what comes in is handled where it is read.

Only connecting, which blocks on names, routes and handshakes, has a thread of its own.
A network thread would cost two hand-overs between a command and its report.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import logging
import select
import ssl
import threading
import time
from typing import Any

from paho.mqtt.client import Client

FIRST_DELAY_S = 1.0
LAST_DELAY_S = 5.0
CHORES_PERIOD_S = 1.0
LAST_WORDS_S = 2.0

_LOG = logging.getLogger(__name__)


class Wire:
    """Keeps a client connected, for ever."""

    def __init__(
        self,
        client: Client,
        loop: asyncio.AbstractEventLoop,
        *,
        on_read: Callable[[], None],
        on_failure: Callable[[OSError], None],
        hang_up: Callable[[], object],
    ) -> None:
        """Serve `client`, whose address is set.

        `on_read` follows each read, `on_failure` each vain attempt to connect;
        `hang_up` must end the present connection.
        """
        self._client = client
        self._loop = loop
        self._on_read = on_read
        self._on_failure = on_failure
        self._hang_up = hang_up
        self._task: asyncio.Task[None] | None = None
        client.on_socket_close = self._on_socket_close

    def open(self) -> None:
        """Start connecting."""
        self._task = self._loop.create_task(self._stay_connected())

    def close(self) -> None:
        """Send what waits, hang up, stop."""
        if self._task is not None:
            self._task.cancel()
        end_s = time.monotonic() + LAST_WORDS_S
        self._hang_up()
        while self._client.want_write() and time.monotonic() < end_s:
            sock = self._client.socket()
            if sock is None:
                break
            select.select([], [sock], [], CHORES_PERIOD_S / 10)
            self._client.loop_write()

    def is_alive(self) -> bool:
        """Return whether the connection is still cared for."""
        return self._task is not None and not self._task.done()

    def flush(self) -> None:
        """Let the loop send what the socket did not take at once."""
        sock = self._client.socket()
        if sock is not None and self._client.want_write():
            self._loop.add_writer(sock, self._write)

    async def _stay_connected(self) -> None:
        """Connect, serve, and begin again, ever more slowly while nobody answers."""
        delay_s = FIRST_DELAY_S
        while True:
            if await self._connect():
                delay_s = FIRST_DELAY_S
                while self._client.socket() is not None:
                    self._client.loop_misc()
                    await asyncio.sleep(CHORES_PERIOD_S)
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LAST_DELAY_S)

    async def _connect(self) -> bool:
        """Open a socket in a thread, then watch it; return False if there is none."""
        done: asyncio.Future[OSError | None] = self._loop.create_future()
        # A daemon: the program must be able to end while a name server is silent.
        threading.Thread(target=self._reconnect, args=(done,), daemon=True).start()
        error = await done
        sock = self._client.socket()
        if error is not None or sock is None:
            self._on_failure(error or OSError("hung up on"))
            return False
        self._loop.add_reader(sock, self._read)
        self.flush()
        return True

    def _reconnect(self, done: "asyncio.Future[OSError | None]") -> None:
        """Connect, in the thread."""
        error: OSError | None = None
        try:
            self._client.reconnect()
        except OSError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001 - whatever it is, the loop must hear
            error = OSError(repr(caught))
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_answer, done, error)

    def _read(self) -> None:
        """Take one packet in, and handle it; an error costs the connection only."""
        try:
            self._client.loop_read()
        except Exception:  # noqa: BLE001 - a packet that breaks the parser
            _LOG.exception("the connection to the broker broke")
            self._hang_up()
        self._on_read()
        self.flush()
        # TLS may hold a whole packet already, of which the loop hears nothing.
        sock = self._client.socket()
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            self._loop.call_soon(self._read)

    def _write(self) -> None:
        """Send more of what waits."""
        self._client.loop_write()
        sock = self._client.socket()
        if sock is not None and not self._client.want_write():
            self._loop.remove_writer(sock)

    def _on_socket_close(self, _client: Client, _data: Any, sock: Any) -> None:
        """Forget a socket while it still has its number."""
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)


def _answer(done: "asyncio.Future[OSError | None]", error: OSError | None) -> None:
    """Tell how connecting went, if anybody still waits."""
    if not done.done():
        done.set_result(error)
