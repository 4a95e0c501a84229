"""The machine: clock, hardware watchdog, state directory, supply. Changes nothing."""

import ctypes
import os
from pathlib import Path
import shutil
import subprocess

from ..board import read_health
from ..config import Config
from ..findings import Finding, error, ok, warn

# struct timex is smaller than this on every platform; all zero it only asks.
_TIMEX_SIZE = 512
_TIME_ERROR = 5
_ASK_WITHIN_S = 5


def check_clock() -> Finding:
    """Say whether the kernel's clock follows a time server (adjtimex(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.create_string_buffer(_TIMEX_SIZE))
    if state in (-1, _TIME_ERROR):
        return warn(
            "clock",
            "is not synchronised",
            "switch a time server on (timedatectl set-ntp true); paid time does not"
            " need it, TLS certificates and the times in the log do",
        )
    return ok("clock", "synchronised")


def check_watchdog(root: Path = Path("/")) -> Finding:
    """Say whether the board resets itself when the kernel hangs."""
    if not (root / "dev/watchdog0").exists() and not (root / "dev/watchdog").exists():
        return warn(
            "watchdog",
            "this machine has no hardware watchdog: if the kernel hangs, a relay stays",
            "on a Raspberry Pi, set dtparam=watchdog=on in config.txt",
        )
    if (period_s := _runtime_watchdog_s()) == 0:
        return warn(
            "watchdog",
            "nobody feeds the hardware watchdog: if the kernel hangs, a relay stays",
            "set RuntimeWatchdogSec=15 in /etc/systemd/system.conf, then reboot",
        )
    if period_s is None:
        return ok("watchdog", "there is one; systemd could not be asked about it")
    return ok("watchdog", f"systemd feeds it, every {period_s:g} s at most")


def check_state_dir(config: Config) -> Finding:
    """Say whether sessions can be written down."""
    place = config.state_dir
    while not place.exists() and place != place.parent:
        place = place.parent
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        free_mib = shutil.disk_usage(place).free / 2**20
        if free_mib < 1:
            text = f"{config.state_dir}: the disk is full"
            return error("state", text, "make room; nothing starts without a record")
        return ok("state", f"{config.state_dir} can be written")
    return error(
        "state",
        f"{config.state_dir} cannot be written by this user",
        "run this as root or as the service's user, or choose another state_dir",
    )


def check_supply() -> list[Finding]:
    """Say whether the board's supply is too weak, where the board tells."""
    if not read_health().under_voltage:
        return []
    text = "the supply is below 4.63 V"
    return [warn("supply", text, "use a stronger supply or a shorter, thicker cable")]


def _runtime_watchdog_s() -> float | None:
    """Return systemd's setting in seconds, 0 if off, None if it cannot be asked."""
    try:
        done = subprocess.run(
            ["systemctl", "show", "--property=RuntimeWatchdogUSec", "--value"],  # noqa: S607 - found on PATH, as the owner would
            capture_output=True,
            text=True,
            timeout=_ASK_WITHIN_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return span_s(done.stdout.strip())


def span_s(text: str) -> float | None:
    """Return the seconds in a time span as systemd prints it, such as `1min 15s`."""
    units = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}
    if text in ("0", "infinity", "off"):
        return 0
    total_s = 0.0
    for part in text.split():
        unit = part.lstrip("0123456789.")
        number = part[: len(part) - len(unit)]
        if unit not in units or not number:
            return None
        total_s += float(number) * units[unit]
    return total_s or None
