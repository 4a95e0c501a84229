"""No text is left over that nothing shows, and nothing is made without its text."""

import ast
from collections.abc import Iterator
import re
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.paybay.condition import CONDITIONS
from custom_components.paybay.domain.happenings import What
from custom_components.paybay.fault_issues import KNOWN
from custom_components.paybay.trigger import TRIGGERS

from .source_scan import FOLDER
from .test_translations import EN, ICONS

_FLOWS = {
    "config": EN["config"],
    "options": EN.get("options", {}),
    **{f"subentry {kind}": part for kind, part in EN["config_subentries"].items()},
    **{
        f"issue {key}": issue["fix_flow"]
        for key, issue in EN["issues"].items()
        if "fix_flow" in issue
    },
}
_SERVICES = (FOLDER / "services.yaml").read_text()
_NAMED = {"data", "data_description", "menu_options", "menu_option_descriptions"}


def _trees() -> Iterator[ast.Module]:
    for file in FOLDER.rglob("*.py"):
        yield ast.parse(file.read_text())


def words_of_the_source() -> tuple[set[str], set[str]]:
    """Return every text in the source, and every beginning of one that is made."""
    whole: set[str] = set()
    begun: set[str] = set()
    for tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                begun |= set(_beginnings(node))
                whole |= set(_endings(node))
            elif isinstance(node, ast.AsyncFunctionDef):
                whole.add(node.name.removeprefix("async_step_"))
    return whole, begun


def _beginnings(text: ast.JoinedStr) -> Iterator[str]:
    """Return what a made text begins with, and the key it begins after a dot."""
    for place, part in enumerate(text.values[:-1]):
        if isinstance(part, ast.Constant):
            words = str(part.value)
            if place and "." not in words:
                continue
            key = words.rpartition(".")[2]
            if key.endswith("_"):
                yield key


def _endings(text: ast.JoinedStr) -> Iterator[str]:
    """Return the key that a made text ends with, after a dot."""
    last = text.values[-1]
    if isinstance(last, ast.Constant) and "." in str(last.value):
        yield str(last.value).rpartition(".")[2]


WHOLE, BEGUN = words_of_the_source()


def is_used(key: str) -> bool:
    return key in WHOLE or any(key.startswith(start) for start in BEGUN)


def keys_of(flow: dict[str, Any]) -> Iterator[str]:
    """Return the names of a flow's steps, fields, sections, errors and aborts."""
    yield from flow.get("error", {})
    yield from flow.get("abort", {})
    for name, step in flow.get("step", {}).items():
        yield name
        for part in (step, *step.get("sections", {}).values()):
            for kind in _NAMED & set(part):
                yield from part[kind]
        yield from step.get("sections", {})


@pytest.mark.parametrize("flow", _FLOWS)
def test_no_text_of_a_flow_is_left_over(flow: str) -> None:
    assert sorted({key for key in keys_of(_FLOWS[flow]) if not is_used(key)}) == []


@pytest.mark.parametrize("kind", ["common", "selector"])
def test_no_other_text_is_left_over(kind: str) -> None:
    yaml = set(re.findall(r"translation_key: (\w+)", _SERVICES))
    assert [key for key in EN[kind] if not is_used(key) and key not in yaml] == []


def test_a_text_that_nothing_shows_would_be_noticed() -> None:
    assert not is_used("no_such_thing")
    assert is_used("qr_sheet_title")


def test_every_issue_that_is_named_in_the_source_has_words_and_the_reverse() -> None:
    named = {
        str(node.value.value)
        for tree in _trees()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and ast.unparse(node).startswith("ISSUE_")
    }
    made: set[str] = {What.RELAY_STRAY, What.RELAY_STUCK}
    made |= {f"device_fault_{word}" for word in (*KNOWN, "other")}
    assert named
    assert named | made == set(EN["issues"])


@pytest.mark.parametrize(
    ("kind", "made"), [("triggers", TRIGGERS), ("conditions", CONDITIONS)]
)
def test_every_trigger_and_condition_has_words_an_icon_and_a_form(
    kind: str, made: dict[str, Any]
) -> None:
    forms = load_yaml_dict(str(FOLDER / f"{kind}.yaml"))
    shown = {key for key in forms if not key.startswith(".")}
    assert shown == set(made) == set(EN[kind]) == set(ICONS[kind])
    for key in made:
        words = EN[kind][key]
        assert words["name"]
        assert words["description"]
        assert set(words.get("fields", {})) == set(forms[key].get("fields", {}))
        assert set(ICONS[kind][key]) == {kind.removesuffix("s")}


def test_icons_are_for_things_that_are_there() -> None:
    assert set(ICONS) <= {"conditions", "entity", "services", "triggers"}
    assert set(ICONS["entity"]) >= set(EN["entity"])
