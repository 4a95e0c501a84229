"""Repair issues of the webhook and the provider; each goes by itself when healed."""

from collections.abc import Callable, Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .cloud_hook import DATA_WEBHOOK_ENTRY_ID
from .const import DOMAIN
from .domain.webhook_health import is_silent, signatures_fail
from .site import PayBayConfigEntry

ISSUE_SILENT = "webhook_silent"
ISSUE_SIGNATURES = "webhook_signatures"


@callback
def async_track_webhook(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Keep the issues in step with each judgement; return how to stop."""
    health = entry.runtime_data.webhook_health

    @callback
    def judged() -> None:
        facts = health.facts
        signatures = signatures_fail(facts)
        _show(
            hass,
            entry,
            ISSUE_SIGNATURES,
            {"bad": str(facts.bad_signatures)} if signatures else None,
        )
        # Bad signatures are a reason for silence, so one issue says it all.
        silent = is_silent(facts) and not signatures
        counts = {"missed": str(facts.missed), "judged": str(len(facts.told))}
        _show(hass, entry, ISSUE_SILENT, counts if silent else None)

    unlisten = health.listen(judged)

    @callback
    def stop() -> None:
        unlisten()
        for key in (ISSUE_SIGNATURES, ISSUE_SILENT):
            _show(hass, entry, key, None)

    return stop


@callback
def _show(
    hass: HomeAssistant,
    entry: PayBayConfigEntry,
    key: str,
    placeholders: Mapping[str, str] | None,
) -> None:
    """Show an issue, or take it back if there is nothing to say."""
    issue_id = f"{key}_{entry.entry_id}"
    if placeholders is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={DATA_WEBHOOK_ENTRY_ID: entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"site": entry.title, **placeholders},
    )
