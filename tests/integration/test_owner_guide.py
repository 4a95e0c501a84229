"""The owner's guide tells of everything there is."""

import re

import pytest

from custom_components.paybay.condition import CONDITIONS
from custom_components.paybay.trigger import TRIGGERS

from .test_quality_scale import ROOT
from .test_translations import EN

GUIDE = (ROOT / "docs" / "owner-guide.md").read_text()
SECTIONS = {
    "What it is for",
    "What you need",
    "Installation",
    "Configuration",
    "What you see",
    "How fresh it is",
    "Actions",
    "Triggers",
    "Conditions",
    "Examples",
    "What it cannot do",
    "When something is wrong",
    "Removing it",
}


def test_guide_has_a_place_for_each_question() -> None:
    assert set(re.findall(r"^##+ (.+)$", GUIDE, re.MULTILINE)) >= SECTIONS


def test_readme_leads_to_the_guide() -> None:
    assert "docs/owner-guide.md" in (ROOT / "README.md").read_text()


def test_guide_names_every_action_trigger_and_condition() -> None:
    named = set(re.findall(r"`paybay\.(\w+)`", GUIDE))
    assert named - {"db"} == {*EN["services"], *TRIGGERS, *CONDITIONS}


@pytest.mark.parametrize("kind", EN["entity"])
def test_guide_names_every_entity(kind: str) -> None:
    names = [texts["name"] for texts in EN["entity"][kind].values() if "name" in texts]
    assert [name for name in names if f"*{name}*" not in GUIDE] == []


def test_guide_knows_the_words_on_the_screen() -> None:
    steps = EN["config"]["step"]["reconfigure"]["menu_options"].values()
    assert "Show and try the webhook" in steps
    assert "*Show and try the webhook*" in GUIDE
