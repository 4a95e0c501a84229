"""Run the layers of tests, each in its own process, and print one table.

Started by script/test, which makes the environments first.
"""

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
import os
from pathlib import Path
import subprocess
import sys

from script import _coverage
from script._counts import Counts, faults, read_allowed, read_junit

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".tools" / "reports"
ALLOWED_SKIPS = ROOT / "tests" / "allowed_skips.txt"

VENV = ".venv/bin/python"
OLDEST = ".tools/bridge-py311/bin/python"
MIDDLE = ".tools/bridge-py313/bin/python"

# Home Assistant's test plugin blocks sockets and wraps every test; the layers
# that do without Home Assistant's fixtures do without it.
PLAIN = ("-p", "no:homeassistant")

# Tests that share nothing but the processor, two at a time: CI has two cores.
BESIDE = ("-n", "2", "--dist", "worksteal")
# The same for files of tests that share a site.
SITES_BESIDE = ("-n", "2", "--dist", "loadfile")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One pytest process: a folder of tests on one Python."""

    layer: str
    title: str
    path: str
    python: str = VENV
    options: tuple[str, ...] = ()
    covers: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended; without counts it left no report, or was left out."""

    title: str
    counts: Counts | None = None
    faults: tuple[str, ...] = ()
    left_out: bool = False


RUNS = (
    Run(layer="script", title="script", path="script/tests", options=PLAIN),
    Run(layer="card", title="card", path="tests/card", options=PLAIN),
    Run(
        layer="unit",
        title="unit",
        path="tests/unit",
        options=(*PLAIN, *BESIDE),
        covers=True,
    ),
    Run(
        layer="integration",
        title="integration",
        path="tests/integration",
        options=BESIDE,
        covers=True,
    ),
    Run(
        layer="bridge",
        title="bridge, oldest Python",
        path="tests/bridge",
        python=OLDEST,
        options=BESIDE,
    ),
    Run(
        layer="bridge",
        title="bridge, Python 3.13",
        path="tests/bridge",
        python=MIDDLE,
        options=BESIDE,
    ),
    Run(
        layer="bridge",
        title="bridge, newest Python",
        path="tests/bridge",
        options=(*PLAIN, *BESIDE),
    ),
    Run(layer="esphome", title="esphome", path="tests/esphome", options=PLAIN),
    Run(layer="e2e", title="e2e", path="tests/e2e", options=PLAIN),
    Run(
        layer="browser",
        title="browser",
        path="tests/browser",
        options=(*PLAIN, *SITES_BESIDE),
    ),
)
LAYERS = tuple(dict.fromkeys(run.layer for run in RUNS))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; what follows '--' goes to pytest."""
    parser = argparse.ArgumentParser(
        prog="script/test",
        description="Run every layer of tests. A layer in which no test runs, and a"
        " skip that tests/allowed_skips.txt does not list, count as failures.",
    )
    add = parser.add_argument
    add("--layer", action="append", choices=LAYERS, help="only this one (repeatable)")
    add("--without", action="append", choices=LAYERS, help="all but this (repeatable)")
    add("pytest", nargs="*", metavar="-- PYTEST-ARGUMENT", help="passed to pytest")
    return parser.parse_args(arguments)


def command(run: Run, report: Path, extra: Sequence[str]) -> list[str]:
    """Return the command line of a run."""
    return [
        str(ROOT / run.python),
        "-m",
        "pytest",
        run.path,
        "--quiet",
        "--no-header",
        f"--junitxml={report}",
        *run.options,
        *(_coverage.OPTIONS if run.covers else ()),
        *extra,
    ]


def carry_out(run: Run, extra: Sequence[str], allowed: Collection[str]) -> Outcome:
    """Run a layer's tests and judge what they left behind."""
    print(f"\n=== {run.title} ===", flush=True)
    if not (ROOT / run.path).is_dir():
        return Outcome(title=run.title, faults=(f"there is no {run.path}",))
    report = REPORTS / f"{run.title.replace(', ', '-').replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        command(run, report, extra),
        cwd=ROOT,
        env=environment() | _coverage.environment(REPORTS, run.layer),
        check=False,
    )
    counts = read_junit(report)
    found = faults(counts, done.returncode, frozenset(allowed))
    return Outcome(title=run.title, counts=counts, faults=tuple(found))


def environment() -> dict[str, str]:
    """Return an environment in which programs that tests start find our code."""
    paths = (str(ROOT), str(ROOT / "pi_relay_bridge" / "src"))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def carry_out_all(
    runs: Sequence[Run], left_out: Collection[str], work: Callable[[Run], Outcome]
) -> list[Outcome]:
    """Run every layer, whatever becomes of the others."""
    return [
        Outcome(title=run.title, left_out=True) if run.layer in left_out else work(run)
        for run in runs
    ]


def table(outcomes: Sequence[Outcome]) -> str:
    """Return one line a run, then what is wrong, then the sum."""
    width = max(len(outcome.title) for outcome in outcomes)
    lines = [f"{'':{width}}  passed  failed  skipped  seconds"]
    lines += [_row(outcome, width) for outcome in outcomes]
    lines += [
        f"FAILED {outcome.title}: {fault}"
        for outcome in outcomes
        for fault in outcome.faults
    ]
    total = sum((o.counts for o in outcomes if o.counts), start=Counts())
    return "\n".join([*lines, str(total)])


def _row(outcome: Outcome, width: int) -> str:
    if outcome.left_out:
        return f"{outcome.title:{width}}  left out, as asked"
    counts = outcome.counts or Counts()
    return (
        f"{outcome.title:{width}}  {counts.passed:6}  {counts.failed:6}"
        f"  {len(counts.skipped):7}  {counts.seconds:7.1f}"
    )


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and return the exit status."""
    options = parse(arguments)
    runs = [run for run in RUNS if run.layer in (options.layer or LAYERS)]
    REPORTS.mkdir(parents=True, exist_ok=True)
    allowed = read_allowed(ALLOWED_SKIPS)
    outcomes = carry_out_all(
        runs, options.without or (), lambda run: carry_out(run, options.pytest, allowed)
    )
    missed = [] if options.pytest else judge_coverage(outcomes)
    print(f"\n{table(outcomes)}", *missed, sep="\n", flush=True)
    return int(bool(missed) or any(outcome.faults for outcome in outcomes))


def judge_coverage(outcomes: Collection[Outcome]) -> list[str]:
    """Return what is wrong with what was reached, once all who reach for it ran."""
    wanted = [run for run in RUNS if run.covers]
    ran = {outcome.title for outcome in outcomes if outcome.counts}
    if not {run.title for run in wanted} <= ran:
        return []
    return _coverage.judge(ROOT / VENV, REPORTS, [run.layer for run in wanted])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
