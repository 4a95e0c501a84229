"""Takes in the plain topics: `{"action": "start", "duration_minutes": 10}`.

For controllers that know nothing of PayBay; off unless the configuration has a
`[plain_topics]` table. Nobody is answered, so every verdict is logged. A start has no
id: it is refused while anything runs, which also makes a message that comes twice
start once. It becomes an order of its own name, bounded by the bay's maximum, whose
outcome waits for nobody's acknowledgement.
"""

import itertools
import json
import logging
from typing import Any

from .bay import Bay
from .command import PAYLOAD_CAP, RefusedError, number
from .ports import ClockPort
from .records import PLAIN
from .throttle import Throttle

STOPS = ("stop", "cancel")

_LOG = logging.getLogger(__name__)


class PlainDesk:
    """Receives one bay's plain messages."""

    def __init__(self, bay: Bay, clock: ClockPort) -> None:
        """Serve this bay."""
        self.bay = bay
        self._clock = clock
        self._numbers = itertools.count(1)
        self._throttle = Throttle()

    def receive(self, payload: bytes, *, retained: bool) -> None:
        """Handle a message: obey it, or log why not."""
        try:
            self._obey(_read(payload, retained=retained))
        except RefusedError as refusal:
            text = f"a plain message was refused: {refusal.reason}"
            if self._throttle.allows(text, self._clock.up_s()):
                _LOG.warning("bay %s: %s", self.bay.config.id, text)
        self.bay.report()

    def _obey(self, fields: dict[str, Any]) -> None:
        """Start or stop; raise RefusedError."""
        action = fields.get("action")
        if action == "start":
            self._start(fields.get("duration_minutes"))
        elif action in STOPS:
            self._stop()
        else:
            raise RefusedError("its action is neither start, stop nor cancel")

    def _start(self, duration_minutes: object) -> None:
        """Run an order of our own."""
        minutes = number(duration_minutes)
        seconds = None if minutes is None else minutes * 60
        most_s = self.bay.config.max_session_s
        if seconds is None or seconds <= 0:
            raise RefusedError("duration_minutes must be a number above 0")
        if seconds > most_s:
            raise RefusedError(
                f"{minutes:g} minutes are more than max_session_s = {most_s:g} allows"
            )
        order_id = f"{PLAIN}{self._clock.boot_id}-{next(self._numbers)}"
        self.bay.start(order_id, seconds)

    def _stop(self) -> None:
        """End an order of ours; PayBay's own are none of a plain message's business."""
        order_id = self.bay.view.order_id
        if order_id is None or not order_id.startswith(PLAIN):
            raise RefusedError("no plain start is running here")
        self.bay.stop(order_id, "command")


def _read(payload: bytes, *, retained: bool) -> dict[str, Any]:
    """Return the object in a fresh payload; raise RefusedError."""
    if retained:
        raise RefusedError("retained, it may be of any age")
    if len(payload) > PAYLOAD_CAP:
        raise RefusedError("oversized")
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        raise RefusedError("not JSON") from None
    if not isinstance(fields, dict):
        raise RefusedError("not an object")
    return fields
