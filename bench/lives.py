"""Soak the stateful property test: thousands of random lives of a bay, each checked.

    script/bench --soak [--examples N] [--seed S] [--jobs J]

The work is done in chunks, each a pytest of its own with a seed of its own, so that all
cores help and every chunk's end is progress. A chunk that fails is printed whole, with
the line that plays it again.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import os
import secrets
import sys
import time

from demo.processes import ROOT

TEST = "tests/unit/core/test_any_life.py"
CHUNK = 50


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Some lives to play, from one seed."""

    seed: int
    examples: int

    @property
    def command(self) -> list[str]:
        """Return the words that play it."""
        return [
            sys.executable,
            "-m",
            "pytest",
            TEST,
            "-p",
            "no:homeassistant",
            "-q",
            "--no-header",
            "--show-capture=no",
            "--timeout=0",
            f"--hypothesis-seed={self.seed}",
        ]

    @property
    def again(self) -> str:
        """Return the line that plays it again and makes what fails short."""
        words = " ".join(["python", *self.command[1:]])
        return f"PAYBAY_SOAK_SHRINK=1 PAYBAY_SOAK_EXAMPLES={self.examples} {words}"


@dataclass(frozen=True, kw_only=True)
class Played:
    """How a chunk ended; `output` is pytest's."""

    chunk: Chunk
    passed: bool
    output: str


def chunks(examples: int, seed: int) -> list[Chunk]:
    """Split the work; each chunk has the next seed."""
    sizes = [CHUNK] * (examples // CHUNK)
    if rest := examples % CHUNK:
        sizes.append(rest)
    return [Chunk(seed=seed + at, examples=size) for at, size in enumerate(sizes)]


async def play(chunk: Chunk) -> Played:
    """Play a chunk in a process of its own."""
    env = {**os.environ, "PAYBAY_SOAK_EXAMPLES": str(chunk.examples)}
    child = await asyncio.create_subprocess_exec(
        *chunk.command,
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await child.communicate()
    text = output.decode(errors="replace")
    return Played(chunk=chunk, passed=child.returncode == 0, output=text)


async def play_all(work: Sequence[Chunk], jobs: int) -> list[Played]:
    """Play all chunks, some at a time, and say how far it is."""
    total, began_s = sum(chunk.examples for chunk in work), time.monotonic()
    turn = asyncio.Semaphore(jobs)
    found: list[Played] = []

    async def one(chunk: Chunk) -> None:
        async with turn:
            played = await play(chunk)
        found.append(played)
        if not played.passed:
            print(f"{played.output}\nplay it again: {chunk.again}", flush=True)
        done = sum(each.chunk.examples for each in found)
        failed = sum(not each.passed for each in found)
        took_s = time.monotonic() - began_s
        print(
            f"{done}/{total} lives, {failed} chunks failed, {took_s:.0f} s", flush=True
        )

    await asyncio.gather(*(one(chunk) for chunk in work))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak and return the exit status."""
    parser = argparse.ArgumentParser(prog="script/bench --soak", description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    found = asyncio.run(play_all(chunks(options.examples, options.seed), options.jobs))
    lost = [played.chunk.seed for played in found if not played.passed]
    lives = sum(played.chunk.examples for played in found)
    print(f"{lives} lives from seed {options.seed}: failed with seeds {lost or 'none'}")
    return int(bool(lost))


if __name__ == "__main__":
    sys.exit(main())
