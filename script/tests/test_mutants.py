"""The patches that break PayBay on purpose fit the code, and cover every law."""

from collections import Counter
from pathlib import Path
import subprocess

import pytest

from bench import mutants
from bench.mutants import LAWS, ROOT, Mutant

ALL = mutants.read_all()


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_each_patch_still_fits_the_code(mutant: Mutant) -> None:
    """One that does not has to be made anew: it would prove nothing."""
    done = subprocess.run(
        ["git", "apply", "--check", str(mutant.path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_the_tests_that_should_notice_exist(mutant: Mutant) -> None:
    """And each belongs to a layer that script/test runs."""
    for test in mutant.tests:
        assert (ROOT / test).exists()
        assert test.startswith(mutants.run_of(test).path)


def test_every_law_is_broken_in_two_ways_at_least() -> None:
    """Twelve laws, none of which only seems to be tested."""
    broken = Counter(mutant.law for mutant in ALL)

    assert {law for law in LAWS if broken[law] < 2} == set()
    assert set(broken) == set(LAWS)


def test_a_patch_without_its_heading_is_refused(tmp_path: Path) -> None:
    """With the name of the line that is missing."""
    lonely = tmp_path / "lonely.patch"
    lonely.write_text("Law: 1\n\n--- a/x\n+++ b/x\n")

    with pytest.raises(ValueError, match="Breaks, Tests"):
        mutants.read(lonely)


def test_a_patch_that_nobody_notices_is_told_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A patch of a file that no test reads survives, and fails the run."""
    harmless = tmp_path / "harmless.patch"
    harmless.write_text(
        "Law: 1\nBreaks: nothing\nTests: script/tests/test_counts.py\n\n"
        "--- a/LICENSE\n+++ b/LICENSE\n@@ -1,4 +1,4 @@\n"
        + "".join(_first_lines_of_the_licence())
    )
    monkeypatch.setattr(mutants, "PATCHES", tmp_path)

    assert mutants.main(["--jobs", "1"]) == 1
    assert "all its tests passed" in capsys.readouterr().out


def _first_lines_of_the_licence() -> list[str]:
    first, *others = (ROOT / "LICENSE").read_text().splitlines()[:4]
    return [f"-{first}\n+Broken\n", *(f" {line}\n" for line in others)]
