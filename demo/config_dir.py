"""Home Assistant's configuration directory for a demo site."""

import json
from pathlib import Path
import shutil
from typing import Any

from .bays import PLAIN, BaySpec, PlainBay, Starter
from .processes import ROOT
from .site import Ports, SiteSpec
from .storage import Login, write_storage

BLUEPRINT = Path("automation/paybay/start_when_paid.yaml")
AUTOMATIONS = "automations.yaml"
# Cameras would need these programs and libraries.
NOT_OUR_BUSINESS = {
    "haffmpeg": "critical",
    "homeassistant.components.camera": "critical",
}


def write_config_dir(config: Path, spec: SiteSpec, ports: Ports, login: Login) -> None:
    """Write everything that Home Assistant finds at its first start."""
    config.mkdir()
    components = config / "custom_components"
    components.mkdir()
    (components / "paybay").symlink_to(ROOT / "custom_components" / "paybay")
    blueprint = config / "blueprints" / BLUEPRINT
    blueprint.parent.mkdir(parents=True)
    shutil.copy(ROOT / "blueprints" / BLUEPRINT, blueprint)
    write_automations(config, [])
    # YAML is a superset of JSON, but for the one tag.
    main = json.dumps(_configuration(spec), indent=2)
    include = main.replace('"INCLUDE"', f"!include {AUTOMATIONS}")
    (config / "configuration.yaml").write_text(include, encoding="utf-8")
    write_storage(config, spec, ports, login)


def write_automations(config: Path, automations: list[dict[str, Any]]) -> None:
    """Write the owner's automations."""
    text = json.dumps(automations, indent=2)
    (config / AUTOMATIONS).write_text(text, encoding="utf-8")


def automation(bay: BaySpec, device_id: str) -> dict[str, Any]:
    """Return the automation that the blueprint makes for a bay's device."""
    return {
        "id": f"start_{bay.id}",
        "alias": f"Start {bay.name} when paid",
        "use_blueprint": {
            "path": str(BLUEPRINT.relative_to("automation")),
            "input": {"bay": device_id, "target": bay.target},
        },
    }


def by_blueprint(spec: SiteSpec) -> list[BaySpec]:
    """Return the bays that an automation starts."""
    return [bay for bay in spec.bays if bay.starter is not Starter.PAYBAY]


def _configuration(spec: SiteSpec) -> dict[str, Any]:
    return {
        "automation": "INCLUDE",
        "history": None,
        "logbook": None,
        "logger": {
            "default": "warning",
            "logs": {"custom_components.paybay": "debug"} | NOT_OUR_BUSINESS,
        },
        "mqtt": [{"switch": _switch(bay)} for bay in spec.plain_bays],
        "recorder": None,
    }


def _switch(bay: PlainBay) -> dict[str, Any]:
    return {
        "name": f"{bay.name} relay",
        "unique_id": bay.relay_key,
        "default_entity_id": bay.relay,
        "command_topic": f"{bay.topic}/set",
        "state_topic": f"{bay.topic}/state",
        "availability_topic": f"{PLAIN}/status",
        "qos": 1,
    }
