"""Installing and updating blueprints: what is missing comes, what is edited stays."""

from pathlib import Path
import shutil
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util.file import WriteError, write_utf8_file_atomic
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.paybay import blueprint_files
from custom_components.paybay.blueprint_action import ISSUE_BLUEPRINTS, async_hint
from custom_components.paybay.const import DOMAIN

from .automations import BLUEPRINTS, use
from .test_repairs import begin_any, confirm

NAMES = sorted(file.stem for file in BLUEPRINTS.glob("*.yaml"))
GUARD = "time_guard"


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return the owner's folder of PayBay's blueprints."""
    return Path(hass.config.path("blueprints/automation/paybay"))


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that comes with PayBay, as a copy to be changed."""
    copy = tmp_path / "release"
    shutil.copytree(blueprint_files.SHIPPED, copy)
    monkeypatch.setattr(blueprint_files, "SHIPPED", copy)
    return copy


async def install(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        DOMAIN, "install_blueprints", data, blocking=True, return_response=True
    )
    assert answer is not None
    return {key: names for key, names in answer.items() if names}


def copies(folder: Path) -> list[str]:
    """Return the names of the copies in a folder."""
    return sorted(file.stem for file in folder.iterdir())


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)


def edit(file: Path, old: str = "name: ", new: str = "name: My ") -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_integration_carries_the_same_blueprints_as_the_repository() -> None:
    carried = {
        file.name: file.read_text() for file in blueprint_files.SHIPPED.iterdir()
    }
    assert carried == {file.name: file.read_text() for file in BLUEPRINTS.iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_blueprint_that_people_can_fill_in_and_import(name: str) -> None:
    blueprint = Blueprint(
        load_yaml_dict(str(BLUEPRINTS / f"{name}.yaml")),
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    assert blueprint.name.startswith("PayBay: ")
    assert blueprint.metadata["description"]
    assert str(blueprint.metadata["source_url"]).endswith(
        f"/blob/main/blueprints/automation/paybay/{name}.yaml"
    )
    for field in blueprint.inputs.values():
        assert field["name"]
        assert field["selector"]


@pytest.mark.parametrize("name", ["alert_with_buttons", "bay_silent"])
async def test_bays_are_offered_where_a_bay_is_asked_for_and_the_site_is_not(
    hass: HomeAssistant, site_entry: MockConfigEntry, name: str
) -> None:
    blueprint = load_yaml_dict(str(BLUEPRINTS / f"{name}.yaml"))
    inputs = Blueprint(
        blueprint,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    ).inputs
    models = {each["model"] for each in inputs["bays"]["selector"]["device"]["filter"]}
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), site_entry.entry_id)
    assert [device.name for device in devices if device.model in models] == ["Bay 1"]


async def test_all_are_installed_and_then_left_alone(
    hass: HomeAssistant, site_entry: MockConfigEntry, folder: Path
) -> None:
    assert await install(hass) == {"installed": NAMES}
    assert copies(folder) == NAMES
    assert await install(hass) == {"unchanged": NAMES}


async def test_new_version_comes_and_running_automations_use_it(
    hass: HomeAssistant, site_entry: MockConfigEntry, release: Path, folder: Path
) -> None:
    await install(hass)
    await use(hass, "bay_offline", status=["sensor.bay_1_status"])
    edit(release / "bay_offline.yaml", "minutes: 1", "minutes: 2")
    reloads: list[Any] = []
    hass.bus.async_listen("automation_reloaded", reloads.append)
    with patch("homeassistant.config.load_yaml_config_file", return_value={}):
        answer = await install(hass)
    await hass.async_block_till_done()
    assert answer["updated"] == ["bay_offline"]
    assert len(reloads) == 1
    new = (release / "bay_offline.yaml").read_text()
    assert (folder / "bay_offline.yaml").read_text() == new


async def test_edited_copy_is_kept_and_told(
    hass: HomeAssistant, site_entry: MockConfigEntry, release: Path, folder: Path
) -> None:
    await install(hass)
    mine = folder / f"{GUARD}.yaml"
    edit(mine, "default: 60", "default: 90")
    edit(release / f"{GUARD}.yaml", "default: 60", "default: 70")
    answer = await install(hass)
    assert answer["kept"] == [GUARD]
    assert "default: 90" in mine.read_text()


async def test_overwriting_is_by_name_and_sets_the_edited_copy_aside(
    hass: HomeAssistant, site_entry: MockConfigEntry, release: Path, folder: Path
) -> None:
    await install(hass)
    for name in (GUARD, "daily_summary"):
        edit(folder / f"{name}.yaml")
    with pytest.raises(ServiceValidationError) as caught:
        await install(hass, overwrite=[GUARD])
    assert caught.value.translation_key == "blueprints_not_confirmed"
    edited = (folder / f"{GUARD}.yaml").read_text()
    edit(release / f"{GUARD}.yaml", "default: 60", "default: 70")
    edit(release / "daily_summary.yaml", "mode: single", "mode: restart")
    answer = await install(hass, overwrite=[GUARD], confirm=True)
    assert (answer["overwritten"], answer["kept"]) == ([GUARD], ["daily_summary"])
    assert (folder / f"{GUARD}.yaml.before").read_text() == edited
    assert "default: 70" in (folder / f"{GUARD}.yaml").read_text()


