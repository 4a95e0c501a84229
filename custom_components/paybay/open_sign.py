"""The sign on a site's door: open, or closed until the owner opens again."""

from collections.abc import Callable

from .domain.clock import Clock
from .ledger import Ledger, marks

CLOSED = "closed_ms"


class OpenSign:
    """Closed, a site makes no offers, and money that still arrives goes back.

    Sessions that run and orders that wait are not touched.
    """

    def __init__(self, site_id: str, ledger: Ledger, clock: Clock) -> None:
        """Be open until `load` knows better."""
        self.is_open = True
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._listeners: set[Callable[[], None]] = set()

    async def load(self) -> None:
        """Remember how the sign was left; raise LedgerError."""
        closed_ms = await self._ledger.run(
            lambda c: marks.get(c, self._site_id, CLOSED)
        )
        self.is_open = closed_ms is None

    async def turn(self, *, is_open: bool) -> None:
        """Open or close, for good; raise LedgerError."""
        closed_ms = None if is_open else self._clock.now_ms()
        await self._ledger.run(lambda c: marks.put(c, self._site_id, CLOSED, closed_ms))
        self.is_open = is_open
        for on_change in tuple(self._listeners):
            on_change()

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back when the sign was turned; return how to stop."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)
