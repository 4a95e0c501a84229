"""The one session of a bay: begun, prolonged, ended; each written down and told."""

import dataclasses
import logging

from .account import Account
from .bay_ports import BayPorts
from .command import RefusedError
from .config import BayConfig
from .guard import OVERDUE, Cut
from .output import GPIO_ERROR, CutError, Output
from .records import BayRecord
from .relay import RelayError
from .session import Session, begin

_LOG = logging.getLogger(__name__)


class Sessions:
    """Runs at most one session at a time. For the event loop only."""

    def __init__(self, config: BayConfig, ports: BayPorts, record: BayRecord) -> None:
        """Start idle; the relay must be off, and the record's session closed."""
        self._bay_id = config.id
        self._clock = ports.clock
        self._reporter = ports.reporter
        self._supervisor = ports.supervisor
        self.output = Output(
            config.id, config.pin, ports.relay, ports.guard, ports.set_timer
        )
        self.account = Account(config.id, ports.clock, ports.store, record)
        self.current: Session | None = None
        self.reason = record.last.reason if record.last else None
        self.told_fault: str | None = None

    @property
    def fault(self) -> str | None:
        """Return why nothing can run, as a word, or None."""
        return self.output.fault or self._supervisor.reason()

    def settle(self) -> None:
        """End the session if its time is up, or something has ended or forbids it."""
        session = self.current
        if session is None:
            return
        if (cut := self.output.cut) is not None:
            self.end(*_verdict(cut, session))
        elif self._clock.up_s() >= session.deadline_s:
            self.end("completed", "time_up")
        elif (reason := self._supervisor.reason()) is not None:
            self.end("fault", reason)

    def begin(self, order_id: str | None, seconds: float) -> None:
        """Write down, then switch on; the time counts from when the pin has moved.

        Raise RefusedError.
        """
        if self.fault is not None:
            raise RefusedError("fault")
        session = self._new(order_id, seconds)
        try:
            self.account.open(session)
        except OSError as error:
            self.say(f"not started, its record cannot be written: {error}", order_id)
            raise RefusedError("storage") from error
        self._supervisor.begin()
        try:
            self.output.on(session.deadline_s)
        except (RelayError, CutError) as error:
            reason = str(error) if isinstance(error, CutError) else GPIO_ERROR
            self._fail_to_begin(session, reason)
            raise RefusedError("fault") from error
        self.current = self._new(order_id, seconds)
        self.output.hold(self.current.deadline_s)
        self.reason = None
        self.say(f"on for {seconds:.3f} s", order_id)
        event_id = self.account.new_event_id()
        self._reporter.event("started", event_id, order_id, 0.0, None)

    def prolong(self, session: Session, total_s: float) -> None:
        """Replace the deadline; raise RefusedError if that cannot be written down."""
        prolonged = dataclasses.replace(session, seconds=total_s)
        try:
            self.account.open(prolonged)
        except OSError as error:
            text = f"not extended, its record cannot be written: {error}"
            self.say(text, session.order_id)
            raise RefusedError("storage") from error
        self.output.hold(prolonged.deadline_s)
        self.current = prolonged
        self.say(f"extended to {total_s:.3f} s in all", session.order_id)

    def end(self, outcome: str, reason: str) -> None:
        """Switch off, then account for what ran."""
        session = self.current
        if session is None:
            return
        self.current = None
        if not self.output.off():
            outcome, reason = "fault", GPIO_ERROR
        cut = self.output.cut
        ran_s = session.ran_s(self._clock.up_s() if cut is None else cut.at_s)
        self.reason = reason
        used_wh = session.used_wh(self._supervisor.reading.energy_wh)
        event_id = self.account.close(session, outcome, reason, ran_s, used_wh)
        self.say(f"{outcome} after {ran_s:.3f} s ({reason})", session.order_id)
        self.told_fault = reason if outcome == "fault" else self.told_fault
        self._reporter.event(outcome, event_id, session.order_id, ran_s, reason)

    def tell_fault(self, fault: str | None) -> None:
        """Say once that the bay is in fault; None: it is well again."""
        if fault is not None and fault != self.told_fault:
            self.reason = fault
            event_id = self.account.new_event_id()
            self._reporter.event("fault", event_id, None, 0.0, fault)
        self.told_fault = fault

    def say(self, text: str, order_id: str | None = None) -> None:
        """Log one line with bay and order."""
        subject = f"order {order_id}: " if order_id else ""
        _LOG.info("bay %s: %s%s", self._bay_id, subject, text)

    def _new(self, order_id: str | None, seconds: float) -> Session:
        """Return a session that starts now."""
        return begin(order_id, seconds, self._clock, self._supervisor.reading.energy_wh)

    def _fail_to_begin(self, session: Session, reason: str) -> None:
        """Account for a start whose relay did not stay on; a manual run ends, too."""
        self.current = None
        self.reason = self.told_fault = reason
        self.account.discard()
        event_id = self.account.new_event_id()
        self._reporter.event("fault", event_id, session.order_id, 0.0, reason)


def _verdict(cut: Cut, session: Session) -> tuple[str, str]:
    """Return outcome and reason of a session that another thread ended."""
    if cut.reason == OVERDUE or cut.at_s >= session.deadline_s:
        return "completed", OVERDUE
    return "fault", cut.reason
