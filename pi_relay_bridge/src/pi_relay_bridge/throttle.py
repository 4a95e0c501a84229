"""Let one log line in a while through, per subject."""

PERIOD_S = 10.0


class Throttle:
    """Says which of many equal lines is worth writing."""

    def __init__(self) -> None:
        """Start with every subject allowed."""
        self._next_s: dict[str, float] = {}

    def allows(self, subject: str, now_s: float) -> bool:
        """Return True once per subject and period."""
        if now_s < self._next_s.get(subject, now_s):
            return False
        self._next_s[subject] = now_s + PERIOD_S
        return True
