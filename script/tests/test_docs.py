"""What the documents name as proof is there."""

import ast
import re

import pytest

from script._layers import ROOT

NAMED = re.compile(r"\b(test_\w+\.py)|\b(test_\w+)`")
_PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)")
PROOFS = sorted(
    {
        (document.name, file, test)
        for document in (ROOT / "docs").glob("*.md")
        for file, test in _PROOF.findall(document.read_text())
    }
)


def test_every_test_that_device_safety_names_exists() -> None:
    """By its name, among the tests with the bridge's own program."""
    text = (ROOT / "docs" / "device-safety.md").read_text(encoding="utf-8")
    files = [
        path
        for folder in ("bridge", "e2e")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
    ]
    sources = {path.name: path.read_text() for path in files}
    found = NAMED.findall(text)
    assert len(found) > 40
    for file, name in found:
        assert file in sources if file else f"def {name}(" in "".join(sources.values())


@pytest.mark.parametrize(("document", "file", "test"), PROOFS)
def test_a_test_that_a_document_names_is_there(
    document: str, file: str, test: str
) -> None:
    """Under its name: a table of proofs that are gone proves nothing."""
    names = {
        node.name
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert test in names, document


def test_each_of_the_twenty_faults_has_a_proof() -> None:
    """Row by row."""
    text = (ROOT / "docs" / "reliability.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*$", text, re.MULTILINE)

    assert [int(row) for row in rows] == list(range(1, 21))
    for line in re.findall(r"^\| \d+ \|.*$", text, re.MULTILINE):
        assert _PROOF.search(line), line
