"""gpiozero's mock pins that say, in a file, when each last rose and fell.

All targets of the bench drive these, so the moment of a pin's move is taken at the
same place in each: where gpiozero hands the level to the pin.
"""

import mmap
import os
from pathlib import Path
import struct
import time
from typing import Any, override

from gpiozero.pins.mock import MockFactory, MockPin

MOMENT = struct.Struct("=dd")
PIN_COUNT = 64
VARIABLE = "BENCH_PINS"


class Stamps:
    """When each pin rose and fell last, in monotonic seconds; shared by a file."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if needed."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, PIN_COUNT * MOMENT.size)
            self._bytes = mmap.mmap(descriptor, PIN_COUNT * MOMENT.size)
        finally:
            os.close(descriptor)

    def note(self, pin: int, *, high: bool) -> None:
        """Note that a pin moves now."""
        offset = pin * MOMENT.size + (0 if high else MOMENT.size // 2)
        struct.pack_into("=d", self._bytes, offset, time.monotonic())

    def read(self, pin: int) -> tuple[float, float]:
        """Return when a pin rose and fell last."""
        rose_s, fell_s = MOMENT.unpack_from(self._bytes, pin * MOMENT.size)
        return rose_s, fell_s


class StampedPin(MockPin):  # type: ignore[misc]
    """A mock pin that notes its moves."""

    @override
    def _change_state(self, value: Any) -> Any:
        if bool(value) != bool(self._state):
            self.factory.stamps.note(self._number, high=bool(value))
        return super()._change_state(value)


class StampedFactory(MockFactory):  # type: ignore[misc]
    """Makes such pins, for the file that the environment names."""

    def __init__(self) -> None:
        """Open the file."""
        super().__init__(revision="a02082", pin_class=StampedPin)
        self.stamps = Stamps(Path(os.environ[VARIABLE]))
