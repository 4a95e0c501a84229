"""Pin levels in a file: they outlive the process, as a Raspberry Pi's outputs do.

`pins.bin` has one byte per BCM pin, 0 or 1: the physical level, of outputs and inputs.
This module imports nothing but the standard library, so that a recorder can watch the
board from outside. What hangs on the pins is in `controls`.
"""

import mmap
import os
from pathlib import Path

FILE_NAME = "pins.bin"
SIZE = 64


class Levels:
    """The levels of a simulated board, shared through the file."""

    def __init__(self, directory: Path) -> None:
        """Open the board in a directory; a new one has all pins low."""
        directory.mkdir(parents=True, exist_ok=True)
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
        self._bytes[pin] = int(high)


def read_levels(path: str | os.PathLike[str]) -> bytes:
    """Return the 64 levels in a board's `pins.bin`, one byte of 0 or 1 per BCM pin."""
    with (
        Path(path).open("rb") as file,
        mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ) as levels,
    ):
        return levels[:]