async def test_copy_that_home_assistant_imported_by_link_is_no_edit(
    hass: HomeAssistant, site_entry: MockConfigEntry, folder: Path
) -> None:
    """Its import writes the same in other words."""
    file = BLUEPRINTS / f"{GUARD}.yaml"
    schema = AUTOMATION_BLUEPRINT_SCHEMA
    written = Blueprint(load_yaml_dict(str(file)), schema=schema).yaml()
    assert written != file.read_text()
    write(folder / file.name, written)
    assert (await install(hass, blueprints=[GUARD])) == {"unchanged": [GUARD]}


async def test_only_what_is_asked_for_is_installed(
    hass: HomeAssistant, site_entry: MockConfigEntry, folder: Path
) -> None:
    assert await install(hass, blueprints=[GUARD]) == {"installed": [GUARD]}
    with pytest.raises(ServiceValidationError) as caught:
        await install(hass, blueprints=["../../automations"])
    assert caught.value.translation_key == "blueprint_unknown"
    assert copies(folder) == [GUARD]


async def test_copy_that_cannot_be_read_as_yaml_is_kept(
    hass: HomeAssistant, site_entry: MockConfigEntry, folder: Path
) -> None:
    write(folder / f"{GUARD}.yaml", "{ not yaml")
    assert (await install(hass))["kept"] == [GUARD]


async def test_folder_that_cannot_be_written_is_said(
    hass: HomeAssistant, site_entry: MockConfigEntry, folder: Path
) -> None:
    write(folder, "a file where a folder should be")
    with pytest.raises(HomeAssistantError) as caught:
        await install(hass)
    assert caught.value.translation_key == "blueprints_not_written"


def failing_at(name: str) -> Any:
    """Return a patch: the disk is full when this copy is written."""

    def write_or_fail(file: str, text: str) -> None:
        if Path(file).stem == name:
            raise WriteError("No space left on device")
        write_utf8_file_atomic(file, text)

    return patch.object(blueprint_files, "write_utf8_file_atomic", write_or_fail)


async def test_disk_that_is_full_takes_no_copy_that_automations_use(
    hass: HomeAssistant, site_entry: MockConfigEntry, folder: Path
) -> None:
    await install(hass)
    edit(folder / f"{GUARD}.yaml")
    edited = (folder / f"{GUARD}.yaml").read_text()
    with failing_at(GUARD), pytest.raises(HomeAssistantError) as caught:
        await install(hass, overwrite=[GUARD], confirm=True)
    assert caught.value.translation_key == "blueprints_not_written"
    assert (folder / f"{GUARD}.yaml").read_text() == edited


async def test_copies_written_before_the_disk_was_full_are_no_edits(
    hass: HomeAssistant, site_entry: MockConfigEntry, release: Path
) -> None:
    first, last = NAMES[0], NAMES[-1]
    with failing_at(last), pytest.raises(HomeAssistantError):
        await install(hass)
    edit(release / f"{first}.yaml")
    assert first in (await install(hass))["updated"]


async def test_only_administrators_install(
    hass: HomeAssistant, site_entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "install_blueprints",
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_newer_ones_are_hinted_at_and_come_with_a_tap(
    hass: HomeAssistant, site_entry: MockConfigEntry, release: Path, folder: Path
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    await install(hass)
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, ISSUE_BLUEPRINTS) is None
    edit(folder / "daily_summary.yaml")
    edit(release / f"{GUARD}.yaml", "default: 60", "default: 70")
    await async_hint(hass)
    issue = issues.async_get_issue(DOMAIN, ISSUE_BLUEPRINTS)
    assert issue is not None
    assert issue.translation_placeholders == {"names": GUARD}
    done = await confirm(hass, await begin_any(hass))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert "default: 70" in (folder / f"{GUARD}.yaml").read_text()
    assert issues.async_get_issue(DOMAIN, ISSUE_BLUEPRINTS) is None


def test_the_form_of_the_action_offers_every_blueprint() -> None:
    action = load_yaml_dict(str(blueprint_files.SHIPPED.parent / "services.yaml"))
    fields = action["install_blueprints"]["fields"]
    for field in ("blueprints", "overwrite"):
        assert fields[field]["selector"]["select"]["options"] == NAMES


def test_the_documents_lead_to_every_blueprint_and_its_import() -> None:
    text = (BLUEPRINTS.parents[2] / "docs" / "automations.md").read_text()
    for name in NAMES:
        path = f"blueprints/automation/paybay/{name}.yaml"
        assert f"(../{path})" in text
        assert quote(f"https://github.com/paybay/paybay/blob/main/{path}", "") in text
