"""What every action has in common, whatever it does."""

from typing import Any

from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.selector import selector
from homeassistant.util.yaml import load_yaml_dict
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .site_fixtures import paid
from .source_scan import FOLDER
from .test_translations import EN

YAML = load_yaml_dict(str(FOLDER / "services.yaml"))
ADMINS_ONLY: dict[str, dict[str, Any]] = {
    "export_orders": {"from": "2026-01-01", "to": "2026-01-31"},
    "install_blueprints": {},
    "provision_qr": {"bay": ["switch.bay_1"]},
    "reconcile": {"config_entry_id": "x"},
    "refund_order": {"order_id": "ord_1"},
    "retire_qr": {"bay": "switch.bay_1", "confirm": "Bay 1"},
    "serve_order": {"order_id": "ord_1"},
    "settle_order": {"order_id": "ord_1", "choice": "refund"},
    "waive_refund": {"order_id": "ord_1"},
}
"""Actions that move money, take bays' codes down, or hand out the books."""
BY_RIGHT_OVER_THE_BAY: dict[str, dict[str, Any]] = {
    "confirm_cash_back": {"order_id": "of the bay"},
    "create_order": {"bay": "switch.bay_1", "plan": "ten_min"},
    "get_orders": {"bay": "switch.bay_1"},
    "start_session": {"bay": "switch.bay_1"},
    "stop_session": {"bay": "switch.bay_1"},
}
"""Actions for whoever may use, or see, the bay's switch."""

FOR_EVERYBODY = {"get_posters", "get_shift_report"}
"""Actions that tell what hangs on the wall anyway, or only of who asks."""


def test_every_action_says_who_may_use_it() -> None:
    assert {*ADMINS_ONLY, *BY_RIGHT_OVER_THE_BAY, *FOR_EVERYBODY} == set(YAML)


@pytest.mark.parametrize("action", ADMINS_ONLY | BY_RIGHT_OVER_THE_BAY)
async def test_somebody_without_the_right_is_refused(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    user = hass_read_only_user
    # An admin's neighbour may use everything in the house, and yet no admin's action.
    policy = {"entities": True} if action in ADMINS_ONLY else {}
    user.mock_policy(policy)
    user.groups = []
    data = (ADMINS_ONLY | BY_RIGHT_OVER_THE_BAY)[action]
    if data.get("order_id") == "of the bay":
        data = {"order_id": (await paid(hass, site_entry)).id}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "paybay",
            action,
            data,
            blocking=True,
            context=Context(user_id=user.id),
            return_response=True,
        )


async def test_every_action_answers(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    silent = [
        name
        for name in YAML
        if hass.services.supports_response("paybay", name) is SupportsResponse.NONE
    ]
    assert silent == []


@pytest.mark.parametrize("action", YAML)
async def test_form_of_an_action_asks_for_what_it_takes(
    hass: HomeAssistant, site_entry: MockConfigEntry, action: str
) -> None:
    schema: Any = hass.services.async_services()["paybay"][action].schema
    taken = {str(key): key for key in schema.schema}
    fields = YAML[action]["fields"]
    assert set(fields) == set(taken)
    for name, field in fields.items():
        key = taken[name]
        selector(field["selector"])
        assert bool(field.get("required")) == isinstance(key, probatio.Required), name
        default: Any = getattr(key, "default", None)
        if callable(default):
            nothing = type(default())()
            assert field.get("default", nothing) == default(), name


def test_what_can_be_chosen_in_an_action_has_words_and_the_reverse() -> None:
    chosen = [
        config["select"]
        for action in YAML.values()
        for field in action["fields"].values()
        if "select" in (config := field["selector"])
    ]
    assert chosen
    for select in chosen:
        words = EN["selector"][select["translation_key"]]["options"]
        assert set(words) == set(select["options"])
