"""What a bay's form shows before anybody has touched it.

Home Assistant's frontend takes a section's own default as all that is in it: an empty
one would show required fields empty and switches off.
"""

from typing import Any

from homeassistant.helpers import config_validation as cv
import probatio
import pytest

from custom_components.paybay.flows import bay_form

from .entries import TEN_MIN

FORM = bay_form.schema({TEN_MIN.code: TEN_MIN})
SECTIONS: list[dict[str, Any]] = [
    field
    for field in probatio.to_field_list(FORM, custom_serializer=cv.custom_serializer)
    if isinstance(field, dict) and field.get("type") == "expandable"
]


def test_the_form_has_its_sections() -> None:
    names = {section["name"] for section in SECTIONS}
    assert {"who_switches_on", "early_end", "hours", "queue", "meter"} <= names


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["name"])
def test_each_section_shows_the_defaults_of_its_fields(section: dict[str, Any]) -> None:
    inner = {
        field["name"]: field["default"]
        for field in section["schema"]
        if "default" in field
    }
    assert section.get("default", inner) == inner
