"""What is said of the Quality Scale's rules is whole, and its evidence is there."""

import ast
import importlib
import re
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.paybay.const import PLATFORMS

from .source_scan import FOLDER

ROOT = FOLDER.parents[1]
SCALE: dict[str, Any] = load_yaml_dict(str(FOLDER / "quality_scale.yaml"))["rules"]
# Home Assistant's developer documentation, as of August 2026.
BRONZE = """
    action-setup appropriate-polling brands common-modules config-flow
    config-flow-test-coverage dependency-transparency docs-actions docs-conditions
    docs-high-level-description docs-installation-instructions
    docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
    has-entity-name runtime-data test-before-configure test-before-setup
    unique-config-entry
"""
SILVER = """
    action-exceptions config-entry-unloading docs-configuration-parameters
    docs-installation-parameters entity-unavailable integration-owner
    log-when-unavailable parallel-updates reauthentication-flow test-coverage
"""
GOLD = """
    devices diagnostics discovery discovery-update-info docs-data-update docs-examples
    docs-known-limitations docs-supported-devices docs-supported-functions
    docs-troubleshooting docs-use-cases dynamic-devices entity-category
    entity-device-class entity-disabled-by-default entity-translations
    exception-translations icon-translations reconfiguration-flow repair-issues
    stale-devices
"""
PLATINUM = "async-dependency inject-websession strict-typing"
RULES = [rule for tier in (BRONZE, SILVER, GOLD, PLATINUM) for rule in tier.split()]
_FILE = re.compile(
    r"\b((?:script/tests|tests|docs|custom_components)/[\w/.-]+\.\w+|README\.md)"
)
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def test_every_rule_is_there_in_its_order() -> None:
    assert len(RULES) == 54
    assert list(SCALE) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_a_status_and_its_evidence_or_reason(rule: str) -> None:
    said = SCALE[rule]
    assert set(said) == {"status", "comment"}
    assert said["status"] in {"done", "exempt", "todo"}
    files = _FILE.findall(said["comment"])
    assert files or said["status"] != "done"
    assert [file for file in files if not (ROOT / file).exists()] == []
    for file, test in _TEST.findall(said["comment"]):
        tree = ast.parse((ROOT / file).read_text())
        names = {getattr(node, "name", None) for node in ast.walk(tree)}
        assert test in names, f"{file}::{test}"


def test_every_platform_says_how_many_updates_run_at_once() -> None:
    for platform in PLATFORMS:
        module = importlib.import_module(f"custom_components.paybay.{platform}")
        assert module.PARALLEL_UPDATES in {0, 1}
