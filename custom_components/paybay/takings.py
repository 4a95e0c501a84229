"""What a site took and delivered, kept in step with its ledger."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
import logging
from typing import Any

from .domain.clock import Clock
from .domain.happenings import Happening, What
from .domain.hours import local_time
from .domain.sums import Sums, by_day, since
from .ledger import Ledger, LedgerError, sums, takings
from .ledger.reader import snapshot

_LOGGER = logging.getLogger(__name__)

SOON_MS = 2_000
"""Happenings come in bunches; what people see of them must not delay a relay."""
AGAIN_MS = 60_000
_MOVES_BOOKS = frozenset(What) - {What.STOP_AWAITED, What.ATTENTION, What.RELAY_STUCK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Sums by bay, as of one moment. `day_ms` is when their local day began.

    `today` is what the cards show, too; `before` and `since` are what was taken
    online on all earlier days, and on this one, less what went back of it.
    """

    day_ms: int
    today: Mapping[str, Sums] = field(default_factory=dict)
    before: Counter[str] = field(default_factory=Counter)
    since: Counter[str] = field(default_factory=Counter)

    def of_day(self, bay_id: str | None) -> Sums:
        """Return today's sums of one bay; None: of all, those that are gone too."""
        if bay_id is None:
            return Sums.of(self.today.values())
        return self.today.get(bay_id, Sums())


class Takings:
    """Reads the ledger after something happened, beside its writer.

    `books` is None while they cannot be read.
    """

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        *,
        currency: str,
        day_began_ms: Callable[[], int],
        run: Callable[[Callable[[], Books]], Awaitable[Books]],
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """`run` calls a blocking function elsewhere; nothing is read yet."""
        self.currency = currency
        self.books: Books | None = None
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._day_began_ms = day_began_ms
        self._run = run
        self._spawn = spawn
        self._listeners: set[Callable[[], None]] = set()
        self._cancel_timer: Callable[[], None] | None = None
        self._reading = asyncio.Lock()
        self._whole = True
        self._open = False

    def open(self) -> None:
        """Read everything, and follow from now on."""
        self._open = True
        self._spawn(self.refresh())

    def close(self) -> None:
        """Read no more."""
        self._open = False
        self._disarm()

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back after each reading; return how to stop."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    def happened(self, happening: Happening) -> None:
        """Read again soon, if this moves the books; a refund may be of any day."""
        self._whole |= happening.what is What.PAYMENT_REFUNDED
        if happening.what in _MOVES_BOOKS:
            self.moved()

    def moved(self) -> None:
        """Read again soon: the books moved, and nothing happened at a bay."""
        self._arm(SOON_MS)

    async def refresh(self) -> None:
        """Read now, as on a new day; books that cannot be read are tried again."""
        known, day_ms = self.books, self._day_began_ms()
        is_behind = self._cancel_timer is not None
        self._disarm()
        if is_behind and known is not None and known.day_ms != day_ms:
            # What came in the day's last moments was not told yet.
            await self._tell(known.day_ms)
        await self._tell(day_ms)

    async def _tell(self, day_ms: int) -> None:
        async with self._reading:
            await self._look(day_ms)
        for on_change in tuple(self._listeners):
            on_change()

    async def _look(self, day_ms: int) -> None:
        known = self.books
        same_day = known is not None and known.day_ms == day_ms and not self._whole
        before = known.before if known and same_day else None
        self._whole = False
        try:
            self.books = await self._run(lambda: self._read(day_ms, before))
        except LedgerError as err:
            if known is not None:
                _LOGGER.warning("What was taken is not known now: %s", err)
            self.books, self._whole = None, True
            self._arm(AGAIN_MS)

    def _read(self, day_ms: int, before: Counter[str] | None) -> Books:
        """Read the ledger (blocking); raise LedgerError."""
        about = self._site_id, self.currency
        now_ms, zone = self._clock.now_ms(), self._clock.zone()
        day, is_over = local_time(day_ms, zone).date(), day_ms != self._day_began_ms()
        with snapshot(self._ledger.path) as connection:
            if before is None:
                before = takings.taken(connection, *about, to_ms=day_ms)
            slices = sums.of_site(connection, self._site_id, day_ms, now_ms, zone)
            return Books(
                day_ms=day_ms,
                today=by_day(slices).get(day, {}) if is_over else since(slices, day),
                before=before,
                since=takings.taken(connection, *about, from_ms=day_ms),
            )

    def _arm(self, delay_ms: int) -> None:
        if self._open and self._cancel_timer is None:
            self._cancel_timer = self._clock.call_later(delay_ms, self._due)

    def _due(self) -> None:
        self._cancel_timer = None
        self._spawn(self.refresh())

    def _disarm(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None
