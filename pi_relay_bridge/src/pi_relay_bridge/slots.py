"""A small file, open and full-sized from the start, of which a write moves 4 KiB.

Two slots are written in turn, each with its checksum: what a power cut tears is one
slot, and the other still holds what was there before. One slot is one page of the
kernel's cache, so a killed process leaves it whole. Nothing is created or grown on
the way to a pin: both would wait for the file system's journal.
"""

import json
import os
from pathlib import Path
from typing import Any
import zlib

SLOT_SIZE = 4096
COUNT = 2


class Slots:
    """The newest of a sequence of small JSON objects, by generation."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if needed; raise OSError."""
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if os.fstat(self._fd).st_size < SLOT_SIZE * COUNT:
            os.pwrite(self._fd, bytes(SLOT_SIZE * COUNT), 0)
            os.fsync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def write(self, generation: int, values: dict[str, Any]) -> None:
        """Hand values to the kernel, over those before the last; raise OSError."""
        text = json.dumps({"generation": generation, **values}).encode()
        line = b"%08x %s\n" % (zlib.crc32(text), text)
        if len(line) > SLOT_SIZE:
            raise OSError(f"{len(line)} bytes do not fit into a slot")
        os.pwrite(self._fd, line, generation % COUNT * SLOT_SIZE)

    def sync(self) -> None:
        """Bring what was written through a power cut; raise OSError."""
        os.fdatasync(self._fd)

    def read(self) -> dict[str, Any]:
        """Return the newest whole values, `generation` among them, or none."""
        found = [self._slot(number) for number in range(COUNT)]
        return max(found, key=lambda values: int(values.get("generation", 0)))

    def _slot(self, number: int) -> dict[str, Any]:
        """Return one slot's values, or none if it is torn or was never written."""
        line = os.pread(self._fd, SLOT_SIZE, number * SLOT_SIZE).partition(b"\n")[0]
        checksum, _, text = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            return {}
        values: dict[str, Any] = json.loads(text)
        return values
