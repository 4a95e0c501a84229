"""What an ESPHome bay says about itself, read from its report. Pure.

The report is one text entity of JSON with one-letter keys, since Home Assistant keeps
at most 255 characters of a state: `docs/esphome.md` has the table.
"""

from dataclasses import dataclass
import json
import math
import re
from typing import Any

from ..domain.relays import DeviceAccount, DeviceOutcome, RelayReport

VERSION = 1
_LONGEST_S = 1e9
_REFUSAL = re.compile(r"[a-z]+(_[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class EsphomeState:
    """A bay's report; `heard_ms` is our monotonic clock when it came.

    `ask` repeats the latest question the bay was asked.
    """

    boot_id: str
    up_s: float
    ask: str
    on: bool
    order_id: str | None
    remaining_s: float | None
    fault: str | None
    account: DeviceAccount | None
    max_s: float | None
    heard_ms: int

    def report(self, now_ms: int) -> RelayReport:
        """Return the state as a report, its remaining time counted down to now."""
        remaining_ms = None
        if self.remaining_s is not None:
            # Below 0 it is overdue, and that is for the bay to see.
            remaining_ms = round(self.remaining_s * 1000) - (now_ms - self.heard_ms)
        return RelayReport(
            contact=True,
            on=self.on,
            order_id=self.order_id,
            remaining_ms=remaining_ms,
            account=self.account,
            fault=self.fault,
            max_ms=None if self.max_s is None else round(self.max_s * 1000),
        )

    def up_s_at(self, now_ms: int) -> float:
        """Return the device's own clock by now."""
        return self.up_s + (now_ms - self.heard_ms) / 1000


def read_report(text: str, heard_ms: int) -> EsphomeState | None:
    """Read a report; None if it is not one of a bay we understand."""
    values = _object(text)
    boot_id, up_s = _text(values.get("b")), _seconds(values.get("u"))
    if values.get("v") != VERSION or boot_id is None or up_s is None:
        return None
    if values.get("r") not in (0, 1):
        return None
    return EsphomeState(
        boot_id=boot_id,
        up_s=up_s,
        ask=_text(values.get("a")) or "",
        on=values["r"] == 1,
        order_id=_text(values.get("o")),
        remaining_s=_seconds(values.get("s")),
        fault=_text(values.get("f")),
        account=_account(values.get("l")),
        max_s=_seconds(values.get("m")),
        heard_ms=heard_ms,
    )


def read_refusal(error: str) -> str | None:
    """Return the node's one word for why not; None if the error is not the node's."""
    return error if _REFUSAL.fullmatch(error) else None


def _account(last: Any) -> DeviceAccount | None:
    match last:
        case [str(order_id), str(outcome), int() | float() as ran] if order_id:
            ran_s = _seconds(ran)
        case _:
            return None
    if ran_s is None or outcome not in tuple(DeviceOutcome):
        return None
    return DeviceAccount(
        order_id=order_id, outcome=DeviceOutcome(outcome), ran_ms=round(ran_s * 1000)
    )


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError, RecursionError:
        return {}
    return values if isinstance(values, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < _LONGEST_S else None
