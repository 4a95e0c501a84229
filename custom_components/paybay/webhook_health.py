"""A site's webhook: when it last worked, and what it failed to tell."""

from collections.abc import Callable, Coroutine
import logging
from typing import Any

from sqlalchemy import Connection

from .domain.clock import Clock
from .domain.webhook_health import JUDGED, WebhookFacts
from .ledger import Ledger, LedgerError, arrivals, marks

_LOGGER = logging.getLogger(__name__)

JUDGE_MS = 300_000
SOON_MS = 2_000
"""Events come in bunches; what people see of them must not delay a relay."""
BAD_SIGNATURES = "bad_signatures"
_COUNTED = 1_000
"""More bad signatures than this are not worth counting."""


class WebhookHealth:
    """Counts in memory and stores now and then: garbage must not wear out a disk.

    `facts` are as of the last judgement, `verified_ms` is Unix time.
    """

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        *,
        expected: Callable[[], bool | None],
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """Begin with a clean slate; `load` fills it.

        `expected` says whether the provider was told of the webhook; None: not known,
        then the first event, of whatever signature, shows it.
        """
        self.verified_ms: int | None = None
        self.bad_signatures = 0
        self.facts = WebhookFacts(expected=False)
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._expected = expected
        self._spawn = spawn
        self._listeners: set[Callable[[], None]] = set()
        self._cancel_timer: Callable[[], None] | None = None
        self._due_ms = 0
        self._stored = 0
        self._open = False

    async def load(self) -> None:
        """Remember what the ledger knows; raise LedgerError."""

        def read(connection: Connection) -> tuple[int | None, int | None]:
            verified_ms = arrivals.last_event_ms(connection, self._site_id)
            return verified_ms, marks.get(connection, self._site_id, BAD_SIGNATURES)

        self.verified_ms, stored = await self._ledger.run(read)
        self._stored = self.bad_signatures = stored or 0

    def open(self) -> None:
        """Judge from now on."""
        self._open = True
        self._arm(0)

    def close(self) -> None:
        """Judge no more."""
        self._open = False
        self._disarm()

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back after each judgement; return how to stop."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    def verified(self) -> None:
        """Take note of an event whose signature is ours."""
        self.verified_ms = self._clock.now_ms()
        self.bad_signatures = 0
        self._arm(SOON_MS)

    def refused(self) -> None:
        """Take note of one whose signature is not, and of nothing that is in it."""
        self.bad_signatures = min(self.bad_signatures + 1, _COUNTED)

    async def judge(self) -> None:
        """Look at the latest payments; raise LedgerError."""
        now_ms, verified_ms = self._clock.now_ms(), self.verified_ms

        def read(connection: Connection) -> list[arrivals.Arrival]:
            if self._stored != self.bad_signatures:
                bad = self.bad_signatures or None
                marks.put(connection, self._site_id, BAD_SIGNATURES, bad)
            return arrivals.latest(connection, self._site_id, now_ms, JUDGED)

        bad = self.bad_signatures
        found = await self._ledger.run(read)
        self._stored = bad
        since_good = (a for a in found if a.seen_ms > (verified_ms or 0))
        self.facts = WebhookFacts(
            expected=self._is_expected(),
            told=[arrival.told for arrival in found],
            bad_signatures=self.bad_signatures,
            missed_since_good=sum(not arrival.told for arrival in since_good),
        )
        for on_change in tuple(self._listeners):
            on_change()

    def _is_expected(self) -> bool:
        expected = self._expected()
        if expected is None:
            return self.verified_ms is not None or self.bad_signatures > 0
        return expected

    async def _judge_safely(self) -> None:
        try:
            await self.judge()
        except LedgerError as err:
            _LOGGER.warning("The webhook cannot be judged now: %s", err)
        finally:
            self._arm(JUDGE_MS)

    def _arm(self, delay_ms: int) -> None:
        """Judge after this time, or earlier if that was meant before."""
        due_ms = self._clock.monotonic_ms() + delay_ms
        if not self._open or (self._cancel_timer and self._due_ms <= due_ms):
            return
        self._disarm()
        self._due_ms = due_ms
        self._cancel_timer = self._clock.call_later(delay_ms, self._due)

    def _due(self) -> None:
        self._cancel_timer = None
        self._spawn(self._judge_safely())

    def _disarm(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None
