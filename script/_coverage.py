"""How much of the integration its own tests reach: measured beside two layers."""

import os
from pathlib import Path
import subprocess

AT_LEAST = 95
"""Percent of lines and branches (Home Assistant's quality scale, `test-coverage`)."""
OPTIONS = ("--cov", "--cov-report=")


def environment(folder: Path, layer: str) -> dict[str, str]:
    """Return where a layer is to keep what it measures."""
    return {"COVERAGE_FILE": str(folder / f".coverage.{layer}")}


def judge(python: Path, folder: Path, layers: list[str]) -> list[str]:
    """Print what the layers reached together; return what is wrong with that."""
    both = {**os.environ, "COVERAGE_FILE": str(folder / ".coverage")}
    found = [str(folder / f".coverage.{layer}") for layer in layers]
    for words in (
        ["combine", "--quiet", *found],
        ["html", "--quiet", "--directory", str(folder / "coverage")],
        ["report", "--format=total", "--precision=1"],
    ):
        done = subprocess.run(
            [python, "-m", "coverage", *words],
            cwd=folder.parents[1],
            env=both,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return [f"coverage {words[0]}: {done.stdout}{done.stderr}".strip()]
    print(f"\nlines and branches reached: {done.stdout.strip()} %", flush=True)
    if float(done.stdout) < AT_LEAST:
        return [f"coverage below {AT_LEAST} %"]
    return []
