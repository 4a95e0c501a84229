"""Programs that belong to a site: start, be ready, stop, kill, freeze, read the log."""

import asyncio
from asyncio.subprocess import Process as Child
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
import os
from pathlib import Path
import shutil
import signal
import sys
import time

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
STOP_WITHIN_S = 20.0
TAIL_LINES = 20


class PartError(Exception):
    """A part of the site does not run; the text names it and ends its log."""


class Part:
    """One program with its log, which goes on from start to start."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        ready: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """Prepare it; `ready` tells whether it can be used."""
        self.name = name
        self.command = list(command)
        self.log_file = log
        self.env = dict(env or {})
        self._ready = ready
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """Return its process id; raise PartError if it does not run."""
        if not self.runs or self._child is None:
            raise PartError(f"{self.name} does not run")
        return self._child.pid

    @property
    def runs(self) -> bool:
        """Return whether it runs now."""
        return self._child is not None and self._child.returncode is None

    @property
    def log(self) -> str:
        """Return all it has printed."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def failure(self, what: str) -> PartError:
        """Return an error about this part, with the end of its log."""
        tail = "\n".join(self.log.splitlines()[-TAIL_LINES:])
        return PartError(f"{self.name} {what}. The end of its log:\n{tail}")

    async def start(self) -> None:
        """Start it, without waiting until it can be used."""
        with self.log_file.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *_never_outliving_us(self.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(self.env),
                cwd=self.log_file.parent,
                start_new_session=True,
            )

    async def wait_ready(self, *, within_s: float = 60) -> None:
        """Return once it can be used; raise PartError if it dies or takes too long."""
        deadline = time.monotonic() + within_s
        while self._ready is not None and not await self._ready():
            if not self.runs:
                raise self.failure("died at start")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready within {within_s:g} s")
            await asyncio.sleep(0.05)

    async def wait_end(self) -> int:
        """Return its exit code once it has ended."""
        return 0 if self._child is None else await self._child.wait()

    async def stop(self) -> None:
        """Ask it to end, and insist."""
        if self._child is None:
            return
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._child.wait(), STOP_WITHIN_S)
        await self.kill()

    async def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            await self._child.wait()

    def freeze(self) -> None:
        """Stop it in its tracks; it neither ends nor answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.runs and self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return our own environment without what would change the programs' imports."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def _never_outliving_us(command: list[str]) -> list[str]:
    """Let the kernel end it with us, even if we are killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else command


async def is_listening(port: int) -> bool:
    """Return whether somebody accepts connections on a loopback port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
