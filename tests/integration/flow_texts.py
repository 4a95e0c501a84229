"""Fails a test whose flow shows something that `en.json` has no words for."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigSubentryFlow, OptionsFlow
from homeassistant.data_entry_flow import FlowHandler, FlowResultType, section
from homeassistant.helpers import config_validation as cv, issue_registry as ir
from homeassistant.helpers.selector import SelectSelector
import probatio

from custom_components.paybay import const

_EN_JSON = Path(const.__file__).parent / "translations" / "en.json"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def missing_texts(
    flow: FlowHandler[Any, Any, Any], result: dict[str, Any]
) -> list[str]:
    """Return what is missing for what a flow shows: keys and placeholders."""
    texts = json.loads(_EN_JSON.read_text())
    root = texts["config"]
    if isinstance(flow, ConfigSubentryFlow):
        root = texts["config_subentries"][flow.handler[1]]
    if isinstance(flow, OptionsFlow):
        root = texts["options"]
    if isinstance(flow, RepairsFlow):
        issue = ir.async_get(flow.hass).async_get_issue(flow.handler, flow.issue_id)
        # The flow may have settled its issue; the dialog still has its words.
        keys = (key for key in texts["issues"] if flow.issue_id.startswith(key))
        key = issue.translation_key if issue else next(keys, "")
        root = texts["issues"].get(key, {}).get("fix_flow", {})
    given = result.get("description_placeholders") or {}
    return [
        f"{'.'.join(path)}: {fault}"
        for where, path in (
            *((root, path) for path in _shown(result)),
            *((texts, path) for path in _options(result.get("data_schema"))),
        )
        for fault in _faults(where, path, given)
    ]


def as_the_frontend_gets_it(result: dict[str, Any]) -> Any:
    """Return a form's fields in the shape the HTTP interface sends."""
    schema = result.get("data_schema") or probatio.Schema({})
    return probatio.to_field_list(schema, custom_serializer=cv.custom_serializer)


def _shown(result: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    if result["type"] is FlowResultType.ABORT:
        if not result.get("translation_domain"):
            yield "abort", result["reason"]
    elif result["type"] is FlowResultType.MENU:
        yield "step", result["step_id"], "title"
        for option in result["menu_options"]:
            yield "step", result["step_id"], "menu_options", option
            yield "step", result["step_id"], "menu_option_descriptions", option
    elif result["type"] is FlowResultType.FORM:
        step = ("step", result["step_id"])
        yield *step, "title"
        yield *step, "description"
        yield from _fields(step, result["data_schema"])
        for error in (result["errors"] or {}).values():
            yield "error", error


def _fields(
    path: tuple[str, ...], schema: probatio.Schema | None
) -> Iterator[tuple[str, ...]]:
    for key, field in (schema.schema if schema else {}).items():
        if isinstance(field, section):
            yield *path, "sections", str(key), "name"
            yield from _fields((*path, "sections", str(key)), field.schema)
        else:
            yield *path, "data", str(key)
            yield *path, "data_description", str(key)


def _options(schema: probatio.Schema | None) -> Iterator[tuple[str, ...]]:
    """Return where the words are of what can be chosen in a form."""
    for field in (schema.schema if schema else {}).values():
        if isinstance(field, section):
            yield from _options(field.schema)
        elif isinstance(field, SelectSelector):
            config = field.config
            if key := config.get("translation_key"):
                for option in config["options"]:
                    yield "selector", key, "options", str(option)


def _faults(
    root: dict[str, Any], path: tuple[str, ...], given: dict[str, str]
) -> Iterator[str]:
    text: Any = root
    for part in path:
        text = text.get(part) if isinstance(text, dict) else None
    if not isinstance(text, str):
        yield "no text"
        return
    for name in _PLACEHOLDER.findall(text):
        if name not in given:
            yield f"{{{name}}} has no value"
