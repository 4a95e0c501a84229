"""The soak of the stateful test plays every life once, and fails if one does."""

from pathlib import Path

import pytest

from bench import lives
from bench.lives import CHUNK, Chunk, chunks, main


def test_all_lives_are_played_each_chunk_from_a_seed_of_its_own() -> None:
    work = chunks(2 * CHUNK + 7, seed=40)
    assert [chunk.examples for chunk in work] == [CHUNK, CHUNK, 7]
    assert [chunk.seed for chunk in work] == [40, 41, 42]


def test_a_failed_chunk_says_how_to_play_it_again() -> None:
    again = Chunk(seed=41, examples=9).again
    env = "PAYBAY_SOAK_SHRINK=1 PAYBAY_SOAK_EXAMPLES=9"
    assert again.startswith(f"{env} python -m pytest ")
    assert again.endswith("--hypothesis-seed=41")


@pytest.mark.parametrize(("body", "status"), [("assert True", 0), ("assert False", 1)])
def test_one_broken_life_fails_the_soak(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    body: str,
    status: int,
) -> None:
    file = tmp_path / "test_life.py"
    file.write_text(f"def test_life() -> None:\n    {body}\n", encoding="utf-8")
    monkeypatch.setattr(lives, "TEST", str(file))
    assert main(["--examples", "1", "--seed", "3", "--jobs", "1"]) == status
    printed = capsys.readouterr().out
    assert "1/1 lives" in printed
    assert ("play it again" in printed) == bool(status)
