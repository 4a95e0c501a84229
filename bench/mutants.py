"""Breaks PayBay on purpose, one small patch at a time, and asks whether a test notices.

A patch in `tests/mutants` begins with three lines: `Law:` (its number), `Breaks:`
(what a user would lose) and `Tests:` (the paths that should turn red).
"""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
import os
from pathlib import Path
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time

from script._layers import RUNS, Run

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "tests" / "mutants"
LAWS = range(1, 13)
HANGS_AFTER_S = 600
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One patch: the law it breaks, and the tests that should see it."""

    path: Path
    law: int
    breaks: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the file's name without its ending."""
        return self.path.stem


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of a mutant; `killer` is the test that turned red."""

    mutant: Mutant
    killer: str | None
    problem: str | None = None
    seconds: float = 0.0


def read(path: Path) -> Mutant:
    """Read a patch's heading; raise ValueError naming what is missing."""
    heading = path.read_text().partition("\n--- ")[0]
    found = dict(re.findall(r"^(Law|Breaks|Tests): (.+)$", heading, re.MULTILINE))
    if missing := {"Law", "Breaks", "Tests"} - found.keys():
        raise ValueError(f"{path.name}: no {', '.join(sorted(missing))} line")
    return Mutant(
        path=path,
        law=int(found["Law"]),
        breaks=found["Breaks"],
        tests=tuple(found["Tests"].split()),
    )


def read_all(only: str = "") -> list[Mutant]:
    """Return every mutant whose name contains `only`, in the order of the laws."""
    paths = sorted(PATCHES.glob("*.patch"))
    return [read(path) for path in paths if only in path.stem]


def run_of(test: str) -> Run:
    """Return the layer a test path belongs to; the last one made for it."""
    return [run for run in RUNS if test.startswith(run.path)][-1]


def copy_tree(to: Path) -> Path:
    """Copy what git knows, with the environments beside it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    for environment in (".venv", ".tools"):
        (to / environment).symlink_to(ROOT / environment)
    return to


def patch(tree: Path, mutant: Mutant, *, back: bool = False) -> None:
    """Apply a patch, or take it back; raise CalledProcessError if it does not fit."""
    options = ["--reverse"] if back else []
    subprocess.run(
        ["git", "apply", *options, str(mutant.path)],
        cwd=tree,
        check=True,
        capture_output=True,
        env={**os.environ, "GIT_DIR": os.devnull},
    )


def red(tree: Path, tests: Iterable[str]) -> str | None:
    """Run tests in a tree and return the first that fails, None if all pass.

    Raise RuntimeError when pytest could not do its work.
    """
    for run, paths in groupby(tests, run_of):
        named = list(paths)
        try:
            done = _pytest(tree, run, named)
        except subprocess.TimeoutExpired:
            return f"{' '.join(named)} (hangs)"
        if done.returncode == 1:
            failed = _FAILED.search(done.stdout)
            return failed[1] if failed else " ".join(named)
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return None


def _pytest(
    tree: Path, run: Run, tests: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(str(ROOT / run.python), "-m", "pytest", *tests, "-x", "-q"),
            *("--no-header", "-p", "no:cacheprovider", *run.options),
            # One process each: several mutants are tried at a time.
            *("-n", "0"),
        ],
        cwd=tree,
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS_AFTER_S,
        env=_environment(tree),
    )


def _environment(tree: Path) -> dict[str, str]:
    paths = os.pathsep.join((str(tree), str(tree / "pi_relay_bridge" / "src")))
    return {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}


def try_one(tree: Path, mutant: Mutant) -> Fate:
    """Apply a mutant, run its tests, and take it back."""
    began = time.monotonic()
    try:
        patch(tree, mutant)
    except subprocess.CalledProcessError as err:
        return Fate(mutant=mutant, killer=None, problem=f"does not apply: {err.stderr}")
    try:
        killer, problem = red(tree, mutant.tests), None
    except RuntimeError as err:
        killer, problem = None, f"pytest could not run: {err}"
    finally:
        patch(tree, mutant, back=True)
    seconds = time.monotonic() - began
    return Fate(mutant=mutant, killer=killer, problem=problem, seconds=seconds)


def try_all(mutants: Sequence[Mutant], jobs: int) -> list[Fate]:
    """Try every mutant alone, a few trees side by side."""
    trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="paybay-mutants-") as scratch:
        for number in range(jobs):
            trees.put(copy_tree(Path(scratch) / str(number)))

        def in_a_free_tree(mutant: Mutant) -> Fate:
            tree = trees.get()
            try:
                fate = try_one(tree, mutant)
            finally:
                trees.put(tree)
            print(_line(fate), flush=True)
            return fate

        print("first without any patch ...", flush=True)
        tests = sorted({test for mutant in mutants for test in mutant.tests})
        if failed := red(Path(scratch) / "0", tests):
            raise SystemExit(f"red without any patch: {failed}")
        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(in_a_free_tree, mutants))


def _line(fate: Fate) -> str:
    told = fate.problem or fate.killer or "SURVIVED"
    mutant = fate.mutant
    return f"law {mutant.law:2}  {mutant.name:44} {fate.seconds:6.1f} s  {told}"


def main(arguments: Sequence[str]) -> int:
    """Try the mutants; return 1 if one lives or cannot be tried."""
    parser = argparse.ArgumentParser(prog="script/bench --mutants")
    parser.add_argument("--only", default="", help="those whose name contains this")
    parser.add_argument("--jobs", type=int, default=2, help="trees side by side")
    options = parser.parse_args(arguments)
    fates = try_all(read_all(options.only), options.jobs)
    alive = [fate for fate in fates if fate.killer is None]
    print(f"\n{len(fates)} mutants, {len(fates) - len(alive)} noticed by a test")
    for fate in alive:
        print(f"NOT NOTICED {fate.mutant.name}: {fate.mutant.breaks}")
        print(f"    {fate.problem or 'all its tests passed'}")
    return int(bool(alive) or not fates)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
