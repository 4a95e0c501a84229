"""What Home Assistant and HACS demand of an integration's files."""

from importlib.metadata import requires
import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import urlsplit

from awesomeversion import AwesomeVersion
from homeassistant import components
from packaging.requirements import Requirement
from PIL import Image
import pytest

from custom_components.paybay import const

FOLDER = Path(const.__file__).parent
ROOT = FOLDER.parents[1]
KNOWN_KEYS = {
    "after_dependencies",
    "bluetooth",
    "codeowners",
    "config_flow",
    "dependencies",
    "dhcp",
    "documentation",
    "domain",
    "homekit",
    "import_executor",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "loggers",
    "mqtt",
    "name",
    "quality_scale",
    "requirements",
    "single_config_entry",
    "ssdp",
    "usb",
    "version",
    "zeroconf",
}
IOT_CLASSES = {
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
}
INTEGRATION_TYPES = {
    "device",
    "entity",
    "hardware",
    "helper",
    "hub",
    "service",
    "system",
}
HACS_KEYS = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "render_readme",
    "zip_release",
}
BRAND = {"icon.png": (256, 256), "icon@2x.png": (512, 512)}


def name_of(requirement: str) -> str:
    """Return a requirement's package, the way the registry compares names."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text())
    return found


@pytest.fixture(scope="module")
def hacs() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text())
    return found


def test_manifest_is_sorted_and_has_no_unknown_keys(manifest: dict[str, Any]) -> None:
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]
    assert set(keys) <= KNOWN_KEYS


def test_manifest_names_what_is_demanded(manifest: dict[str, Any]) -> None:
    assert manifest["domain"] == const.DOMAIN == FOLDER.name
    assert manifest["name"] == "PayBay"
    assert manifest["iot_class"] in IOT_CLASSES
    assert manifest["integration_type"] in INTEGRATION_TYPES
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    assert manifest["codeowners"]
    assert (FOLDER / "config_flow.py").exists() is manifest["config_flow"]


def test_manifest_has_a_version_that_home_assistant_can_read(
    manifest: dict[str, Any],
) -> None:
    assert AwesomeVersion(manifest["version"]).valid


def test_manifest_links_are_https_and_our_own(manifest: dict[str, Any]) -> None:
    for key in ("documentation", "issue_tracker"):
        url = urlsplit(manifest[key])
        assert url.scheme == "https"
        assert url.hostname != "www.home-assistant.io"


def test_dependencies_are_sorted_and_exist(manifest: dict[str, Any]) -> None:
    core = Path(components.__path__[0])
    for key in ("dependencies", "after_dependencies"):
        assert manifest[key] == sorted(manifest[key])
        assert [name for name in manifest[key] if not (core / name).is_dir()] == []


def test_every_component_we_import_is_a_dependency(manifest: dict[str, Any]) -> None:
    imported = {
        name
        for file in FOLDER.rglob("*.py")
        for name in re.findall(
            r"(?:from|import) homeassistant\.components\.(\w+)", file.read_text()
        )
    }
    entity_platforms = {platform.value for platform in const.PLATFORMS}
    # Those that only ever import us: they load our file of their name.
    callers = {"diagnostics", "logbook", "repairs", "system_health"}
    named = {*manifest["dependencies"], *manifest["after_dependencies"]}
    assert imported - entity_platforms - callers <= named


def test_requirements_leave_core_alone(manifest: dict[str, Any]) -> None:
    core = {name_of(requirement) for requirement in requires("homeassistant") or ()}
    ours = {name_of(requirement) for requirement in manifest["requirements"]}
    assert not ours & core
    assert ours == {"babel", "qrcode", "razorpay", "uharfbuzz"}


def test_what_core_integrations_pin_too_is_a_range_that_fits(
    manifest: dict[str, Any],
) -> None:
    """With two pins the one loaded last would replace the other's package."""
    ours = {name_of(each): Requirement(each) for each in manifest["requirements"]}
    shared = []
    for file in Path(components.__path__[0]).glob("*/manifest.json"):
        for each in json.loads(file.read_text()).get("requirements", ()):
            if (mine := ours.get(name_of(each))) is not None:
                pinned = next(iter(Requirement(each).specifier)).version
                shared.append(mine.specifier.contains(pinned))
                assert "==" not in str(mine.specifier)
    assert shared
    assert all(shared)


def test_requirements_are_pinned_but_where_core_pins_them(
    manifest: dict[str, Any],
) -> None:
    """One Home Assistant has one version of a package: its own goes first."""
    core = Path(components.__path__[0])
    pinned = {
        name_of(requirement): Requirement(requirement)
        for file in core.glob("*/manifest.json")
        for requirement in json.loads(file.read_text()).get("requirements", ())
    }
    assert len(pinned) > 500
    for text in manifest["requirements"]:
        ours = Requirement(text)
        (theirs,) = pinned.get(name_of(text), Requirement("none==0")).specifier
        if name_of(text) in pinned:
            assert "==" not in text
            assert ours.specifier.contains(theirs.version)
        else:
            assert [each.operator for each in ours.specifier] == ["=="]


def test_manifest_claims_no_grade_that_nobody_gave(manifest: dict[str, Any]) -> None:
    assert manifest.get("quality_scale", "custom") == "custom"


def test_texts_are_where_a_custom_integration_has_them() -> None:
    assert (FOLDER / "translations" / "en.json").exists()
    assert not (FOLDER / "strings.json").exists()


def test_manifest_has_what_hacs_demands(manifest: dict[str, Any]) -> None:
    demanded = {
        "codeowners",
        "documentation",
        "domain",
        "issue_tracker",
        "name",
        "version",
    }
    assert demanded <= set(manifest)
    assert (ROOT / "README.md").exists()


def test_hacs_asks_for_the_home_assistant_that_the_readme_names(
    hacs: dict[str, Any],
) -> None:
    version = hacs["homeassistant"].removesuffix(".0")
    assert f"Home Assistant {version} or newer" in (ROOT / "README.md").read_text()


def test_hacs_has_only_keys_it_knows(hacs: dict[str, Any]) -> None:
    assert hacs["name"] == "PayBay"
    assert set(hacs) <= HACS_KEYS
    assert ("zip_release" in hacs) == ("filename" in hacs)
    assert AwesomeVersion(hacs["homeassistant"]).valid


def test_the_licence_stands_at_the_root() -> None:
    assert "MIT" in (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("name", [*BRAND, "logo.png"])
def test_the_brand_has_its_pictures(name: str) -> None:
    with Image.open(FOLDER / "brand" / name) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "RGBA"
        assert BRAND.get(name, picture.size) == picture.size
        assert min(picture.size) >= 128
