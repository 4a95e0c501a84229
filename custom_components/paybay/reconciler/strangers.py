"""Payments that were just looked up in vain: another shop's, on the same account."""

from ..domain.clock import Clock
from ..domain.notices import PaymentFact

AGAIN_MS = 20 * 3600 * 1000
"""After this a stranger is asked for again: "not ours" is never final."""
SETTLED_MS = 3_600_000
"""How old a payment must be to be believed: the provider's lists may lag."""
AT_MOST = 20_000
"""How many are kept in mind; the oldest are forgotten, and asked for again."""


class Strangers:
    """Spares the provider the same questions several times a day; a restart forgets."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self._asked_ms: dict[str, int] = {}

    def know(self, payment_id: str) -> bool:
        """Return whether a payment was asked for not long ago, and was not ours."""
        asked_ms = self._asked_ms.get(payment_id)
        if asked_ms is None:
            return False
        return self._clock.monotonic_ms() - asked_ms < AGAIN_MS

    def add(self, fact: PaymentFact) -> None:
        """Keep in mind that nothing of ours was found for a payment."""
        if self._clock.now_ms() - fact.created_s * 1000 < SETTLED_MS:
            return
        self._asked_ms.pop(fact.id, None)
        self._asked_ms[fact.id] = self._clock.monotonic_ms()
        while len(self._asked_ms) > AT_MOST:
            del self._asked_ms[next(iter(self._asked_ms))]
