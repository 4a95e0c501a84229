"""What `check` found: one line each, ok, warn or error, with what to do about it."""

from collections.abc import Iterable
import dataclasses
from dataclasses import dataclass
import json

OK, WARN, ERROR = "ok", "warn", "error"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `advice` is what to do, in the imperative."""

    name: str
    level: str
    text: str
    advice: str | None = None


def ok(name: str, text: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(name=name, level=OK, text=text)


def warn(name: str, text: str, advice: str) -> Finding:
    """Return a finding that the owner should know."""
    return Finding(name=name, level=WARN, text=text, advice=advice)


def error(name: str, text: str, advice: str) -> Finding:
    """Return a finding with which the bridge does not work."""
    return Finding(name=name, level=ERROR, text=text, advice=advice)


def show(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print findings as they come; return 1 if one is an error, else 0."""
    if as_json:
        found = list(findings)
        print(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
        return _status(found)
    found = []
    for each in findings:
        found.append(each)
        print(f"{each.level:<6}{each.name}: {each.text}")
        if each.advice:
            print(f"      -> {each.advice}", flush=True)
    return _status(found)


def _status(found: list[Finding]) -> int:
    """Return the exit code."""
    return int(any(each.level == ERROR for each in found))
