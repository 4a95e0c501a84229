"""Everything that is shown has words and an icon, and nothing else has."""

from collections.abc import Iterator
from dataclasses import replace
import json
import re
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, service
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.blueprint_action import ISSUE_BLUEPRINTS
from custom_components.paybay.card import ISSUE_CARD_IN_YAML
from custom_components.paybay.cloud_hook import ISSUE_GONE
from custom_components.paybay.config_flow import PayBayConfigFlow
from custom_components.paybay.domain.bay import BayStatus
from custom_components.paybay.domain.happenings import What
from custom_components.paybay.domain.refunds import ELSEWHERE, ORDER_UNKNOWN
from custom_components.paybay.errors import _START_REASONS
from custom_components.paybay.fault_issues import KNOWN
from custom_components.paybay.flows.bay import BayFlow
from custom_components.paybay.flows.options import PayBayOptionsFlow
from custom_components.paybay.flows.plan import PlanFlow
from custom_components.paybay.ledger.refund_wishes import REASON as OWNER
from custom_components.paybay.ledger_issues import (
    ISSUE_LEDGER_FAILING,
    ISSUE_LEDGER_UNUSABLE,
)
from custom_components.paybay.merchant_issues import ISSUE_MERCHANT
from custom_components.paybay.open_items.kinds import (
    ISSUE_CASH_BACK,
    ISSUE_EVENT_UNREADABLE,
    ISSUE_LEDGER_RESTORED,
    ISSUE_ORDER_UNKNOWN,
    ISSUE_OUTCOME_UNKNOWN,
    ISSUE_REFUND_DUE,
    ISSUE_REFUND_FAILED,
    ISSUE_REFUND_NO_BALANCE,
    ISSUE_SESSION_UNREPORTED,
)
from custom_components.paybay.printed_qrs import PrintedQrs
from custom_components.paybay.provider_issues import ISSUE_KEYS_REFUSED
from custom_components.paybay.qr_issues import (
    ISSUE_QR_LEFT_BEHIND,
    ISSUE_QR_NOT_CLOSED,
    ISSUE_QR_NOT_ENABLED,
    ISSUE_QR_SITE_DISABLED,
    ISSUE_QR_TEST_KEYS,
)
from custom_components.paybay.webhook_issues import ISSUE_SIGNATURES, ISSUE_SILENT

from .entries import BAY_1, make_entry
from .site_fixtures import ObedientClock, set_up
from .source_scan import FOLDER, raised, refund_reasons, refused_offers

EN = json.loads((FOLDER / "translations" / "en.json").read_text())
ICONS = json.loads((FOLDER / "icons.json").read_text())
CATEGORIES = {
    "common",
    "conditions",
    "config",
    "config_subentries",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
    "title",
    "triggers",
}
OF_HOME_ASSISTANT = {
    "already_configured",
    "reauth_successful",
    "reconfigure_successful",
}
"""Reasons that its own helpers give."""
NAMELESS = {("switch", "session")}
"""Entities that bear their device's name."""


