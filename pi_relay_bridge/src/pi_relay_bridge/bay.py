"""One bay: orders on its relay, each under a deadline. For the event loop only."""

from . import rules
from .bay_ports import BayPorts
from .command import RefusedError
from .config import BayConfig
from .records import BayRecord
from .reporter import View
from .session import Answer
from .sessions import Sessions


class Bay:
    """Switches one relay on for a bounded time, and says what came of it."""

    def __init__(self, config: BayConfig, ports: BayPorts, record: BayRecord) -> None:
        """Start idle; the relay must be off, and the record's session closed."""
        self.config = config
        self._clock = ports.clock
        self._reporter = ports.reporter
        self._supervisor = ports.supervisor
        self._sessions = Sessions(config, ports, record)
        self._known_fault: str | None = None

    @property
    def view(self) -> View:
        """Return what can be seen of the bay now."""
        up_s, sessions = self._clock.up_s(), self._sessions
        session, record = sessions.current, sessions.account.record
        left_s = None if session is None else max(0.0, session.deadline_s - up_s)
        return View(
            up_s=up_s,
            relay_is_on=sessions.output.is_on,
            phase=self._phase,
            order_id=session.order_id if session else None,
            remaining_s=None if left_s is None else round(left_s, 3),
            ran_s=round(session.ran_s(up_s), 3) if session else None,
            ends_at=session.ends_at if session else None,
            reason=sessions.reason,
            fault=sessions.fault,
            estop=self._supervisor.estop,
            reading=self._supervisor.reading,
            last=record.last,
            outbox=record.outbox,
        )

    def start(self, order_id: str, seconds: float) -> Answer:
        """Run an order for so long; a manual run gives way. Raise RefusedError."""
        self.settle()
        current = self._sessions.current
        if current and current.order_id == order_id:
            return Answer(result="duplicate")
        if current and current.order_id is not None:
            raise RefusedError("busy")
        last = self._sessions.account.record.last_of(order_id)
        self._sessions.begin(order_id, rules.granted_seconds(seconds, last))
        return Answer()

    def extend(self, order_id: str, total_s: float) -> Answer:
        """Give the running order this total since its start; raise RefusedError."""
        self.settle()
        session = self._sessions.current
        if session is None or session.order_id is None:
            raise RefusedError("not_running")
        if session.order_id != order_id:
            raise RefusedError("other_order")
        if total_s <= session.ran_s(self._clock.up_s()):
            raise RefusedError("already_ran")
        self._sessions.prolong(session, total_s)
        return Answer()

    def stop(self, order_id: str | None, reason: str) -> Answer:
        """End an order, or whatever runs; an idle relay is written off once more."""
        self.settle()
        session = self._sessions.current
        if session is None:
            self._sessions.output.off()
            return Answer(reason="not_running")
        if order_id is not None and session.order_id != order_id:
            raise RefusedError("other_order")
        self._sessions.end("stopped", reason)
        return Answer()

    def acknowledge(self, event_id: str | None) -> Answer:
        """Take one outcome out of the outbox; raise RefusedError."""
        if event_id is None:
            raise RefusedError("bad_event_id")
        if self._sessions.account.acknowledge(event_id):
            return Answer()
        return Answer(result="duplicate", reason="unknown_event")

    def reset(self) -> Answer:
        """Forget the faults whose cause is gone; raise RefusedError if one stays."""
        self.settle()
        self._supervisor.reset()
        self._note_fault()
        if self._sessions.fault is not None:
            raise RefusedError("fault")
        return Answer()

    def run_manually(self) -> None:
        """Run an idle bay for nobody, for its manual maximum; raise RefusedError."""
        self.settle()
        if self._sessions.current is not None:
            return
        if self.config.manual_max_s == 0:
            raise RefusedError("manual_off")
        self._sessions.begin(None, self.config.manual_max_s)

    def settle(self) -> None:
        """End the session if its time is up, or something has ended or forbids it."""
        self._sessions.settle()

    def expire(self) -> None:
        """Do what the timer was set for; a timer that came early is set again."""
        self.settle()
        session = self._sessions.current
        if session is None:
            self.report()
        else:
            self._sessions.output.hold(session.deadline_s)

    def pulse(self) -> None:
        """Do each second's chores: overdue end, fault, checkpoint, a due state."""
        sessions = self._sessions
        self.settle()
        self._end_if_unplugged()
        if sessions.output.fault is not None and sessions.output.off():
            sessions.say("the relay obeys again")
        sessions.account.tend(sessions.current)
        self._note_fault()
        self._reporter.publish_if_due(self.view)

    def interrupt(self, reason: str) -> None:
        """End what runs though nobody asked for it: what is left stays owed."""
        self.settle()
        self._sessions.end("interrupted", reason)
        self._sessions.output.off()
        self.report()

    def fail_safe(self) -> None:
        """Switch off after an error of this program."""
        self._sessions.end("fault", "internal_error")
        self._sessions.output.off()
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
        session = self._sessions.current
        if self._sessions.output.fault is not None:
            return "fault"
        if session is None:
            return "idle" if self._supervisor.reason() is None else "fault"
        return "manual" if session.order_id is None else "running"

    def _end_if_unplugged(self) -> None:
        """End a session whose load has left, where the owner wants that."""
        sensor = self.config.sensor
        if sensor is None or sensor.limits.unplugged_action != "end":
            return
        if self._sessions.current and self._supervisor.reading.plugged is False:
            self._sessions.end("stopped", "unplugged")

    def _note_fault(self) -> None:
        """Tell of a fault that came or went, and keep one that must outlive us."""
        sessions, fault = self._sessions, self._sessions.fault
        sessions.account.latch(self._supervisor.latched)
        if fault == self._known_fault:
            return
        self._known_fault = fault
        sessions.say("in order again" if fault is None else f"fault: {fault}")
        sessions.tell_fault(fault)
