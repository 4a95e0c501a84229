"""What diagnostics tell, and what they never tell."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.diagnostics import async_get_config_entry_diagnostics
from custom_components.paybay.ledger import LedgerError

from .entries import ENTRY_DATA
from .site_fixtures import ObedientClock, captured, paid


async def test_they_count(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    await paid(hass, site_entry)
    await clock.pass_by(hass, 601)
    await paid(hass, site_entry, created_s=1_700_000_000)
    assert await async_get_config_entry_diagnostics(hass, site_entry) == {
        "test_mode": True,
        "loaded": True,
        "open": True,
        "has_webhook_secret": True,
        "has_previous_webhook_secret": False,
        "has_external_url": False,
        "plan_subentries": 2,
        "bay_subentries": 1,
        "free_plans": 0,
        "plans_with_energy": 0,
        "bays": [
            {
                "status": "available",
                "has_session": False,
                "has_end": False,
                "relay_domain": "input_boolean",
                "relay_exists": True,
                "driver": "switch",
                "plans": 2,
                "unknown_plans": 0,
                "start_mode": "direct",
                "claim_fallback": "start",
                "claim_window_s": 10,
                "start_window_s": 300,
                "resume_window_s": 600,
            }
        ],
        "provider_reachable": True,
        "webhook": {
            "expected": False,
            "ever_verified": False,
            "bad_signatures": 0,
            "payments_judged": 1,
            "payments_missed": 0,
        },
        "ledger": {
            "usable": True,
            "orders": {"completed": 1, "undelivered": 1},
            "end_reasons": {"paid_late": 1, "time_up": 1},
            "deliveries": {"closed": 1},
            "payments": {"credited": 2},
            "refunds": {"due": 1},
            "refund_reasons": {"paid_late": 1},
            "qr_codes": {},
            "webhook_events": {},
        },
    }


async def test_they_keep_every_secret_name_and_id(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, payment_id="pay_secret", rrn="998877665544")
    await site_entry.runtime_data.intake.take(captured(order))
    told = json.dumps(await async_get_config_entry_diagnostics(hass, site_entry))
    hidden = [
        *ENTRY_DATA.values(),
        site_entry.entry_id,
        site_entry.title,
        order.id,
        order.watch_code,
        "pay_secret",
        "998877665544",
        "Bay 1",
        "bay_1",
        "relay_1",
        "ten_min",
        "Ten min",
        "rzp.io",
        hass.config.config_dir,
    ]
    assert [secret for secret in hidden if secret in told] == []


async def test_they_work_without_the_ledger(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(site_entry.runtime_data.ledger, "run", full)
        told = await async_get_config_entry_diagnostics(hass, site_entry)
    assert told["ledger"] == {"usable": False}
