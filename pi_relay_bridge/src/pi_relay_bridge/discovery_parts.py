"""What the components of the discovery payload have in common. Pure."""

import re
from typing import Any

DIAGNOSTIC = {"ent_cat": "diagnostic"}


def entity(platform: str, unique_id: str, name: str) -> dict[str, Any]:
    """Return what every entity has."""
    return {
        "p": platform,
        "name": name,
        "uniq_id": unique_id,
        "def_ent_id": f"{platform}.{re.sub('[^a-z0-9]+', '_', unique_id.lower())}",
    }


def kept_if(condition: bool, component: dict[str, Any]) -> dict[str, Any]:  # noqa: FBT001 - reads as a sentence
    """Return a component, or what takes it away."""
    return component if condition else {"p": component["p"]}


def on_if(condition: str) -> dict[str, str]:
    """Return the template of a binary value in a JSON message."""
    return {"val_tpl": f"{{{{ 'ON' if {condition} else 'OFF' }}}}"}


def on_or_unknown(key: str) -> dict[str, str]:
    """Return the template of a value that is true, false or null."""
    value = f"value_json.{key}"
    words = f"'None' if {value} is none else 'ON' if {value} else 'OFF'"
    return {"val_tpl": f"{{{{ {words} }}}}"}


def value_of(key: str) -> dict[str, str]:
    """Return the template of a plain value in a JSON message."""
    return {"val_tpl": f"{{{{ value_json.{key} }}}}"}
