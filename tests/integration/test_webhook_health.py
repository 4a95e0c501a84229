"""What the owner learns of a webhook that does not do its job, and of one that does."""

from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import NonCallableMagicMock

from aiohttp import web
from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.const import (
    CONF_POLLING_ONLY,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
)
from custom_components.paybay.domain.notices import Channel, Notice
from custom_components.paybay.domain.orders import Order
from custom_components.paybay.flows import webhook_check
from custom_components.paybay.ledger import LedgerError, payments
from custom_components.paybay.providers.base import MalformedEventError

from .site_fixtures import ObedientClock, captured, settled, state_of
from .test_repairs import begin_any, choose, confirm
from .webhooks import HOOK

LAST = "sensor.razorpay_test_last_verified_webhook"
GOOD = {"X-Razorpay-Signature": "good"}

type Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    hass_client_no_auth: ClientSessionGenerator,
) -> Client:
    """Return a provider that knows the secret, or does not."""
    await hass.config.async_update(external_url="https://bays.example.com")
    site_provider.verify.side_effect = lambda _body, signature: signature == "good"
    site_provider.parse.side_effect = lambda _body, event_id: Notice(
        channel=Channel.WEBHOOK, kind="payment.downtime.started", event_id=event_id
    )
    assert await async_setup_component(hass, "repairs", {})
    made: Client = await hass_client_no_auth()
    return made


async def post(client: Client, body: bytes, headers: dict[str, str] | None) -> int:
    response = await client.post(HOOK, data=body, headers=headers)
    return response.status


async def buy(hass: HomeAssistant, entry: MockConfigEntry, channel: Channel) -> Order:
    """Have an order paid, and the news of it come in this way; then refund it all."""
    site = entry.runtime_data
    order: Order = await site.offers.make(site.bays["bay_1"], "ten_min")
    now_s = site.clock.now_ms() // 1000
    await site.intake.take(replace(captured(order, created_s=now_s), channel=channel))
    await settled(hass, entry)
    return order


async def next_day(
    hass: HomeAssistant, entry: MockConfigEntry, clock: ObedientClock
) -> None:
    """Let what runs end, and the webhook be judged."""
    await clock.pass_by(hass, 1_000)
    await settled(hass, entry)
    await entry.runtime_data.webhook_health.judge()
    await settled(hass, entry)


async def buy_often(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    clock: ObedientClock,
    channel: Channel,
    times: int = 3,
) -> None:
    for _ in range(times):
        await buy(hass, entry, channel)
        await next_day(hass, entry, clock)


def issues(hass: HomeAssistant) -> dict[str | None, ir.IssueEntry]:
    found = ir.async_get(hass).issues.values()
    return {issue.translation_key: issue for issue in found if issue.domain == DOMAIN}


async def test_payments_only_polling_found_are_an_issue_until_events_come_again(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    await buy_often(hass, site_entry, clock, Channel.POLL, 2)
    assert issues(hass) == {}
    await buy_often(hass, site_entry, clock, Channel.POLL, 1)
    issue = issues(hass)["webhook_silent"]
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "site": "Razorpay (test)",
        "missed": "3",
        "judged": "3",
    }
    await buy_often(hass, site_entry, clock, Channel.WEBHOOK, 2)
    assert list(issues(hass)) == ["webhook_silent"]
    await buy_often(hass, site_entry, clock, Channel.WEBHOOK, 1)
    assert issues(hass) == {}


async def test_event_that_comes_a_moment_after_the_poll_is_in_time(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    site_provider: NonCallableMagicMock,
) -> None:
    for number in range(3):
        order = await buy(hass, site_entry, Channel.POLL)
        ledger = site_entry.runtime_data.ledger
        (payment,) = await ledger.run(partial(payments.of_order, order_id=order.id))
        event = replace(captured(order, payment.id), event_id=f"evt_{number}")
        site_provider.parse.side_effect = [event]
        headers = GOOD | {"x-razorpay-event-id": f"evt_{number}"}
        assert await post(client, b"{}", headers) == 200
        await next_day(hass, site_entry, clock)
    assert issues(hass) == {}


