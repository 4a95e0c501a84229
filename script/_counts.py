"""Read what a pytest run counted from its JUnit file, and judge it."""

from collections.abc import Iterable, Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Self, override
from xml.etree import ElementTree as ET


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What one run came to. Skipped tests are kept by name."""

    passed: int = 0
    failed: int = 0
    skipped: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def run(self) -> int:
        """Return how many tests really ran."""
        return self.passed + self.failed

    def __add__(self, other: Self) -> Counts:
        return Counts(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            skipped=self.skipped + other.skipped,
            seconds=self.seconds + other.seconds,
        )

    @override
    def __str__(self) -> str:
        return (
            f"{self.passed} passed, {self.failed} failed, {len(self.skipped)} skipped"
        )


def read_junit(path: Path) -> Counts | None:
    """Return the counts in a JUnit file, or None if there is no whole file."""
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - written by our own pytest
    except OSError, ET.ParseError:
        return None
    suites = list(root.iter("testsuite"))
    return _count(root.iter("testcase"), sum(float(s.get("time", 0)) for s in suites))


def _count(cases: Iterable[ET.Element], seconds: float) -> Counts:
    """Count every test once: one that fails in its clean-up is written twice."""
    failed, skipped, passed = set[str](), set[str](), set[str]()
    for case in cases:
        name = _name(case)
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(name)
        elif case.find("skipped") is not None:
            skipped.add(name)
        else:
            passed.add(name)
    return Counts(
        passed=len(passed - failed),
        failed=len(failed),
        skipped=tuple(sorted(skipped - failed)),
        seconds=seconds,
    )


def _name(case: ET.Element) -> str:
    """Return "package.module.Class::test[parameters]", or the module alone."""
    parts = (case.get("classname"), case.get("name"))
    return "::".join(part for part in parts if part)


def read_allowed(path: Path) -> frozenset[str]:
    """Return the names of the tests that may be skipped, one a line.

    What follows a '#' is the reason, for people.
    """
    if not path.exists():
        return frozenset()
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return frozenset(line for line in lines if line)


def faults(
    counts: Counts | None, exit_code: int, allowed: AbstractSet[str]
) -> list[str]:
    """Say what is wrong with a run; nothing if all is well."""
    if counts is None:
        return [f"pytest ended with {exit_code} and left no report"]
    found = [
        f"skipped, but not listed as allowed: {name}"
        for name in counts.skipped
        if not _is_allowed(name, allowed)
    ]
    if not counts.run:
        found.append("no test ran")
    if counts.failed:
        found.append(f"{counts.failed} failed")
    elif exit_code and counts.run:
        found.append(f"pytest ended with {exit_code}")
    return found


def _is_allowed(name: str, allowed: AbstractSet[str]) -> bool:
    """Tell whether a skip is listed, with its parameters or without."""
    return name in allowed or name.partition("[")[0] in allowed
