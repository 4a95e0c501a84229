"""What one bay tells the world, in the contract's shapes, handed to an outlet."""

from dataclasses import dataclass
import json
from typing import Any, Protocol

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
    reason: str | None
    fault: str | None
    last: Outcome | None
    outbox: tuple[Outcome, ...]


class Reporter:
    """Publishes one bay's state, acks, events and outbox."""

    def __init__(self, outlet: Outlet, *, boot_id: str, max_session_s: float) -> None:
        """Publish through `outlet`; nothing has been published yet."""
        self._outlet = outlet
        self._boot_id = boot_id
        self._max_session_s = int(max_session_s)
        self._seq = 0
        self._state_s = float("-inf")
        self._outbox: tuple[Outcome, ...] | None = None

    def publish(self, view: View) -> None:
        """Publish the state, and the outbox if it has changed."""
        self._seq += 1
        self._state_s = view.up_s
        self._send("state", self._state(view), retain=True)
        if view.outbox != self._outbox:
            self._outbox = view.outbox
            self._send(
                "outbox",
                {"v": 1, "items": [_item(each) for each in view.outbox]},
                retain=True,
            )

    def publish_all(self, view: View) -> None:
        """Publish all that is retained, for a broker that may know nothing."""
        self._outbox = None
        self.publish(view)

    def publish_if_due(self, view: View) -> None:
        """Publish the state if the last one is too old for this phase."""
        period_s = IDLE_PERIOD_S if view.phase == "idle" else BUSY_PERIOD_S
        if view.up_s - self._state_s >= period_s:
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
        """Publish one event."""
        values = {
            "event_type": event_type,
            "event_id": event_id,
            "order_id": order_id,
            "ran_s": round(ran_s, 3),
            "reason": reason,
            "boot_id": self._boot_id,
        }
        self._send("event", values, retain=False)

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
            "reason": view.reason,
            "fault": view.fault,
            "amps": None,
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
        "order_id": outcome.order_id,
        "outcome": outcome.outcome,
        "ran_s": round(outcome.ran_s, 3),
    }


def _item(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it stands in the outbox."""
    return {
        "event_id": outcome.event_id,
        **_summary(outcome),
        "reason": outcome.reason,
        "boot_id": outcome.boot_id,
    }
