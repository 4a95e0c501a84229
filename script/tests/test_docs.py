"""What the documents name is there."""

import re

from script._layers import ROOT

NAMED = re.compile(r"\b(test_\w+\.py)|\b(test_\w+)`")


def test_every_test_that_device_safety_names_exists() -> None:
    text = (ROOT / "docs" / "device-safety.md").read_text(encoding="utf-8")
    folder = ROOT / "tests" / "bridge"
    sources = {path.name: path.read_text() for path in folder.glob("test_*.py")}
    found = NAMED.findall(text)
    assert len(found) > 40
    for file, name in found:
        assert file in sources if file else f"def {name}(" in "".join(sources.values())
