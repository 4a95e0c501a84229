"""Pin levels in a file: they outlive the process, as a Raspberry Pi's outputs do.

`pins.bin` has one byte per BCM pin, 0 or 1: the physical level, of outputs and inputs.
This module imports nothing but the standard library, so that a recorder can watch the
board from outside. What hangs on the pins is in `controls`.

Where there is a file `changes.log`, each change adds a line to it: the monotonic
clock's seconds, the pin, the level.
"""

import mmap
import os
from pathlib import Path
import time

FILE_NAME = "pins.bin"
LOG_NAME = "changes.log"
SIZE = 64


class Levels:
    """The levels of a simulated board, shared through the file."""

    def __init__(self, directory: Path) -> None:
        """Open the board in a directory; a new one has all pins low."""
        directory.mkdir(parents=True, exist_ok=True)
        self._log = directory / LOG_NAME
        descriptor = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if os.fstat(descriptor).st_size < SIZE:
                os.ftruncate(descriptor, SIZE)
            self._bytes = mmap.mmap(descriptor, SIZE)
        finally:
            os.close(descriptor)

    def get(self, pin: int) -> bool:
        """Return whether a pin is high."""
        return self._bytes[pin] != 0

    def set(self, pin: int, *, high: bool) -> None:
        """Drive a pin."""
        changes = self.get(pin) != high
        self._bytes[pin] = int(high)
        if changes and self._log.exists():
            with self._log.open("a", encoding="ascii") as log:
                log.write(f"{time.monotonic():.6f} {pin} {int(high)}\n")


def read_levels(path: str | os.PathLike[str]) -> bytes:
    """Return the 64 levels in a board's `pins.bin`, one byte of 0 or 1 per BCM pin."""
    with (
        Path(path).open("rb") as file,
        mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ) as levels,
    ):
        return levels[:]
