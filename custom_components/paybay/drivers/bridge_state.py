"""What a Pi bridge says about one of its bays, read from MQTT. Pure.

The messages are described in the bridge's own README; anything unreadable is None.
"""

from dataclasses import dataclass
import json
import math
from typing import Any

from ..domain.relays import DeviceAccount, DeviceOutcome, RelayReport

type Payload = str | bytes | bytearray

_ABSURD = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeAck:
    """The answer to one command."""

    id: str
    accepted: bool
    reason: str | None
    boot_id: str | None
    up_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeState:
    """A bay's state message; `heard_ms` is our monotonic clock when it came."""

    boot_id: str
    up_s: float
    on: bool
    order_id: str | None
    remaining_s: float | None
    ran_s: float | None
    fault: str | None
    account: DeviceAccount | None
    max_s: float | None
    heard_ms: int
    last_event_id: str | None = None

    def report(self, now_ms: int) -> RelayReport:
        """Return the state as a report, its remaining time counted down to now."""
        gone_ms = now_ms - self.heard_ms if self.on else 0
        # Below 0 it is overdue, and that is for the bay to see.
        remaining_ms = _ms(self.remaining_s, -gone_ms)
        return RelayReport(
            contact=True,
            on=self.on,
            order_id=self.order_id,
            remaining_ms=remaining_ms,
            ran_ms=_ms(self.ran_s, gone_ms),
            account=self.account,
            fault=self.fault,
            max_ms=_ms(self.max_s),
        )

    def up_s_at(self, now_ms: int) -> float:
        """Return the device's own clock by now."""
        return self.up_s + (now_ms - self.heard_ms) / 1000

    def is_past(self, ack: BridgeAck) -> bool:
        """Return whether this was said after an answer: by the device's own clock."""
        if ack.up_s is None or ack.boot_id != self.boot_id:
            return False
        return self.up_s >= ack.up_s


def read_state(payload: Payload, heard_ms: int) -> BridgeState | None:
    """Read a message on `state`."""
    values = _object(payload)
    up_s = _number(values.get("up_s"))
    boot_id = _text(values.get("boot_id"))
    if up_s is None or boot_id is None or values.get("relay") not in ("on", "off"):
        return None
    faulty = values.get("phase") == "fault"
    last = values.get("last")
    return BridgeState(
        boot_id=boot_id,
        up_s=up_s,
        on=values["relay"] == "on",
        order_id=_text(values.get("order_id")),
        remaining_s=_number(values.get("remaining_s")),
        ran_s=_number(values.get("ran_s")),
        fault=(_text(values.get("fault")) or "fault") if faulty else None,
        account=_account(last),
        last_event_id=_text(last.get("event_id")) if isinstance(last, dict) else None,
        max_s=_number(values.get("max_session_s")),
        heard_ms=heard_ms,
    )


def read_ack(payload: Payload) -> BridgeAck | None:
    """Read a message on `ack`; a duplicate is as good as accepted."""
    values = _object(payload)
    command_id = _text(values.get("id"))
    if command_id is None:
        return None
    return BridgeAck(
        id=command_id,
        accepted=values.get("result") in ("accepted", "duplicate"),
        reason=_text(values.get("reason")),
        boot_id=_text(values.get("boot_id")),
        up_s=_number(values.get("up_s")),
    )


def read_outbox(payload: Payload) -> list[tuple[str, str]]:
    """Read a message on `outbox`: event ids with their order ids."""
    items = _object(payload).get("items")
    found = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            event_id, order_id = (
                _text(item.get("event_id")),
                _text(item.get("order_id")),
            )
            if event_id and order_id:
                found.append((event_id, order_id))
    return found


def _account(last: Any) -> DeviceAccount | None:
    if not isinstance(last, dict):
        return None
    order_id, ran_s = _text(last.get("order_id")), _number(last.get("ran_s"))
    outcome = last.get("outcome")
    if order_id is None or ran_s is None or outcome not in tuple(DeviceOutcome):
        return None
    return DeviceAccount(
        order_id=order_id,
        outcome=DeviceOutcome(outcome),
        ran_ms=max(0, round(ran_s * 1000)),
    )


def _ms(seconds: float | None, more_ms: int = 0) -> int | None:
    return None if seconds is None else round(seconds * 1000) + more_ms


def _object(payload: Payload) -> dict[str, Any]:
    try:
        values = json.loads(payload)
    except ValueError, RecursionError:
        return {}
    return values if isinstance(values, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) < _ABSURD else None
