"""The broker and the targets as processes, and what the kernel says of them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
import os
from pathlib import Path
import shutil
import socket
import subprocess
import sys
import time

from .stamped_pins import VARIABLE, Stamps
from .targets import Target

LISTENS_WITHIN_S = 10.0


@contextmanager
def running(command: list[str], log: Path, **env: str) -> Iterator[int]:
    """Run a program; give its process id."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | env
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def broker(directory: Path) -> Iterator[int]:
    """Run a mosquitto as Debian brings it; give its port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    config = directory / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        "set_tcp_nodelay true\n",
        encoding="ascii",
    )
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        raise SystemExit("the Debian package mosquitto is needed")
    with running([program, "-c", str(config)], directory / "mosquitto.log"):
        _await_listener(port)
        yield port


@contextmanager
def started(target: Target, directory: Path, port: int) -> Iterator[tuple[int, Stamps]]:
    """Run a target; give its process id and its pins' moves."""
    slug = target.name.replace(" ", "-")
    pins = directory / f"{slug}.pins"
    command = [sys.executable, *target.arguments(directory, port)]
    log = directory / f"{slug}.log"
    with running(command, log, **{VARIABLE: str(pins)}) as pid:
        yield pid, Stamps(pins)


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Keep the processors busy."""
    command = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(running(command, Path(os.devnull)))
        yield


def resident_mib(pid: int) -> float:
    """Return the memory a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _await_listener(port: int) -> None:
    end_s = time.monotonic() + LISTENS_WITHIN_S
    while True:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > end_s:
            raise SystemExit("the broker does not listen")
        time.sleep(0.02)
