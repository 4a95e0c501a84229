import os
from pathlib import Path
import subprocess
import sys

import pytest

from script import _coverage, _layers
from script._counts import Counts
from script._layers import (
    LAYERS,
    RUNS,
    Outcome,
    Run,
    carry_out,
    carry_out_all,
    parse,
    table,
)

SOME = Run(layer="some", title="some", path="tests/some", options=("-p", "no:x"))


def test_every_layer_is_known_by_name() -> None:
    expected = (
        *("script", "card", "unit", "integration"),
        *("bridge", "esphome", "e2e", "browser"),
    )
    assert expected == LAYERS


def test_the_bridge_runs_on_three_pythons() -> None:
    assert len({run.python for run in RUNS if run.layer == "bridge"}) == 3


def test_only_the_integration_layer_has_home_assistants_plugin() -> None:
    with_plugin = {run.layer for run in RUNS if run.options[:2] != _layers.PLAIN}
    assert with_plugin == {"integration", "bridge"}


def test_what_follows_two_dashes_goes_to_pytest() -> None:
    options = parse(["--layer", "unit", "--", "-k", "money"])
    assert options.layer == ["unit"]
    assert options.pytest == ["-k", "money"]
    command = _layers.command(SOME, Path("r.xml"), options.pytest)
    assert command[3:] == [
        "tests/some",
        "--quiet",
        "--no-header",
        "--junitxml=r.xml",
        "-p",
        "no:x",
        "-k",
        "money",
    ]


def test_reach_is_judged_only_where_all_that_measure_it_ran() -> None:
    unit = Outcome(title="unit", counts=Counts(passed=1))
    left_out = Outcome(title="integration", left_out=True)
    assert _layers.judge_coverage([unit, left_out]) == []


def test_too_little_reached_is_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / ".tools" / "reports"
    folder.mkdir(parents=True)
    (tmp_path / "half.py").write_text(
        "import sys\nif sys.argv[1:]:\n    A = 1\nB = 2\n"
    )
    environment = os.environ | _coverage.environment(folder, "some")
    subprocess.run(
        [sys.executable, "-m", "coverage", "run", "--branch", "half.py"],
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    found = _coverage.judge(Path(sys.executable), folder, ["some"])
    assert found == ["coverage below 95 %"]


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(SystemExit):
        parse(["--without", "everything"])


def test_a_layer_left_out_does_not_run_and_all_others_do() -> None:
    ran: list[str] = []

    def work(run: Run) -> Outcome:
        ran.append(run.title)
        return Outcome(title=run.title, faults=("1 failed",))

    outcomes = carry_out_all(RUNS, ["unit"], work)
    assert "unit" not in ran
    assert len(ran) == len(RUNS) - 1 == len([o for o in outcomes if o.faults])


def test_a_missing_folder_is_a_fault() -> None:
    assert carry_out(SOME, [], []).faults == ("there is no tests/some",)


def test_a_real_run_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tests" / "some"
    folder.mkdir(parents=True)
    (folder / "test_it.py").write_text(
        "import pytest\ndef test_good(): pass\ndef test_bad(): assert False\n"
        "def test_skipped(): pytest.skip()\n"
    )
    (tmp_path / ".venv").symlink_to(_layers.ROOT / ".venv")
    monkeypatch.setattr(_layers, "ROOT", tmp_path)
    monkeypatch.setattr(_layers, "REPORTS", tmp_path)
    outcome = carry_out(SOME, ["-p", "no:homeassistant"], [])
    assert str(outcome.counts) == "1 passed, 1 failed, 1 skipped"
    assert outcome.faults == (
        "skipped, but not listed as allowed: tests.some.test_it::test_skipped",
        "1 failed",
    )


def test_the_table_ends_with_the_sum_on_a_line_of_its_own() -> None:
    lines = table(
        [
            Outcome(title="unit", counts=Counts(passed=2, skipped=("a::b",))),
            Outcome(title="e2e", faults=("there is no tests/e2e",)),
            Outcome(title="bridge", left_out=True),
        ]
    ).splitlines()
    assert lines[-1] == "2 passed, 0 failed, 1 skipped"
    assert lines[-2] == "FAILED e2e: there is no tests/e2e"
    assert lines[3] == "bridge  left out, as asked"
