"""Run the crash soak: `script/bench --crash N [--seed S] [--sites K] [--keep DIR]`."""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
import secrets
import shutil
import sys
import tempfile
import time

from .evidence import Evidence
from .laws import judge
from .report import describe, summary
from .soak import Soaked, soak
from .spec import SoakPlan

SAY_EVERY_S = 5.0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="script/bench --crash", description=__doc__)
    add = parser.add_argument
    add(
        "kills",
        type=int,
        nargs="?",
        default=0,
        help="how often something is killed, over all sites",
    )
    add("--seed", default=secrets.token_hex(4), help="what to play; timing varies")
    add("--sites", type=int, default=1, help="sites that run side by side")
    add("--keep", type=Path, help="keep the sites' directories here in any case")
    add("--judge", type=Path, help="only judge an evidence.json of an earlier soak")
    return parser.parse_args(arguments)


def speaker(name: str, began_s: float) -> Callable[[str], None]:
    """Return a voice that speaks every few seconds at most."""
    last_s = -SAY_EVERY_S

    def say(text: str) -> None:
        nonlocal last_s
        now_s = time.monotonic() - began_s
        if now_s - last_s >= SAY_EVERY_S:
            last_s = now_s
            print(f"{now_s // 60:3.0f}:{now_s % 60:02.0f} {name} {text}", flush=True)

    return say


async def soak_all(options: argparse.Namespace, home: Path) -> list[Soaked]:
    """Soak the sites side by side."""
    began_s = time.monotonic()
    share = -(-options.kills // options.sites)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                soak(
                    home / f"site{number}",
                    SoakPlan(seed=f"{options.seed}.{number}", kills=share),
                    speaker(f"site {number}", began_s),
                )
            )
            for number in range(1, options.sites + 1)
        ]
    return [task.result() for task in tasks]


def judge_again(file: Path) -> int:
    """Judge kept evidence; return the exit status."""
    evidence = Evidence.from_json(file.read_text(encoding="utf-8"))
    violations = judge(evidence)
    for violation in violations:
        print(describe(evidence, violation))
    print(f"{len(violations)} violations")
    return int(bool(violations))


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, report, and return the exit status."""
    options = parse(arguments)
    if options.judge:
        return judge_again(options.judge)
    home = options.keep or Path(tempfile.mkdtemp(prefix="paybay-crash-"))
    home.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}", flush=True)
    kept = True
    try:
        found = asyncio.run(soak_all(options, home))
        kept = bool(options.keep) or any(each.violations for each in found)
    finally:
        if kept:
            print(f"kept {home}", flush=True)
        else:
            shutil.rmtree(home)
    for each in found:
        for violation in each.violations:
            print(describe(each.evidence, violation))
        print(summary(each))
    return int(any(each.violations for each in found))


if __name__ == "__main__":
    sys.exit(main())
