"""What one bay has promised and delivered, kept in its store."""

import logging

from .ports import ClockPort, StorePort
from .records import PLAIN, BayRecord, Outcome
from .session import Session

CHECKPOINT_PERIOD_S = 5.0

_LOG = logging.getLogger(__name__)


class Account:
    """One bay's record, written through on each change."""

    def __init__(
        self, bay_id: str, clock: ClockPort, store: StorePort, record: BayRecord
    ) -> None:
        """Go on from a loaded record, which has no open session."""
        self._bay_id = bay_id
        self._clock = clock
        self._store = store
        self._event_count = 0
        self._checkpoint_s = 0.0
        self._is_unsaved = False
        self.record = record

    def open(self, session: Session) -> None:
        """Write that this session runs, unless it is manual; raise OSError."""
        kept = session.to_keep(self._clock)
        if kept is None:
            return
        before, self.record = self.record, self.record.opened(kept)
        self._checkpoint_s = self._clock.up_s()
        try:
            self._store.save(self.record)
        except OSError:
            self.record = before
            raise
        self._is_unsaved = False

    def tend(self, session: Session | None) -> None:
        """Write now and then how far the session has come, and what failed before."""
        if session is None or session.order_id is None:
            if self._is_unsaved:
                self._save()
        elif self._clock.up_s() - self._checkpoint_s >= CHECKPOINT_PERIOD_S:
            try:
                self.open(session)
            except OSError as error:
                _LOG.warning("bay %s: no checkpoint: %s", self._bay_id, error)

    def close(
        self,
        session: Session,
        outcome: str,
        reason: str,
        ran_s: float,
        used_wh: float | None,
    ) -> str:
        """Write how the session ended; return the event's id."""
        event_id = self.new_event_id()
        if session.order_id is not None:
            waiting = len(self.record.outbox) + (not session.order_id.startswith(PLAIN))
            self.record = self.record.concluded(
                Outcome(
                    event_id=event_id,
                    order_id=session.order_id,
                    outcome=outcome,
                    ran_s=ran_s,
                    left_s=max(0.0, session.seconds - ran_s),
                    reason=reason,
                    boot_id=self._clock.boot_id,
                    acked=session.order_id.startswith(PLAIN),
                    wh=used_wh,
                )
            )
            if len(self.record.outbox) < waiting:
                _LOG.warning(
                    "bay %s: outbox is full, its oldest outcome was dropped",
                    self._bay_id,
                )
            self._save()
        return event_id

    def discard(self) -> None:
        """Write that the session just opened never ran."""
        self.record = self.record.abandoned()
        self._save()

    def acknowledge(self, event_id: str) -> bool:
        """Take an outcome out of the outbox; return False if it is not there."""
        if all(outcome.event_id != event_id for outcome in self.record.outbox):
            return False
        self.record = self.record.acknowledged(event_id)
        self._save()
        return True

    def latch(self, fault: str | None) -> None:
        """Write which fault must outlive a restart, if that has changed."""
        if fault != self.record.latched:
            self.record = self.record.with_latch(fault)
            self._save()

    def new_event_id(self) -> str:
        """Return an id that no other event has."""
        self._event_count += 1
        return f"{self._clock.boot_id}-{self._bay_id}-{self._event_count}"

    def _save(self) -> None:
        """Write the record; what has happened has happened even if the disk is full."""
        try:
            self._store.save(self.record)
            self._is_unsaved = False
        except OSError as error:
            self._is_unsaved = True
            _LOG.error("bay %s: the record was not written: %s", self._bay_id, error)
