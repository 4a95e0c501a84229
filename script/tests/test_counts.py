from pathlib import Path

import pytest

from script._counts import Counts, faults, read_allowed, read_junit

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" time="1.5">
  <testcase classname="tests.unit.test_money" name="test_adds" />
  <testcase classname="tests.unit.test_money" name="test_rounds"><failure/></testcase>
  <testcase classname="tests.unit.test_money" name="test_rounds"><error/></testcase>
  <testcase classname="tests.unit.test_pi" name="test_pins[1]"><skipped/></testcase>
  <testcase classname="tests.unit.test_pi" name="test_leaks" />
  <testcase classname="tests.unit.test_pi" name="test_leaks"><error/></testcase>
  <testcase classname="" name="tests.unit.test_mac"><skipped/></testcase>
</testsuite></testsuites>
"""
GREEN = Counts(passed=3)


@pytest.fixture
def counts(tmp_path: Path) -> Counts:
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    counts = read_junit(path)
    assert counts is not None
    return counts


def test_a_test_that_fails_and_then_fails_to_clean_up_counts_once(
    counts: Counts,
) -> None:
    assert (counts.passed, counts.failed, counts.seconds) == (1, 2, 1.5)


def test_skips_are_known_by_name(counts: Counts) -> None:
    assert counts.skipped == ("tests.unit.test_mac", "tests.unit.test_pi::test_pins[1]")


@pytest.mark.parametrize("text", ["", "<testsuites><testsuite>"])
def test_a_report_that_breaks_off_is_no_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.xml"
    path.write_text(text)
    assert read_junit(path) is None
    assert read_junit(tmp_path / "missing.xml") is None


def test_a_run_without_a_report_is_a_fault_even_if_it_ended_well() -> None:
    assert faults(None, 0, frozenset())


def test_a_green_run_has_no_fault() -> None:
    assert faults(GREEN, 0, frozenset()) == []


def test_a_run_of_nothing_is_a_fault() -> None:
    assert faults(Counts(), 5, frozenset()) == ["no test ran"]
    assert "no test ran" in faults(Counts(skipped=("a::b",)), 0, {"a::b"})


def test_a_failure_is_a_fault_whatever_pytest_answers() -> None:
    assert faults(Counts(passed=1, failed=1), 0, frozenset()) == ["1 failed"]


def test_an_interrupted_run_is_a_fault_although_all_its_tests_passed() -> None:
    assert faults(GREEN, 2, frozenset()) == ["pytest ended with 2"]


@pytest.mark.parametrize(
    ("allowed", "wrong"),
    [
        (set(), 1),
        ({"a::b"}, 0),
        ({"a::b[x]"}, 0),
        ({"a::b[y]"}, 1),
        ({"a"}, 1),
    ],
)
def test_a_skip_needs_to_be_listed(allowed: set[str], wrong: int) -> None:
    skipped = Counts(passed=1, skipped=("a::b[x]",))
    assert len(faults(skipped, 0, allowed)) == wrong


def test_the_list_of_allowed_skips_carries_reasons(tmp_path: Path) -> None:
    path = tmp_path / "allowed.txt"
    path.write_text("# a head line\n\na::b  # needs a Pi\nc::d\n")
    assert read_allowed(path) == {"a::b", "c::d"}
    assert read_allowed(tmp_path / "missing.txt") == frozenset()