def texts(root: Any = EN, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Return every text with the path to it."""
    if isinstance(root, str):
        yield ".".join(path), root
    else:
        for key, value in root.items():
            yield from texts(value, (*path, key))


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def fits(key: str, pattern: str) -> bool:
    return key == pattern or (pattern[-1] == "*" and key.startswith(pattern[:-1]))


def test_english_is_sorted_and_has_only_known_categories() -> None:
    assert set(EN) <= CATEGORIES
    assert list(EN) == sorted(EN)


def test_no_text_is_empty_or_refers_to_another() -> None:
    odd = [path for path, text in texts() if not text.strip() or "[%key" in text]
    assert odd == []


def test_every_exception_has_words_and_its_placeholders() -> None:
    for pattern, given in raised():
        found = [key for key in EN["exceptions"] if fits(key, pattern)]
        assert found, pattern
        if pattern[-1] != "*":
            message = EN["exceptions"][pattern]["message"]
            assert placeholders(message) <= given, pattern


def test_every_exception_in_english_can_be_raised() -> None:
    patterns = {pattern for pattern, _ in raised()}
    unused = [
        key
        for key in EN["exceptions"]
        if not any(fits(key, pattern) for pattern in patterns)
    ]
    assert unused == []


def test_refused_offers_and_failed_starts_have_words_for_each_reason() -> None:
    serving = {BayStatus.AVAILABLE, BayStatus.RESERVED}
    expected = {f"offer_bay_{status}" for status in BayStatus if status not in serving}
    expected |= {f"offer_{reason}" for reason in refused_offers()} | {"start_failed"}
    expected |= {f"start_failed_{reason}" for reason in _START_REASONS}
    found = {key for key in EN["exceptions"] if key.startswith(("offer", "start_"))}
    assert found == expected


def test_every_reason_for_a_refund_has_words_and_the_reverse() -> None:
    options = set(EN["selector"]["refund_reason"]["options"])
    codes = refund_reasons()
    assert codes <= options
    unused = {code for code in options - codes if not code.startswith("refused")}
    assert unused == {"other", ELSEWHERE, ORDER_UNKNOWN, OWNER}


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (PayBayConfigFlow, EN["config"]),
        (PayBayOptionsFlow, EN["options"]),
        (BayFlow, EN["config_subentries"]["bay"]),
        (PlanFlow, EN["config_subentries"]["plan"]),
    ],
)
def test_no_screen_has_words_and_is_never_shown(flow: type, words: Any) -> None:
    """The reverse is seen at each step of every test of a flow."""
    shown = {name.removeprefix("async_step_") for name in dir(flow)}
    assert set(words["step"]) <= shown
    sources = "".join(
        path.read_text()
        for folder in (FOLDER / "flows", FOLDER / "domain", FOLDER)
        for path in folder.glob("*.py")
    )
    reasons = {*words.get("abort", {}), *words.get("error", {})} - OF_HOME_ASSISTANT
    assert {reason for reason in reasons if f'"{reason}"' not in sources} == set()
    for step in words["step"].values():
        for part in (step, *step.get("sections", {}).values()):
            assert set(part.get("data", {})) == set(part.get("data_description", {}))
            options = set(part.get("menu_options", {}))
            assert options == set(part.get("menu_option_descriptions", {}))


def test_every_issue_has_words_and_the_reverse() -> None:
    fixable = {
        ISSUE_BLUEPRINTS,
        ISSUE_CASH_BACK,
        ISSUE_EVENT_UNREADABLE,
        ISSUE_LEDGER_RESTORED,
        ISSUE_ORDER_UNKNOWN,
        ISSUE_OUTCOME_UNKNOWN,
        ISSUE_REFUND_DUE,
        ISSUE_REFUND_FAILED,
        ISSUE_REFUND_NO_BALANCE,
        ISSUE_SESSION_UNREPORTED,
        ISSUE_SILENT,
        ISSUE_SIGNATURES,
        ISSUE_GONE,
    }
    told = {
        What.RELAY_STRAY,
        What.RELAY_STUCK,
        ISSUE_KEYS_REFUSED,
        ISSUE_MERCHANT,
    }
    told |= {ISSUE_QR_NOT_CLOSED, ISSUE_QR_NOT_ENABLED, ISSUE_QR_LEFT_BEHIND}
    told |= {ISSUE_QR_SITE_DISABLED, ISSUE_QR_TEST_KEYS}
    told |= {f"device_fault_{word}" for word in (*KNOWN, "other")}
    told |= {ISSUE_CARD_IN_YAML, ISSUE_LEDGER_FAILING, ISSUE_LEDGER_UNUSABLE}
    assert set(EN["issues"]) == fixable | told
    for key, issue in EN["issues"].items():
        assert ("fix_flow" in issue) == (key in fixable)
        assert ("description" in issue) == (key in told)


@pytest.fixture
async def metered_entry(
    hass: HomeAssistant,
    site_provider: object,
    clock: ObedientClock,
    relay_helpers: None,
    monkeypatch: pytest.MonkeyPatch,
) -> MockConfigEntry:
    """Set up a bay with everything that a bay can have."""
    code = SimpleNamespace(created_ms=0)
    monkeypatch.setattr(PrintedQrs, "shown", lambda *_: code)
    bay = replace(
        BAY_1, energy_meter="sensor.kwh", power_meter="sensor.watt", plugged_w=20
    )
    return await set_up(hass, make_entry(bays=[bay]))


@pytest.mark.parametrize("kind", sorted(ICONS["entity"]))
async def test_every_entity_has_a_name_and_an_icon_and_the_reverse(
    hass: HomeAssistant,
    metered_entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    kind: str,
) -> None:
    found = er.async_entries_for_config_entry(entity_registry, metered_entry.entry_id)
    keys = {e.translation_key for e in found if e.domain == kind and e.translation_key}
    assert set(ICONS["entity"][kind]) == keys
    named = {key for key in keys if (kind, key) not in NAMELESS}
    assert set(EN["entity"].get(kind, {})) == named
    assert all(EN["entity"][kind][key]["name"] for key in named)


async def test_no_entity_goes_without_a_translation_key(
    hass: HomeAssistant,
    metered_entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    found = er.async_entries_for_config_entry(entity_registry, metered_entry.entry_id)
    assert {entity.domain for entity in found} == set(ICONS["entity"])
    assert [e.entity_id for e in found if not e.translation_key] == []


def test_every_status_and_every_activity_has_words() -> None:
    status = EN["entity"]["sensor"]["status"]["state"]
    assert set(status) == set(ICONS["entity"]["sensor"]["status"]["state"])
    assert set(status) == set(BayStatus)
    activity = EN["entity"]["event"]["activity"]["state_attributes"]
    assert set(activity["event_type"]["state"]) == set(What)


def test_icons_are_of_one_family_and_states_differ_from_the_default() -> None:
    assert all(icon.startswith("mdi:") for _, icon in texts(ICONS))
    for kind in ICONS["entity"].values():
        for icons in kind.values():
            assert icons["default"] not in icons.get("state", {}).values()


async def test_every_action_has_words_and_an_icon_and_the_reverse(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    registered = set(hass.services.async_services()["paybay"])
    described = load_yaml_dict(str(FOLDER / "services.yaml"))
    assert registered == set(described) == set(EN["services"]) == set(ICONS["services"])
    for action in registered:
        words = EN["services"][action]
        assert words["name"]
        assert words["description"]
        schema: Any = hass.services.async_services()["paybay"][action].schema
        fields = {str(field) for field in schema.schema}
        assert fields == set(described[action]["fields"]) == set(words["fields"])
        assert all(set(f) == {"name", "description"} for f in words["fields"].values())


async def test_home_assistant_can_read_the_actions(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    read = (await service.async_get_all_descriptions(hass))["paybay"]
    assert read["create_order"]["response"] == {"optional": False}
    assert read["stop_session"]["response"] == {"optional": True}
    assert read["start_session"]["fields"]["bay"]["required"] is True
