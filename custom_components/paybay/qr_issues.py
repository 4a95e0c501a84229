"""Repair issues about printed QR codes."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .domain.qr_codes import QrCode
from .site import PayBayConfigEntry

ISSUE_QR_NOT_ENABLED = "qr_not_enabled"
ISSUE_QR_NOT_CLOSED = "qr_not_closed"


@callback
def async_qr_not_enabled(hass: HomeAssistant, entry: PayBayConfigEntry) -> None:
    """Say that the account has to ask for the feature."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{ISSUE_QR_NOT_ENABLED}_{entry.entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_QR_NOT_ENABLED,
        translation_placeholders={"account": entry.title},
    )


@callback
def async_qr_enabled(hass: HomeAssistant, entry: PayBayConfigEntry) -> None:
    """Take that back."""
    ir.async_delete_issue(hass, DOMAIN, f"{ISSUE_QR_NOT_ENABLED}_{entry.entry_id}")


@callback
def async_qr_not_closed(
    hass: HomeAssistant, qr: QrCode, *, for_good: bool = False
) -> None:
    """Say that a sticker must come off the wall; `for_good` if nobody tries again."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{ISSUE_QR_NOT_CLOSED}_{qr.key}",
        is_fixable=False,
        is_persistent=for_good,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_QR_NOT_CLOSED,
        translation_placeholders={
            "bay": qr.bay_name,
            "plan": qr.plan_name or "-",
            "qr_id": qr.provider_id or "-",
            "answer": qr.answer or "-",
        },
    )


@callback
def async_track_qr_issues(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Keep the issues of stickers that cannot be closed in step; return how to stop."""
    codes = entry.runtime_data.printed_qrs
    told: set[str] = set()

    @callback
    def changed() -> None:
        stuck = {qr.key: qr for qr in codes.stuck}
        for key in told - stuck.keys():
            ir.async_delete_issue(hass, DOMAIN, f"{ISSUE_QR_NOT_CLOSED}_{key}")
        for qr in stuck.values():
            async_qr_not_closed(hass, qr)
        told.clear()
        told.update(stuck)

    unlisten = codes.listen(changed)

    @callback
    def stop() -> None:
        unlisten()
        for key in told:
            ir.async_delete_issue(hass, DOMAIN, f"{ISSUE_QR_NOT_CLOSED}_{key}")

    return stop
