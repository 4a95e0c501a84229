"""Read one command from the bytes of an MQTT message. Pure."""

from dataclasses import dataclass
import json
from typing import Any

PAYLOAD_CAP = 4096
NUMBER_CAP = 1e12
KINDS = ("start", "extend", "stop", "ack_event", "report", "reset")


class UnreadableError(Exception):
    """The payload is no command at all: nobody could be answered."""


class RefusedError(Exception):
    """The command is understood and refused; the argument is the reason's word."""

    @property
    def reason(self) -> str:
        """Return the reason for the ack."""
        return str(self.args[0])


@dataclass(frozen=True, kw_only=True)
class Command:
    """One well-formed command; numbers are judged where they are used."""

    kind: str
    order_id: str | None
    event_id: str | None
    boot_id: str | None
    seconds: float | None
    not_after: float | None


def read_fields(payload: bytes) -> dict[str, Any]:
    """Return the object in a payload that has an `id`; raise UnreadableError."""
    if len(payload) > PAYLOAD_CAP:
        raise UnreadableError("oversized")
    try:
        fields = json.loads(payload)
    # Four thousand brackets fit into the cap and exhaust the parser's recursion.
    except (ValueError, RecursionError):
        raise UnreadableError("not JSON") from None
    if not isinstance(fields, dict):
        raise UnreadableError("not an object")
    if text(fields.get("id"), 64) is None:
        raise UnreadableError("no usable id")
    return fields


def read_command(fields: dict[str, Any]) -> Command:
    """Return the command in these fields; raise RefusedError for a wrong one."""
    if fields.get("v") != 1 or isinstance(fields["v"], bool):
        raise RefusedError("bad_version")
    if fields.get("cmd") not in KINDS:
        raise RefusedError("unknown_command")
    return Command(
        kind=fields["cmd"],
        order_id=_optional_text(fields, "order_id", 40),
        event_id=_optional_text(fields, "event_id", 128),
        boot_id=_optional_text(fields, "boot_id", 64),
        seconds=number(fields.get("seconds")),
        not_after=number(fields.get("not_after")),
    )


def text(value: object, cap: int) -> str | None:
    """Return a printable string of 1 to `cap` characters, else None."""
    if isinstance(value, str) and 1 <= len(value) <= cap and value.isprintable():
        return value
    return None


def number(value: object) -> float | None:
    """Return a sane number, else None: no bool, NaN, infinity or absurd size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Compared before converted: float() fails on an int of a thousand digits.
    return float(value) if -NUMBER_CAP < value < NUMBER_CAP else None


def _optional_text(fields: dict[str, Any], key: str, cap: int) -> str | None:
    """Return a text field that may be absent or null; raise RefusedError."""
    if fields.get(key) is None:
        return None
    value = text(fields[key], cap)
    if value is None:
        raise RefusedError(f"bad_{key}")
    return value