async def test_payments_made_while_home_assistant_was_off_prove_nothing(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    site = site_entry.runtime_data
    for _ in range(3):
        order = await site.offers.make(site.bays["bay_1"], "ten_min")
        old_s = clock.now_ms() // 1000 - 3_600
        paid = replace(captured(order, created_s=old_s), channel=Channel.POLL)
        await site.intake.take(paid)
        await next_day(hass, site_entry, clock)
    assert "webhook_silent" not in issues(hass)


async def test_polling_only_site_is_not_told_of_a_webhook_it_does_not_want(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    options = {**site_entry.options, CONF_POLLING_ONLY: True}
    hass.config_entries.async_update_entry(site_entry, options=options)
    await settled(hass, site_entry)
    await buy_often(hass, site_entry, clock, Channel.POLL, 4)
    assert issues(hass) == {}


async def test_site_without_an_address_is_told_once_an_event_ever_came(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    await hass.config.async_update(external_url=None)
    await buy_often(hass, site_entry, clock, Channel.POLL)
    assert issues(hass) == {}
    assert await post(client, b"{}", GOOD) == 200
    await next_day(hass, site_entry, clock)
    assert list(issues(hass)) == ["webhook_silent"]


async def test_wrong_secret_is_an_issue_until_a_good_signature_comes(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    for _ in range(3):
        assert await post(client, b"{}", {}) == 403
    await buy_often(hass, site_entry, clock, Channel.POLL, 1)
    issue = issues(hass)["webhook_signatures"]
    assert (issue.translation_placeholders or {})["bad"] == "3"
    assert await post(client, b"{}", GOOD) == 200
    await clock.pass_by(hass, 3)
    await settled(hass, site_entry)
    assert issues(hass) == {}


async def test_bad_signatures_are_remembered_over_a_restart(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    for _ in range(3):
        await post(client, b"{}", {})
    await next_day(hass, site_entry, clock)
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    await buy_often(hass, site_entry, clock, Channel.POLL, 1)
    assert list(issues(hass)) == ["webhook_signatures"]


async def test_stranger_with_garbage_raises_no_alarm_and_writes_no_rows(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = site_entry.runtime_data.ledger
    runs: list[Any] = []
    run = ledger.run

    async def count(work: Any) -> Any:
        runs.append(work)
        return await run(work)

    await buy(hass, site_entry, Channel.WEBHOOK)
    monkeypatch.setattr(ledger, "run", count)
    for _ in range(50):
        assert await post(client, b"garbage", {"X-Razorpay-Signature": "0"}) == 403
    assert runs == []
    await next_day(hass, site_entry, clock)
    assert issues(hass) == {}


async def test_signed_event_that_cannot_be_read_stands_before_the_owner(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    site_provider: NonCallableMagicMock,
) -> None:
    site_provider.parse.side_effect = MalformedEventError("no name")
    site_provider.payments_between.reset_mock()
    for _ in range(2):
        assert await post(client, b"{}", GOOD | {"x-razorpay-event-id": "e"}) == 200
    await clock.pass_by(hass, 3)
    await settled(hass, site_entry)
    issue = issues(hass)["event_unreadable"]
    assert issue.translation_placeholders == {"count": "1"}
    assert site_provider.payments_between.await_count
    await confirm(hass, await begin_any(hass))
    await next_day(hass, site_entry, clock)
    assert issues(hass) == {}


async def test_unreadable_event_that_cannot_be_stored_is_not_acknowledged(
    client: Client,
    site_entry: MockConfigEntry,
    site_provider: NonCallableMagicMock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(*_: Any) -> None:
        raise LedgerError("disk full")

    site_provider.parse.side_effect = MalformedEventError("no name")
    with monkeypatch.context() as patched:
        patched.setattr(site_entry.runtime_data.ledger, "run", full)
        assert await post(client, b"{}", GOOD) == 503


async def test_last_verified_webhook_is_known_after_a_restart(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    assert state_of(hass, LAST) == "unknown"
    assert await post(client, b"{}", {}) == 403
    await clock.pass_by(hass, 400)
    await settled(hass, site_entry)
    assert state_of(hass, LAST) == "unknown"
    at = dt_util.utc_from_timestamp(clock.now_ms() // 1000).isoformat()
    assert await post(client, b"{}", GOOD) == 200
    await clock.pass_by(hass, 3)
    await settled(hass, site_entry)
    assert state_of(hass, LAST) == at
    await hass.config_entries.async_reload(site_entry.entry_id)
    await settled(hass, site_entry)
    assert state_of(hass, LAST) == at


async def test_counts_are_there_for_who_wants_them(
    hass: HomeAssistant, site_entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    found = er.async_entries_for_config_entry(entity_registry, site_entry.entry_id)
    disabled = {entity.unique_id for entity in found if entity.disabled_by}
    assert disabled == {
        f"{site_entry.entry_id}_bad_signatures",
        f"{site_entry.entry_id}_missed_payments",
    }


@pytest.fixture
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_check, "WAIT_S", 0)


@pytest.mark.usefixtures("_no_wait")
async def test_owner_repairs_the_secret_from_the_notice(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    site_provider: NonCallableMagicMock,
) -> None:
    for _ in range(3):
        assert await post(client, b"{}", {}) == 403
    await buy_often(hass, site_entry, clock, Channel.POLL, 1)
    form = await choose(hass, "show")
    shown = form["description_placeholders"] or {}
    assert shown["url"] == f"https://bays.example.com{HOOK}"
    assert shown["secret"] == site_entry.data[CONF_WEBHOOK_SECRET]
    form = await confirm(hass, form)
    assert form["errors"] == {"base": "nothing_came"}
    assert await post(client, b"{}", {}) == 403
    form = await confirm(hass, form)
    assert form["errors"] == {"base": "other_secret"}

    async def report(_link_id: str) -> None:
        assert await post(client, b"{}", GOOD) == 200

    site_provider.cancel_link.side_effect = report
    done = await confirm(hass, form)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert issues(hass) == {}


async def test_owner_gives_the_webhook_up_from_the_notice(
    hass: HomeAssistant,
    client: Client,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
) -> None:
    await buy_often(hass, site_entry, clock, Channel.POLL)
    done = await choose(hass, "polling")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert site_entry.options[CONF_POLLING_ONLY] is True
    await settled(hass, site_entry)
    await buy_often(hass, site_entry, clock, Channel.POLL)
    assert issues(hass) == {}
