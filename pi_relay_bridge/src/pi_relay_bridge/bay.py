"""One bay: orders on its relay, each under a deadline. For the event loop only."""

from collections.abc import Callable
import dataclasses
from dataclasses import dataclass
import logging

from . import rules
from .account import Account
from .command import RefusedError
from .config import BayConfig
from .output import Output
from .ports import ClockPort, GuardPort, RelayPort, StorePort
from .records import BayRecord
from .relay import RelayError
from .reporter import Reporter, View
from .session import Answer, Session, begin

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class BayPorts:
    """Everything one bay touches.

    `set_timer` replaces the bay's only timer by one at this `up_s`, or by none.
    """

    clock: ClockPort
    relay: RelayPort
    guard: GuardPort
    store: StorePort
    reporter: Reporter
    set_timer: Callable[[float | None], None]


class Bay:
    """Switches one relay on for a bounded time, and says what came of it."""

    def __init__(self, config: BayConfig, ports: BayPorts, record: BayRecord) -> None:
        """Start idle; the relay must be off, and the record's session closed."""
        self.config = config
        self._clock = ports.clock
        self._reporter = ports.reporter
        self._output = Output(
            config.id, config.pin, ports.relay, ports.guard, ports.set_timer
        )
        self._account = Account(config.id, ports.clock, ports.store, record)
        self._session: Session | None = None
        self._reason = record.last.reason if record.last else None

    @property
    def view(self) -> View:
        """Return what can be seen of the bay now."""
        up_s, session = self._clock.up_s(), self._session
        return View(
            up_s=up_s,
            relay_is_on=self._output.is_on,
            phase=self._phase,
            order_id=session.order_id if session else None,
            remaining_s=round(max(0.0, session.deadline_s - up_s), 3)
            if session
            else None,
            reason=self._reason,
            fault=self._output.fault,
            last=self._account.record.last,
            outbox=self._account.record.outbox,
        )

    def start(self, order_id: str, seconds: float) -> Answer:
        """Run an order for so long; a manual run gives way. Raise RefusedError."""
        self.settle()
        if self._session and self._session.order_id == order_id:
            return Answer(result="duplicate")
        if self._session and self._session.order_id is not None:
            raise RefusedError("busy")
        self._begin(
            order_id,
            rules.granted_seconds(seconds, self._account.record.last_of(order_id)),
        )
        return Answer()

    def extend(self, order_id: str, total_s: float) -> Answer:
        """Give the running order this total since its start; raise RefusedError."""
        self.settle()
        session = self._session
        if session is None or session.order_id is None:
            raise RefusedError("not_running")
        if session.order_id != order_id:
            raise RefusedError("other_order")
        if total_s <= session.ran_s(self._clock.up_s()):
            raise RefusedError("already_ran")
        self._prolong(session, total_s)
        return Answer()

    def stop(self, order_id: str | None, reason: str) -> Answer:
        """End an order, or whatever runs; an idle relay is written off once more."""
        self.settle()
        if self._session is None:
            self._output.off()
            return Answer(reason="not_running")
        if order_id is not None and self._session.order_id != order_id:
            raise RefusedError("other_order")
        self._end("stopped", reason)
        return Answer()

    def acknowledge(self, event_id: str | None) -> Answer:
        """Take one outcome out of the outbox; raise RefusedError."""
        if event_id is None:
            raise RefusedError("bad_event_id")
        if self._account.acknowledge(event_id):
            return Answer()
        return Answer(result="duplicate", reason="unknown_event")

    def run_manually(self) -> None:
        """Run an idle bay for nobody, for its manual maximum; raise RefusedError."""
        self.settle()
        if self._session is not None:
            return
        if self.config.manual_max_s == 0:
            raise RefusedError("manual_off")
        self._begin(None, self.config.manual_max_s)

    def settle(self) -> None:
        """End the session if its time is up, or if the guard has ended it."""
        session = self._session
        if session is None:
            return
        was_cut = self._output.cut_at_s is not None
        if was_cut or self._clock.up_s() >= session.deadline_s:
            self._end("completed", "overdue" if was_cut else "time_up")

    def expire(self) -> None:
        """Do what the timer was set for; a timer that came early is set again."""
        self.settle()
        if self._session is None:
            self.report()
        else:
            self._output.hold(self._session.deadline_s)

    def pulse(self) -> None:
        """Do each second's chores: overdue end, fault, checkpoint, a due state."""
        before = (self._session, self._output.fault)
        self.settle()
        if self._output.fault is not None and self._output.off():
            self._say("the relay obeys again")
        if self._session is not None:
            self._account.checkpoint(self._session)
        if before == (self._session, self._output.fault):
            self._reporter.publish_if_due(self.view)
        else:
            self.report()

    def interrupt(self, reason: str) -> None:
        """End what runs though nobody asked for it: what is left stays owed."""
        self.settle()
        self._end("interrupted", reason)
        self._output.off()
        self.report()

    def fail_safe(self) -> None:
        """Switch off after an error of this program."""
        self._end("fault", "internal_error")
        self._output.off()
        self.report()

    def report(self) -> None:
        """Publish the state, and the outbox if it has changed."""
        self._reporter.publish(self.view)

    def announce(self) -> None:
        """Publish all that is retained."""
        self._reporter.publish_all(self.view)

    @property
    def _phase(self) -> str:
        """Return the word for what the bay is doing."""
        if self._output.fault is not None:
            return "fault"
        if self._session is None:
            return "idle"
        return "manual" if self._session.order_id is None else "running"

    def _begin(self, order_id: str | None, seconds: float) -> None:
        """Write down, then switch on; the time counts from when the pin has moved."""
        if self._output.fault is not None:
            raise RefusedError("fault")
        session = begin(order_id, seconds, self._clock)
        try:
            self._account.open(session)
        except OSError as error:
            self._say(f"not started, its record cannot be written: {error}", order_id)
            raise RefusedError("storage") from error
        try:
            self._output.on(session.deadline_s)
        except RelayError as error:
            self._fail_to_begin(session)
            raise RefusedError("fault") from error
        self._session = begin(order_id, seconds, self._clock)
        self._output.hold(self._session.deadline_s)
        self._reason = None
        self._say(f"on for {seconds:.3f} s", order_id)
        self._reporter.event(
            "started", self._account.new_event_id(), order_id, 0.0, None
        )

    def _fail_to_begin(self, session: Session) -> None:
        """Account for a start whose relay did not obey; it ends a manual run, too."""
        self._session = None
        self._reason = "gpio_error"
        self._account.discard()
        self._reporter.event(
            "fault", self._account.new_event_id(), session.order_id, 0.0, "gpio_error"
        )

    def _prolong(self, session: Session, total_s: float) -> None:
        """Replace the deadline; raise RefusedError if that cannot be written down."""
        prolonged = dataclasses.replace(session, seconds=total_s)
        self._output.hold(prolonged.deadline_s)
        try:
            self._account.open(prolonged)
        except OSError as error:
            self._output.hold(session.deadline_s)
            self._say(
                f"not extended, its record cannot be written: {error}", session.order_id
            )
            raise RefusedError("storage") from error
        self._session = prolonged
        self._say(f"extended to {total_s:.3f} s in all", session.order_id)

    def _end(self, outcome: str, reason: str) -> None:
        """Switch off, then account for what ran."""
        session = self._session
        if session is None:
            return
        self._session = None
        if not self._output.off():
            outcome, reason = "fault", "gpio_error"
        cut_at_s = self._output.cut_at_s
        ran_s = session.ran_s(self._clock.up_s() if cut_at_s is None else cut_at_s)
        self._reason = reason
        event_id = self._account.close(session, outcome, reason, ran_s)
        self._say(f"{outcome} after {ran_s:.3f} s ({reason})", session.order_id)
        self._reporter.event(outcome, event_id, session.order_id, ran_s, reason)

    def _say(self, text: str, order_id: str | None = None) -> None:
        """Log one line with bay and order."""
        subject = f"order {order_id}: " if order_id else ""
        _LOG.info("bay %s: %s%s", self.config.id, subject, text)
