"""The pins: the library that drives them, and who holds them now.

Lines are looked at through the kernel's GPIO character device, version 2
(linux/gpio.h), which tells their holder without claiming them.
"""

import fcntl
import os
from pathlib import Path
import struct
from typing import Any

from ..config import Config
from ..findings import Finding, error, ok, warn
from ..pins import PinsError, make_factory

GET_CHIP_INFO = 0x8044B401
GET_LINE_INFO = 0xC100B405
CHIP_INFO = struct.Struct("=32s32sI")
LINE_INFO = struct.Struct("=32s32sIIQ176x")
IN_USE = 1
HEADER = "pinctrl-"
ADVICE = {
    "lgpio": "sudo apt install python3-lgpio, and a venv with --system-site-packages",
    "rpigpio": "sudo apt install python3-rpi.gpio; on a Pi 5 use lgpio",
    "pigpio": "sudo apt install pigpio python3-pigpio, and start pigpiod",
}


def check_factory(config: Config) -> Finding:
    """Say whether the pin library works."""
    name = config.pin_factory
    if name == "mock":
        text = "pin_factory is mock: no relay will ever move"
        return warn("pin library", text, 'set pin_factory = "lgpio"')
    try:
        factory: Any = make_factory(config, None)
    except PinsError as problem:
        return error(
            "pin library", str(problem), ADVICE.get(name, "use another pin_factory")
        )
    factory.close()
    return ok("pin library", f"{name} works")


def check_lines(
    config: Config,
    *,
    bridge_runs: bool,
    root: Path = Path("/"),
    ioctl: Any = fcntl.ioctl,
) -> list[Finding]:
    """Say whether another program holds a pin that the bridge needs."""
    chip = _header_chip(root, ioctl)
    if chip is None:
        text = "no GPIO chip of a Raspberry Pi's header can be opened"
        advice = "run this on the Pi, as root or in the group gpio"
        return [warn("pins", text, advice)]
    taken = {
        pin: holder for pin in _pins(config) if (holder := _holder(chip, pin, ioctl))
    }
    os.close(chip)
    if not taken:
        return [ok("pins", "nobody holds them")]
    names = ", ".join(f"GPIO {pin} ({holder})" for pin, holder in taken.items())
    if bridge_runs:
        return [ok("pins", f"held, as the bridge is running: {names}")]
    text = f"another program holds {names}"
    return [error("pins", text, "stop it, or give the bay another pin")]


def _pins(config: Config) -> list[int]:
    """Return all pins of the configuration."""
    pins = [bay.pin for bay in config.bays] + [bay.estop_pin for bay in config.bays]
    return sorted({pin for pin in [*pins, config.estop_pin] if pin is not None})


def _header_chip(root: Path, ioctl: Any) -> int | None:
    """Return the open chip that has the header's pins, if this is a Pi."""
    for path in sorted((root / "dev").glob("gpiochip*")):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            info = ioctl(descriptor, GET_CHIP_INFO, bytes(CHIP_INFO.size))
            if _text(CHIP_INFO.unpack(info)[1]).startswith(HEADER):
                return descriptor
        except OSError:
            pass
        os.close(descriptor)
    return None


def _holder(chip: int, pin: int, ioctl: Any) -> str | None:
    """Return who holds a line, or None if nobody does."""
    asked = LINE_INFO.pack(b"", b"", pin, 0, 0)
    try:
        _, holder, _, _, flags = LINE_INFO.unpack(ioctl(chip, GET_LINE_INFO, asked))
    except OSError as problem:
        return f"cannot be asked: {problem.strerror}"
    return (_text(holder) or "unnamed") if flags & IN_USE else None


def _text(field: bytes) -> str:
    """Return a C string."""
    return field.partition(b"\0")[0].decode(errors="replace")
