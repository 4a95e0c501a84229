"""What is wrong with a bay, and for how long."""

from ..domain.happenings import What
from .tools import Tools

PROBLEM_MS = 600_000
"""How long a bay that would not start sells nothing."""
_OF_THE_RELAY = frozenset({What.RELAY_STRAY, What.RELAY_STUCK})


class Problem:
    """At most one problem; `code` is a short word, None while all is well."""

    def __init__(self, tools: Tools) -> None:
        """Begin without one."""
        self.code: str | None = None
        self.off_expected = False
        self._tools = tools
        self._since_ms = 0

    def note(self, code: str) -> None:
        """Have this problem, from now on."""
        self.code = code
        self._since_ms = self._tools.clock.monotonic_ms()

    def clear(self) -> None:
        """Have none."""
        self.code = None

    def relay_is_off(self) -> None:
        """Take note that the relay is off, whoever did it."""
        self.clear()
        self.off_expected = False

    def look_again(self) -> int | None:
        """Forget a problem that has passed; return when to look at one that has not.

        A relay that would not go off is fine once it is off. One that would not start
        deserves another customer after a while, or after it was away.
        """
        if self.code in _OF_THE_RELAY:
            if self._tools.is_off():
                self.relay_is_off()
            return None
        if self.code is None:
            return None
        left_ms = self._since_ms + PROBLEM_MS - self._tools.clock.monotonic_ms()
        if left_ms > 0 and self._tools.driver.report().contact:
            return left_ms
        self.clear()
        return None
