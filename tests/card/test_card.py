"""The cards' own checks, and that what is committed is what their source makes."""

from pathlib import Path
import re
import subprocess

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "custom_components/paybay/frontend/paybay-card.js"


def test_types_and_tests_pass_and_the_committed_file_is_what_the_source_makes() -> None:
    done = subprocess.run(
        [ROOT / "script/card", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_built_file_asks_nobody_but_home_assistant() -> None:
    text = BUILT.read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    assert hosts <= {"github.com", "www.w3.org"}
    assert not re.findall(r"\b(fetch|XMLHttpRequest|sendBeacon|localStorage)\b", text)
