"""The owner settles what stands open."""

from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.ledger import (
    LedgerError,
    orders,
    refunds,
    unreported,
)

from .site_fixtures import ObedientClock, paid, settled


@pytest.fixture(autouse=True)
async def _repairs(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "repairs", {})


def only_issue(hass: HomeAssistant) -> ir.IssueEntry:
    (issue,) = [i for i in ir.async_get(hass).issues.values() if i.domain == DOMAIN]
    return issue


async def choose(hass: HomeAssistant, step: str) -> Any:
    """Open the fix flow of the only issue and choose a step, if there is a choice."""
    manager = repairs_flow_manager(hass)
    assert manager
    result = await manager.async_init(
        DOMAIN, context={"issue_id": only_issue(hass).issue_id}
    )
    if result["type"] is FlowResultType.MENU:
        chosen = {"next_step_id": step}
        result = await manager.async_configure(result["flow_id"], chosen)
    return result


async def begin_any(hass: HomeAssistant) -> Any:
    """Say that the only issue is settled."""
    form = await choose(hass, "confirm")
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "confirm"
    return form


async def begin(hass: HomeAssistant) -> Any:
    """Say that the only issue was settled otherwise."""
    form = await begin_any(hass)
    assert (form["description_placeholders"] or {})["amount"] == "10.00 INR"
    return form


async def confirm(hass: HomeAssistant, form: Any) -> Any:
    manager = repairs_flow_manager(hass)
    assert manager
    return await manager.async_configure(form["flow_id"], {})


async def test_a_confirmed_refund_is_settled_in_the_ledger(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, created_s=1_700_000_000)
    result = await confirm(hass, await begin(hass))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not ir.async_get(hass).issues
    ledger = site_entry.runtime_data.ledger
    (refund,) = await ledger.run(lambda c: refunds.of_order(c, order.id))
    assert refund.state is RefundState.WAIVED
    story = await ledger.run(lambda c: orders.story(c, order.id))
    assert (story[-1]["what"], story[-1]["minor"]) == ("refund_settled", 1000)


async def test_a_settled_refund_does_not_come_back(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry, created_s=1_700_000_000)
    await confirm(hass, await begin(hass))
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert not ir.async_get(hass).issues


async def test_a_refund_settled_meanwhile_is_settled_once(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    order = await paid(hass, site_entry, created_s=1_700_000_000)
    form = await begin(hass)
    ledger = site_entry.runtime_data.ledger
    (refund,) = await ledger.run(lambda c: refunds.of_order(c, order.id))
    await ledger.run(lambda c: refunds.settle(c, refund.key, 1))
    result = await confirm(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    story = await ledger.run(lambda c: orders.story(c, order.id))
    assert [line["what"] for line in story].count("refund_settled") == 1


async def test_a_refund_can_be_settled_after_its_site_was_removed(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    await paid(hass, site_entry)
    ledger = site_entry.runtime_data.ledger
    await hass.config_entries.async_remove(site_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await confirm(hass, await begin(hass))
    assert not ir.async_get(hass).issues
    assert await ledger.run(lambda c: refunds.due(c, site_entry.entry_id)) == []


async def test_what_cannot_be_stored_stays_open(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    await paid(hass, site_entry, created_s=1_700_000_000)
    form = await begin(hass)
    with monkeypatch.context() as patched:
        patched.setattr(site_entry.runtime_data.ledger, "run", full)
        result = await confirm(hass, form)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_stored"
    assert only_issue(hass).translation_key == "refund_due"


async def test_an_unreported_session_is_shown_until_the_owner_looked_at_it(
    hass: HomeAssistant, site_entry: MockConfigEntry, clock: ObedientClock
) -> None:
    order = await paid(hass, site_entry)
    ledger = site_entry.runtime_data.ledger
    await ledger.run(lambda c: orders.change(c, order.id, reason=unreported.REASON))
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    await confirm(hass, await begin(hass))
    await ledger.run(lambda c: orders.change(c, order.id, reason=unreported.REASON))
    assert await ledger.run(lambda c: unreported.of_site(c, site_entry.entry_id)) == []
    assert not ir.async_get(hass).issues
