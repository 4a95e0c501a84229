"""What diagnostics tell, and what they never tell."""

from collections.abc import Iterator
from dataclasses import asdict, replace
import json
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay import const
from custom_components.paybay.diagnostics import async_get_config_entry_diagnostics
from custom_components.paybay.domain.merchant import Merchant
from custom_components.paybay.ledger import LedgerError, references

from .entries import BAY_1, ENTRY_DATA, HOUR_PASS, MERCHANT, TEN_MIN, make_entry
from .site_fixtures import ObedientClock, captured, paid, set_up, settled

TEXTS_OF_MERCHANT = [
    value for value in asdict(MERCHANT).values() if isinstance(value, str)
]


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
        "payments_reach_us": "public",
        "refunds_by_itself": False,
        "merchant_details": sum(map(bool, TEXTS_OF_MERCHANT)),
        "asks_for_references": False,
        "issues": {"refund_due": 1},
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


def words(told: Any) -> Iterator[str]:
    """Return every text in what diagnostics tell, keys too."""
    match told:
        case str():
            yield told
        case dict():
            yield from told
            for value in told.values():
                yield from words(value)
        case list():
            for value in told:
                yield from words(value)


def secrets_in(stored: Any, name: str) -> Any:
    """Return stored settings with a secret of its own in place of every text."""
    match stored:
        case str():
            return f"known-secret-{name}"
        case dict():
            return {key: secrets_in(value, key) for key, value in stored.items()}
    return stored


async def test_they_keep_every_secret_name_and_id(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> None:
    """Secrets in all settings there are, in the books, and in what is open."""
    merchant = secrets_in(asdict(Merchant()), "merchant")
    named = replace(BAY_1, name="known-secret-bay")
    plan = replace(TEN_MIN, name="known-secret-plan")
    every = {name: value for name, value in vars(const).items() if name[:5] == "CONF_"}
    data: dict[str, Any] = {
        key: f"known-secret-{key}"
        for key in every.values()
        if key in ENTRY_DATA or "secret" in key or "url" in key
    }
    made = make_entry(
        bays=[named],
        plans=[plan, HOUR_PASS],
        **data | {const.CONF_KEY_ID: "rzp_test_known-secret"},
    )
    made.add_to_hass(hass)
    reference = {"kind": "vehicle", "required": True, "retention_days": 30}
    options = {const.CONF_MERCHANT: merchant, const.CONF_REFERENCE: reference}
    hass.config_entries.async_update_entry(
        made, title="known-secret-title", options=dict(made.options) | options
    )
    entry = await set_up(hass, made)
    site = entry.runtime_data
    order = await paid(hass, entry, payment_id="pay_known-secret", rrn="998877665544")
    await site.ledger.run(
        lambda c: references.put(c, order.id, site.entry_id, "KNOWN-SECRET-REF", 0)
    )
    await site.intake.take(captured(order))
    await settled(hass, entry)

    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["merchant_details"] == len(TEXTS_OF_MERCHANT)
    assert (told["payments_reach_us"], told["asks_for_references"]) == ("cloud", True)
    assert told["issues"]
    text = json.dumps(told).lower()
    hidden = [
        "known-secret",
        "998877665544",
        entry.entry_id,
        order.id,
        order.watch_code,
        *("bay_1", "relay_1", "ten_min", "rzp.io", hass.config.config_dir),
    ]
    assert [secret for secret in hidden if secret.lower() in text] == []
    # Nor can anything come in that nobody thought of: each word is one of ours.
    assert [word for word in words(told) if not word.replace("_", "").isalpha()] == []


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
