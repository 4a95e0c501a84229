"""How long a condition has held without a break. Pure."""


class Held:
    """A condition and its age, in seconds of the caller's clock."""

    def __init__(self) -> None:
        """Begin with the condition not met."""
        self._since_s: float | None = None

    def note(self, *, holds: bool, now_s: float) -> float:
        """Return for how long it has held; negative if it does not."""
        if not holds:
            self._since_s = None
            return -1.0
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s
