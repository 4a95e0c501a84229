"""What one bay tells the world, in the contract's shapes, handed to an outlet."""

from dataclasses import dataclass
import json
from typing import Any, Protocol

from .reading import Reading
from .records import Outcome
from .session import Answer

BUSY_PERIOD_S = 5.0
IDLE_PERIOD_S = 60.0


class Outlet(Protocol):
    """Where a bay's messages go; it drops them while there is no broker."""

    def publish(self, leaf: str, payload: str, *, retain: bool) -> None:
        """Publish on the bay's own topic `leaf`, at QoS 0."""


@dataclass(frozen=True, kw_only=True)
class View:
    """What can be seen of a bay at `up_s`."""

    up_s: float
    relay_is_on: bool
    phase: str
    order_id: str | None
    remaining_s: float | None
    ends_at: str | None
    ran_s: float | None
    reason: str | None
    fault: str | None
    estop: bool | None
    reading: Reading
    last: Outcome | None
    outbox: tuple[Outcome, ...]

    @property
    def news(self) -> tuple[object, ...]:
        """Return what everybody must hear of at once when it changes."""
        return (
            self.relay_is_on,
            self.phase,
            self.order_id,
            self.reason,
            self.fault,
            self.estop,
            self.reading.plugged,
            self.outbox,
        )


class Reporter:
    """Publishes one bay's state, acks, events and outbox."""

    def __init__(self, outlet: Outlet, *, boot_id: str, max_session_s: float) -> None:
        """Publish through `outlet`; nothing has been published yet."""
        self._outlet = outlet
        self._boot_id = boot_id
        self._max_session_s = int(max_session_s)
        self._seq = 0
        self._published: View | None = None
        self._outbox: tuple[Outcome, ...] | None = None
        self._events: list[dict[str, Any]] = []

    def publish(self, view: View) -> None:
        """Publish the state, the outbox if it has changed, and the events that wait."""
        self._seq += 1
        self._published = view
        self._send("state", self._state(view), retain=True)
        if view.outbox != self._outbox:
            self._outbox = view.outbox
            self._send(
                "outbox",
                {"v": 1, "items": [_item(each) for each in view.outbox]},
                retain=True,
            )
        events, self._events = self._events, []
        for values in events:
            self._send("event", values, retain=False)

    def publish_all(self, view: View) -> None:
        """Publish all that is retained, for a broker that may know nothing."""
        self._outbox = None
        self.publish(view)

    def publish_if_due(self, view: View) -> None:
        """Publish the state if it tells more than the last one, or that is too old."""
        last = self._published
        period_s = IDLE_PERIOD_S if view.phase == "idle" else BUSY_PERIOD_S
        is_known = last is not None and last.news == view.news
        if last is None or not is_known or view.up_s - last.up_s >= period_s:
            self.publish(view)

    def ack(self, command_id: str, answer: Answer, view: View) -> None:
        """Publish the answer to one command."""
        values = {
            "id": command_id,
            "result": answer.result,
            "reason": answer.reason,
            "boot_id": self._boot_id,
            "up_s": round(view.up_s, 3),
            "remaining_s": view.remaining_s,
        }
        self._send("ack", values, retain=False)

    def event(
        self,
        event_type: str,
        event_id: str,
        order_id: str | None,
        ran_s: float,
        reason: str | None,
    ) -> None:
        """Publish one event behind the next state: people wait for the state."""
        values = {
            "event_type": event_type,
            "event_id": event_id,
            "order_id": order_id,
            "ran_s": round(ran_s, 3),
            "reason": reason,
            "boot_id": self._boot_id,
        }
        self._events.append(values)

    def _state(self, view: View) -> dict[str, Any]:
        """Return the state's payload."""
        return {
            "v": 1,
            "boot_id": self._boot_id,
            "up_s": round(view.up_s, 3),
            "seq": self._seq,
            "relay": "on" if view.relay_is_on else "off",
            "phase": view.phase,
            "order_id": view.order_id,
            "remaining_s": view.remaining_s,
            "ends_at": view.ends_at,
            "ran_s": view.ran_s,
            "reason": view.reason,
            "fault": view.fault,
            "estop": view.estop,
            "amps": _rounded(view.reading.amps, 2),
            "plugged": view.reading.plugged,
            "energy_wh": _rounded(view.reading.energy_wh, 1),
            "last": None if view.last is None else _summary(view.last),
            "max_session_s": self._max_session_s,
        }

    def _send(self, leaf: str, values: dict[str, Any], *, retain: bool) -> None:
        """Publish JSON."""
        self._outlet.publish(
            leaf, json.dumps(values, separators=(",", ":")), retain=retain
        )


def _summary(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it stands in `state.last`."""
    return {
        "event_id": outcome.event_id,
        "order_id": outcome.order_id,
        "outcome": outcome.outcome,
        "ran_s": round(outcome.ran_s, 3),
        "wh": outcome.wh,
    }


def _item(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it stands in the outbox."""
    return {
        **_summary(outcome),
        "reason": outcome.reason,
        "boot_id": outcome.boot_id,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    """Return a measured value for people, or none."""
    return None if value is None else round(value, digits)
