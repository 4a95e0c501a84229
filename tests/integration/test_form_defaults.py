"""What forms with sections show before anybody has touched it.

Home Assistant's frontend takes a section's own default as all that is in it: an empty
one would show required fields empty and switches off.
"""

from typing import Any

from homeassistant.helpers import config_validation as cv
import probatio
import pytest

from custom_components.paybay.domain.merchant import Merchant
from custom_components.paybay.flows import bay_form, merchant_form

from .entries import TEN_MIN

FORM = bay_form.schema({TEN_MIN.code: TEN_MIN})
FORMS = (FORM, merchant_form.schema(Merchant()))
SECTIONS: list[dict[str, Any]] = [
    field
    for form in FORMS
    for field in probatio.to_field_list(form, custom_serializer=cv.custom_serializer)
    if isinstance(field, dict) and field.get("type") == "expandable"
]


def test_the_form_has_its_sections() -> None:
    names = {section["name"] for section in SECTIONS}
    assert {
        "who_switches_on",
        "early_end",
        "hours",
        "queue",
        "meter",
        "texts",
        "tax",
    } <= names


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["name"])
def test_each_section_shows_the_defaults_of_its_fields(section: dict[str, Any]) -> None:
    inner = {
        field["name"]: field["default"]
        for field in section["schema"]
        if "default" in field
    }
    assert section.get("default", inner) == inner
