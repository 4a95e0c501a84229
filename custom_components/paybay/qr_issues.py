"""Repair issues about printed QR codes."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .domain.qr_codes import QrCode
from .site import PayBayConfigEntry, Site

ISSUE_QR_NOT_ENABLED = "qr_not_enabled"
ISSUE_QR_NOT_CLOSED = "qr_not_closed"
ISSUE_QR_LEFT_BEHIND = "qr_left_behind"
"""The same, after the site was removed: nobody tries again or gives money back."""
ISSUE_QR_SITE_DISABLED = "qr_site_disabled"
ISSUE_QR_TEST_KEYS = "qr_test_keys"


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
        translation_key=ISSUE_QR_LEFT_BEHIND if for_good else ISSUE_QR_NOT_CLOSED,
        translation_placeholders={
            "bay": qr.bay_name,
            "plan": qr.plan_name or "-",
            "qr_id": qr.provider_id or "-",
            "answer": qr.answer or "-",
        },
    )


async def async_retire_codes(hass: HomeAssistant, site: Site) -> None:
    """Take a removed site's codes out of use; tell of each that can still be paid."""
    _tell_payable(hass, site, ISSUE_QR_SITE_DISABLED, ())
    _tell_payable(hass, site, ISSUE_QR_TEST_KEYS, ())
    for qr in await site.printed_qrs.retire_all():
        async_qr_not_closed(hass, qr, for_good=True)


@callback
def async_track_qr_issues(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], Coroutine[Any, Any, None] | None]:
    """Keep the issues of stickers that cannot be closed in step; return how to stop.

    While a site is disabled nobody looks at its stickers, which can be paid.
    """
    site = entry.runtime_data
    codes = site.printed_qrs
    told: set[str] = set()
    _tell_payable(hass, site, ISSUE_QR_SITE_DISABLED, ())

    @callback
    def changed() -> None:
        stuck = {qr.key: qr for qr in codes.stuck}
        for key in told - stuck.keys():
            ir.async_delete_issue(hass, DOMAIN, f"{ISSUE_QR_NOT_CLOSED}_{key}")
        for qr in stuck.values():
            async_qr_not_closed(hass, qr)
        told.clear()
        told.update(stuck)
        _tell_payable(hass, site, ISSUE_QR_TEST_KEYS, codes.unwatched)

    unlisten = codes.listen(changed)

    @callback
    def stop() -> Coroutine[Any, Any, None] | None:
        unlisten()
        for key in told:
            ir.async_delete_issue(hass, DOMAIN, f"{ISSUE_QR_NOT_CLOSED}_{key}")
        _tell_payable(hass, site, ISSUE_QR_TEST_KEYS, ())
        return tell_disabled() if entry.disabled_by else None

    async def tell_disabled() -> None:
        payable = await codes.payable()
        _tell_payable(hass, site, ISSUE_QR_SITE_DISABLED, payable)

    return stop


@callback
def _tell_payable(
    hass: HomeAssistant, site: Site, key: str, codes: Sequence[QrCode]
) -> None:
    """Name the stickers that take money nobody looks at, or take that back."""
    issue_id = f"{key}_{site.entry_id}"
    if not codes:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    names = (
        f"{qr.bay_name} ({qr.plan_name or '-'}): `{qr.provider_id or '-'}`"
        for qr in codes
    )
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        # A site that is disabled is not set up again by a restart.
        is_persistent=key == ISSUE_QR_SITE_DISABLED,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"codes": "\n".join(f"- {name}" for name in names)},
    )
