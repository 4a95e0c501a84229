"""The provider's door: acknowledged means stored, refused means unread."""

import asyncio
from collections.abc import AsyncIterator
from unittest.mock import patch

from aiohttp import web
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from sqlalchemy import func, select

from custom_components.paybay.ledger import LedgerError, schema
from custom_components.paybay.web import webhook
from custom_components.paybay.web.body import read_body

from .entries import ENTRY_DATA
from .webhooks import HOOK, captured, signed

type Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


async def _post(client: Client, body: bytes, headers: dict[str, str]) -> int:
    response = await client.post(HOOK, data=body, headers=headers)
    return response.status


async def _events(entry: MockConfigEntry) -> int:
    count = select(func.count()).select_from(schema.payment_events)
    found: int = await entry.runtime_data.ledger.run(
        lambda c: c.execute(count).scalar_one()
    )
    return found


async def test_signed_event_is_stored_before_it_is_acknowledged(
    client: Client, live_entry: MockConfigEntry
) -> None:
    body = captured(None)
    assert await _post(client, body, signed(body)) == 200
    assert await _events(live_entry) == 1


async def test_event_of_another_shop_is_acknowledged(client: Client) -> None:
    body = captured("not-one-of-ours")
    response = await client.post(HOOK, data=body, headers=signed(body))
    assert response.status == 200
    assert (await response.json())["status"] == "unmatched"


async def test_previous_secret_still_counts_after_a_rotation(
    hass: HomeAssistant, client: Client, live_entry: MockConfigEntry
) -> None:
    data = {
        **ENTRY_DATA,
        "webhook_secret": "brand-new",
        "previous_webhook_secret": ENTRY_DATA["webhook_secret"],
    }
    hass.config_entries.async_update_entry(live_entry, data=data)
    await hass.async_block_till_done()
    body = captured(None)
    assert await _post(client, body, signed(body)) == 200
    assert await _post(client, body, signed(body, secret="brand-new")) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Razorpay-Signature": ""},
        {"X-Razorpay-Signature": "0" * 64},
        {"X-Razorpay-Signature": "ü"},
        signed(b"another body"),
    ],
)
async def test_bad_signature_is_refused_unread_and_is_no_failed_login(
    hass: HomeAssistant,
    client: Client,
    live_entry: MockConfigEntry,
    headers: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with patch.object(live_entry.runtime_data.provider, "parse") as parse:
        assert await _post(client, captured(None), headers) == 403
    parse.assert_not_called()
    assert await _events(live_entry) == 0
    assert "Login attempt" not in caplog.text
    assert "customer@upi" not in caplog.text
    assert "pay_" not in caplog.text


async def test_flood_of_forgeries_does_not_fill_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(50):
        assert await _post(client, captured(None), {}) == 403
    assert caplog.text.count("bad signature") == 1


async def test_re_encoded_body_is_refused(client: Client) -> None:
    body = captured(None)
    headers = signed(body)
    assert await _post(client, body.replace(b"\\/", b"/"), headers) == 403


async def test_body_past_the_limit_is_refused_unread(
    client: Client, live_entry: MockConfigEntry
) -> None:
    body = b"x" * (64 * 1024 + 1)
    with patch.object(live_entry.runtime_data.provider, "verify") as verify:
        assert await _post(client, body, signed(body)) == 413

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(65):
                yield b"x" * 1024

        response = await client.post(HOOK, data=chunks(), headers=signed(body))
        assert response.status == 413
    verify.assert_not_called()


async def test_unknown_hook_is_not_found(client: Client) -> None:
    body = captured(None)
    url = "/api/paybay/webhook/somewhere-else"
    response = await client.post(url, data=body, headers=signed(body))
    assert response.status == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
async def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    response = await getattr(client, method)(HOOK)
    assert response.status == 405


async def test_event_that_cannot_be_stored_is_not_acknowledged(
    client: Client, live_entry: MockConfigEntry
) -> None:
    body = captured(None)
    ledger = live_entry.runtime_data.ledger
    with patch.object(ledger, "run", side_effect=LedgerError("disk full")):
        assert await _post(client, body, signed(body)) == 503
    assert await _post(client, body, signed(body)) == 200
    assert await _events(live_entry) == 1


async def test_event_while_the_site_is_unloaded_is_not_acknowledged(
    hass: HomeAssistant, client: Client, live_entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(live_entry.entry_id)
    body = captured(None)
    assert await _post(client, body, signed(body)) == 503
    await hass.config_entries.async_setup(live_entry.entry_id)
    assert live_entry.state is ConfigEntryState.LOADED
    assert await _post(client, body, signed(body)) == 200


async def test_event_whose_body_arrives_across_a_reload_is_served(
    hass: HomeAssistant,
    client: Client,
    live_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = captured(None)
    reading, reloaded = asyncio.Event(), asyncio.Event()

    async def read_slowly(request: web.Request, max_bytes: int) -> bytes | None:
        reading.set()
        return await read_body(request, max_bytes)

    monkeypatch.setattr(webhook, "read_body", read_slowly)

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:10]
        await reloaded.wait()
        yield body[10:]

    headers = signed(body)
    posting = asyncio.create_task(client.post(HOOK, data=slowly(), headers=headers))
    await reading.wait()
    old = live_entry.runtime_data
    with patch.object(old.intake, "take") as take:
        await hass.config_entries.async_reload(live_entry.entry_id)
        reloaded.set()
        response = await posting
    assert response.status == 200
    take.assert_not_called()
    assert await _events(live_entry) == 1


async def test_event_before_the_site_is_set_up_is_not_acknowledged(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    ready = asyncio.Event()
    setting_up = asyncio.Event()

    async def slow(*_args: object) -> object:
        setting_up.set()
        await ready.wait()
        raise LedgerError("still not")

    with patch("custom_components.paybay.async_get_ledger", slow):
        task = asyncio.create_task(async_setup_component(hass, "paybay", {}))
        await setting_up.wait()
        client = await hass_client_no_auth()
        body = captured(None)
        assert await _post(client, body, signed(body)) == 503
        ready.set()
        await task
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert await _post(client, body, signed(body)) == 503


async def test_signed_event_without_sense_is_stored_and_acknowledged(
    client: Client, live_entry: MockConfigEntry
) -> None:
    for body in (b"[]", b"{}", b"not json", b'{"event": 7}'):
        headers = signed(body, event_id=body.decode())
        assert await _post(client, body, headers) == 200
    assert await _events(live_entry) == 4


async def test_event_without_an_id_is_stored_once(
    client: Client, live_entry: MockConfigEntry
) -> None:
    body = captured(None)
    headers = signed(body)
    del headers["x-razorpay-event-id"]
    for _ in range(3):
        assert await _post(client, body, headers) == 200
    assert await _events(live_entry) == 1
