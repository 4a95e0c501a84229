"""Takes one bay's messages in, and sees that each is answered once and the same way."""

from collections import OrderedDict
from collections.abc import Callable
import logging
from typing import Any

from . import rules
from .bay import Bay
from .command import Command, RefusedError, UnreadableError, read_command, read_fields
from .ports import ClockPort
from .reporter import Reporter
from .session import Answer
from .throttle import Throttle

ANSWERS_KEPT = 256

_LOG = logging.getLogger(__name__)


class Desk:
    """Receives commands for one bay, judges them, acknowledges them."""

    def __init__(self, bay: Bay, clock: ClockPort, reporter: Reporter) -> None:
        """Serve this bay."""
        self.bay = bay
        self._clock = clock
        self._reporter = reporter
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._throttle = Throttle()
        self._switch: dict[bytes, Callable[[], object]] = {
            b"OFF": lambda: bay.stop(None, "switched_off"),
            b"ON": bay.run_manually,
            b"RESET": bay.reset,
        }

    def receive_command(self, payload: bytes, *, retained: bool) -> None:
        """Handle a message on `cmd`; the unreadable and the retained are dropped."""
        if retained:
            self._complain("a retained command was ignored")
            return
        try:
            fields = read_fields(payload)
        except UnreadableError as error:
            self._complain(f"a command was ignored: {error}")
            return
        answer = self._answer(fields)
        view = self.bay.view
        self._reporter.publish(view)
        self._reporter.ack(fields["id"], answer, view)

    def receive_set(self, payload: bytes, *, retained: bool) -> None:
        """Handle `set`: OFF stops, ON starts a bounded manual run, RESET heals."""
        work = self._switch.get(payload)
        if retained or work is None:
            why = "retained" if retained else "neither ON, OFF nor RESET"
            self._complain(f"a message on set was ignored: {why}")
            return
        try:
            work()
        except RefusedError as refusal:
            self._complain(f"{payload.decode()} was refused: {refusal.reason}")
        self.bay.report()

    def _answer(self, fields: dict[str, Any]) -> Answer:
        """Return the answer to a command, from memory if its id was seen before."""
        known = self._answers.get(fields["id"])
        if known is not None:
            return known
        try:
            answer = self._obey(read_command(fields))
        except RefusedError as refusal:
            answer = Answer(result="rejected", reason=refusal.reason)
        self._answers[fields["id"]] = answer
        if len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        return answer

    def _obey(self, command: Command) -> Answer:
        """Carry out a command; raise RefusedError."""
        if command.kind == "stop":
            return self.bay.stop(command.order_id, "command")
        if command.kind == "report":
            return Answer()
        rules.require_current(
            command, boot_id=self._clock.boot_id, up_s=self._clock.up_s()
        )
        if command.kind == "ack_event":
            return self.bay.acknowledge(command.event_id)
        if command.kind == "reset":
            return self.bay.reset()
        order_id = rules.require_order(command)
        seconds = rules.require_seconds(
            command, max_session_s=self.bay.config.max_session_s
        )
        if command.kind == "start":
            return self.bay.start(order_id, seconds)
        return self.bay.extend(order_id, seconds)

    def _complain(self, text: str) -> None:
        """Log a line about a useless message, not more often than bearable."""
        if self._throttle.allows(text, self._clock.up_s()):
            _LOG.warning("bay %s: %s", self.bay.config.id, text)
