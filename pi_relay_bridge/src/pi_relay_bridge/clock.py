"""The clocks: one since the process started, one since the kernel started."""

from pathlib import Path
import secrets
import time

KERNEL_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock:
    """Monotonic seconds, and the identities of the two starts they count from."""

    def __init__(self) -> None:
        """Start counting now, under a fresh random `boot_id`."""
        self.boot_id = secrets.token_hex(8)
        self.kernel_boot_id = kernel_boot_id()
        self._started_s = time.monotonic()

    def up_s(self) -> float:
        """Return the seconds since this process started."""
        return time.monotonic() - self._started_s

    def boottime_s(self) -> float:
        """Return the seconds since the kernel started; comparable between processes."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall_s(self) -> float:
        """Return Unix time: for people to read, never to count with."""
        return time.time()

    def monotonic_at(self, up_s: float) -> float:
        """Return the event loop's time for a moment of this clock."""
        return self._started_s + up_s


def kernel_boot_id() -> str:
    """Return the kernel's identity of this boot, or an empty string."""
    try:
        return KERNEL_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
