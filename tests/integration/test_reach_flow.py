"""How payments reach a site: chosen, shown, tried, and changed again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import hashlib
import hmac
from typing import Any
from unittest.mock import AsyncMock, NonCallableMagicMock, patch

from aiohttp.test_utils import TestClient
from homeassistant.components.cloud import CloudNotAvailable
from homeassistant.components.webhook import async_handle_webhook
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.setup import async_setup_component
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.cloud_hook import DATA_WEBHOOK_ENTRY_ID
from custom_components.paybay.const import (
    CONF_CLOUDHOOK_URL,
    CONF_HOOK_ID,
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_POLLING_ONLY,
    CONF_PREVIOUS_WEBHOOK_SECRET,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
    WEBHOOK_PATH,
)
from custom_components.paybay.domain.notices import LinkFact
from custom_components.paybay.flows import webhook_check
from custom_components.paybay.hook import webhook_expected
from custom_components.paybay.providers.base import (
    LinkRequest,
    ProviderUnavailableError,
)
from custom_components.paybay.providers.razorpay.signature import is_signed
from custom_components.paybay.webhook_repair import WebhookRepairFlow

from .entries import ENTRY_DATA, KEY_ID, make_entry
from .site_fixtures import open_link
from .test_repairs import choose

KEYS = {CONF_KEY_ID: KEY_ID, CONF_KEY_SECRET: "s3cret"}
CLOUD_URL = "https://hooks.nabu.casa/abc"
BODY = b'{"event":"payment_link.cancelled"}'
CLOUD = "homeassistant.components.cloud"

type Client = TestClient[Any, Any]


@pytest.fixture(autouse=True)
def _public_url(hass: HomeAssistant) -> None:
    hass.config.external_url = "https://shop.example.com"


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_check, "WAIT_S", 0)


@pytest.fixture
def signing(provider: NonCallableMagicMock) -> Iterator[NonCallableMagicMock]:
    """Let the provider check signatures with the account's present secrets."""

    def make(_hass: HomeAssistant, data: dict[str, Any]) -> NonCallableMagicMock:
        names = (CONF_WEBHOOK_SECRET, CONF_PREVIOUS_WEBHOOK_SECRET)
        secrets = [data[name] for name in names if data.get(name)]
        provider.verify.side_effect = lambda body, signature: is_signed(
            body, signature, secrets
        )
        return provider

    with patch("custom_components.paybay.flows.keys.make_provider", make):
        yield provider


@pytest.fixture
async def cloud(hass: HomeAssistant) -> AsyncIterator[dict[str, AsyncMock]]:
    """Subscribe to Home Assistant Cloud, which makes and deletes addresses."""
    hass.config.components.add("cloud")
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", return_value=CLOUD_URL) as make,
        patch(f"{CLOUD}.async_delete_cloudhook") as delete,
    ):
        yield {"make": make, "delete": delete}


async def _go(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any] | None
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_configure(result["flow_id"], user_input)


async def _choose(
    hass: HomeAssistant, result: ConfigFlowResult, option: str
) -> ConfigFlowResult:
    return await _go(hass, result, {"next_step_id": option})


async def _to_reach(hass: HomeAssistant) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await _go(hass, result, KEYS)


@pytest.fixture
async def client(
    hass: HomeAssistant,
    signing: NonCallableMagicMock,
    hass_client_no_auth: ClientSessionGenerator,
) -> Client:
    """Return a client of what the first flow sets up, for there is no entry yet."""
    hass.config_entries.flow.async_abort((await _to_reach(hass))["flow_id"])
    made: Client = await hass_client_no_auth()
    return made


async def _tried(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Return what the owner sees once the webhook was tried."""
    await hass.async_block_till_done()
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        result = await _go(hass, result, None)
    assert result["type"] is not FlowResultType.SHOW_PROGRESS
    return result


async def _to_waiting(hass: HomeAssistant) -> tuple[ConfigFlowResult, dict[str, str]]:
    """Return the step that waits for a first event, and what the owner copied."""
    result = await _choose(hass, await _to_reach(hass), "reach_public")
    shown = dict(result["description_placeholders"] or {})
    return await _tried(hass, await _go(hass, result, {})), shown


async def _post(client: Client, shown: dict[str, str], secret: str) -> int:
    path = shown["url"].removeprefix("https://shop.example.com")
    answer = await client.post(path, data=BODY, headers=_signed(secret))
    return answer.status


def _signed(secret: str) -> dict[str, str]:
    digest = hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()
    return {"X-Razorpay-Signature": digest}


@pytest.mark.parametrize(
    ("url", "menu", "step"),
    [
        (None, "reach_unknown", "webhook_missing"),
        ("http://shop.example.com", "reach_unknown", "webhook_missing"),
        ("https://203.0.113.5", "reach_unknown", "webhook_missing"),
        ("https://shop.example.com:8123", "reach_unknown", "webhook_blocked"),
        ("https://homeassistant.local", "reach_unknown", "webhook_blocked"),
        ("https://abc.ngrok.io", "reach_unknown", "webhook_blocked"),
        ("https://shop.example.com:80", "reach", "webhook"),
    ],
)
@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_an_address_that_razorpay_cannot_reach_is_said_plainly(
    hass: HomeAssistant, url: str | None, menu: str, step: str
) -> None:
    hass.config.external_url = url
    result = await _to_reach(hass)
    assert result["step_id"] == menu
    result = await _choose(hass, result, "reach_public")
    assert result["step_id"] == step
    shown = (result["description_placeholders"] or {})["url"]
    assert shown.startswith("/api/paybay/" if step == "webhook_missing" else str(url))
    # A page that is loaded again shows the same.
    assert (await _go(hass, result, None))["step_id"] == step


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_an_address_that_does_not_fit_is_not_tried(hass: HomeAssistant) -> None:
    hass.config.external_url = None
    result = await _choose(hass, await _to_reach(hass), "reach_public")
    result = await _go(hass, result, {})
    assert result["step_id"] == "plans"
    result = await _choose(hass, result, "default_plans")
    assert result["result"].options == {CONF_POLLING_ONLY: False}


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_the_owner_sees_what_to_copy(hass: HomeAssistant) -> None:
    result = await _choose(hass, await _to_reach(hass), "reach_public")
    assert result["data_schema"]
    assert result["data_schema"]({}) == {"mode": "test"}
    shown = dict(result["description_placeholders"] or {})
    assert "- `payment_link.paid`" in shown["events"]
    result = await _tried(hass, await _go(hass, result, {}))
    result = await _choose(hass, result, "webhook_skip")
    result = await _choose(hass, result, "default_plans")
    data = result["result"].data
    assert shown["secret"] == data[CONF_WEBHOOK_SECRET]
    path = WEBHOOK_PATH.format(hook=data[CONF_HOOK_ID])
    assert shown["url"] == f"https://shop.example.com{path}"


@pytest.mark.usefixtures("mock_setup_entry", "provider")
async def test_without_reports_nothing_is_missed(hass: HomeAssistant) -> None:
    result = await _choose(hass, await _to_reach(hass), "reach_polling")
    result = await _choose(hass, result, "default_plans")
    assert result["result"].options == {CONF_POLLING_ONLY: True}
    assert webhook_expected(hass, result["result"]) is False


@pytest.mark.usefixtures("mock_setup_entry")
async def test_the_first_verified_event_is_seen_and_comes_again_later(
    hass: HomeAssistant, client: Client, signing: NonCallableMagicMock
) -> None:
    codes: list[int] = []
    result = await _choose(hass, await _to_reach(hass), "reach_public")
    shown = dict(result["description_placeholders"] or {})

    async def report(_link_id: str) -> None:
        codes.append(await _post(client, shown, shown["secret"]))

    signing.cancel_link.side_effect = report
    result = await _tried(hass, await _go(hass, result, {}))
    assert (result["type"], result["step_id"]) == (
        FlowResultType.FORM,
        "webhook_verified",
    )
    # There is no ledger entry for it yet, so the provider must send it again.
    assert codes == [503]
    link = signing.create_link.await_args.args[0]
    assert (link.amount.minor, link.tag) == (100, None)
    assert (await _go(hass, result, {}))["step_id"] == "plans"


@pytest.mark.usefixtures("mock_setup_entry")
async def test_the_waiting_page_goes_on_by_itself(
    hass: HomeAssistant, client: Client, signing: NonCallableMagicMock
) -> None:
    result, shown = await _to_waiting(hass)
    assert (result["type"], result["step_id"]) == (
        FlowResultType.MENU,
        "webhook_waiting",
    )
    told: list[str] = []

    @callback
    def listen(event: Event) -> None:
        told.append(event.data["flow_id"])

    hass.bus.async_listen("data_entry_flow_progressed", listen)
    assert await _post(client, shown, "another secret") == 503
    await hass.async_block_till_done()
    assert told == [result["flow_id"]]
    result = await _go(hass, result, None)
    assert result["step_id"] == "webhook_wrong_secret"

    assert await _post(client, shown, shown["secret"]) == 503
    await hass.async_block_till_done()
    assert told == [result["flow_id"]] * 2
    assert (await _go(hass, result, None))["step_id"] == "webhook_verified"


@pytest.mark.usefixtures("mock_setup_entry", "signing")
async def test_the_webhook_can_be_compared_and_tried_again(
    hass: HomeAssistant, client: Client
) -> None:
    result, shown = await _to_waiting(hass)
    result = await _choose(hass, result, "webhook_again")
    assert dict(result["description_placeholders"] or {}) == shown
    # Nobody waits on this page, and what comes is kept in mind all the same.
    assert await _post(client, shown, shown["secret"]) == 503
    result = await _tried(hass, await _go(hass, result, {}))
    assert result["step_id"] == "webhook_verified"


@pytest.mark.usefixtures("mock_setup_entry")
async def test_a_try_that_the_provider_refuses_still_lets_the_owner_go_on(
    hass: HomeAssistant, signing: NonCallableMagicMock
) -> None:
    signing.create_link.side_effect = ProviderUnavailableError()
    result, _ = await _to_waiting(hass)
    assert result["step_id"] == "webhook_waiting"
    signing.cancel_link.assert_not_awaited()
    assert (await _choose(hass, result, "webhook_skip"))["step_id"] == "plans"


@pytest.mark.usefixtures("mock_setup_entry")
async def test_a_closed_window_leaves_no_link_to_pay(
    hass: HomeAssistant, signing: NonCallableMagicMock
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def make(request: LinkRequest) -> LinkFact:
        asked.set()
        await answered.wait()
        return open_link(request)

    signing.create_link.side_effect = make
    result = await _choose(hass, await _to_reach(hass), "reach_public")
    result = await _go(hass, result, {})
    await asked.wait()
    hass.config_entries.flow.async_abort(result["flow_id"])
    answered.set()
    await hass.async_block_till_done()
    signing.cancel_link.assert_awaited_once()


@pytest.mark.usefixtures("mock_setup_entry")
async def test_the_link_is_called_off_though_the_first_try_fails(
    hass: HomeAssistant, signing: NonCallableMagicMock
) -> None:
    signing.cancel_link.side_effect = [ProviderUnavailableError(), None]
    await _to_waiting(hass)
    assert signing.cancel_link.await_count == 2


@pytest.mark.usefixtures("mock_setup_entry", "signing")
async def test_a_closed_window_ends_the_watch(
    hass: HomeAssistant, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_check, "WAIT_S", 3600)
    result = await _choose(hass, await _to_reach(hass), "reach_public")
    shown = dict(result["description_placeholders"] or {})
    result = await _go(hass, result, {})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    large = await client.post(shown["url"][24:], data=b"x" * 65_537)
    assert large.status == 413
    assert (await _go(hass, result, None))["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert await _post(client, shown, shown["secret"]) == 404


@pytest.mark.usefixtures("provider", "mock_setup_entry")
async def test_the_cloud_gives_an_address_where_there_is_a_subscription(
    hass: HomeAssistant, cloud: dict[str, AsyncMock]
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    hass.config.external_url = None
    result = await _to_reach(hass)
    assert result["menu_options"] == ["reach_cloud", "reach_polling", "reach_public"]
    result = await _choose(hass, result, "reach_cloud")
    assert result["step_id"] == "webhook"
    assert (result["description_placeholders"] or {})["url"] == CLOUD_URL
    result = await _tried(hass, await _go(hass, result, {}))
    result = await _choose(hass, result, "webhook_skip")
    entry = (await _choose(hass, result, "default_plans"))["result"]
    assert entry.data[CONF_CLOUDHOOK_URL] == CLOUD_URL
    cloud["make"].assert_awaited_once_with(hass, entry.data[CONF_HOOK_ID])
    cloud["delete"].assert_not_awaited()
    assert webhook_expected(hass, entry) is True


@pytest.mark.usefixtures("provider", "mock_setup_entry")
async def test_without_a_subscription_the_cloud_is_not_offered(
    hass: HomeAssistant,
) -> None:
    result = await _to_reach(hass)
    assert result["menu_options"] == ["reach_public", "reach_polling"]


@pytest.mark.usefixtures("provider", "mock_setup_entry", "cloud")
async def test_a_subscription_may_end_while_the_menu_is_shown(
    hass: HomeAssistant,
) -> None:
    result = await _to_reach(hass)
    with patch(f"{CLOUD}.async_active_subscription", return_value=False):
        result = await _choose(hass, result, "reach_cloud")
        assert result["step_id"] == "cloud_failed"
        assert (await _go(hass, result, None))["step_id"] == "cloud_failed"


@pytest.mark.usefixtures("provider", "mock_setup_entry")
async def test_a_cloud_that_fails_can_be_asked_again(
    hass: HomeAssistant, cloud: dict[str, AsyncMock]
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    cloud["make"].side_effect = CloudNotAvailable
    result = await _choose(hass, await _to_reach(hass), "reach_cloud")
    assert result["step_id"] == "cloud_failed"
    cloud["make"].side_effect = None
    assert (await _choose(hass, result, "reach_cloud"))["step_id"] == "webhook"


@pytest.mark.usefixtures("provider")
async def test_a_closed_window_gives_the_cloud_address_back(
    hass: HomeAssistant, cloud: dict[str, AsyncMock]
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    result = await _choose(hass, await _to_reach(hass), "reach_cloud")
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    cloud["delete"].assert_awaited_once()


async def _reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, option: str
) -> ConfigFlowResult:
    result = await entry.start_reconfigure_flow(hass)
    return await _choose(hass, result, option)


@pytest.mark.usefixtures("signing")
async def test_the_webhook_can_be_seen_and_tried_again(
    hass: HomeAssistant, entry: MockConfigEntry, signing: NonCallableMagicMock
) -> None:
    result = await _reconfigure(hass, entry, "show_webhook")
    assert result["step_id"] == "webhook"
    shown = result["description_placeholders"] or {}
    assert shown["secret"] == ENTRY_DATA[CONF_WEBHOOK_SECRET]
    assert shown["url"].endswith(ENTRY_DATA[CONF_HOOK_ID])
    result = await _tried(hass, await _go(hass, result, {}))
    result = await _choose(hass, result, "webhook_skip")
    assert result["reason"] == "webhook_shown"
    assert entry.data == ENTRY_DATA
    signing.create_link.assert_awaited_once()


@pytest.mark.usefixtures("signing")
async def test_a_running_site_takes_the_tried_event_in(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_client_no_auth()
    result = await _reconfigure(hass, live_entry, "show_webhook")
    result = await _tried(hass, await _go(hass, result, {}))
    shown = {"url": WEBHOOK_PATH.format(hook=ENTRY_DATA[CONF_HOOK_ID])}
    assert await _post(client, shown, ENTRY_DATA[CONF_WEBHOOK_SECRET]) == 200
    assert live_provider.parse.called
    result = await _go(hass, result, None)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "webhook_works")


@pytest.mark.usefixtures("signing")
async def test_a_new_secret_keeps_the_old_one_for_late_messages(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await _reconfigure(hass, entry, "new_secret")
    assert (result["step_id"], entry.data) == ("new_secret", ENTRY_DATA)

    result = await _go(hass, result, {})
    new = entry.data[CONF_WEBHOOK_SECRET]
    old = ENTRY_DATA[CONF_WEBHOOK_SECRET]
    assert new != old
    assert entry.data[CONF_PREVIOUS_WEBHOOK_SECRET] == old
    assert (result["description_placeholders"] or {})["secret"] == new


@pytest.mark.usefixtures("signing")
async def test_after_a_new_secret_only_that_one_counts_as_entered(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_client_no_auth()
    result = await _reconfigure(hass, live_entry, "new_secret")
    result = await _go(hass, result, {})
    await hass.async_block_till_done()
    result = await _tried(hass, await _go(hass, result, {}))
    shown = {"url": WEBHOOK_PATH.format(hook=ENTRY_DATA[CONF_HOOK_ID])}
    assert await _post(client, shown, ENTRY_DATA[CONF_WEBHOOK_SECRET]) == 200
    result = await _go(hass, result, None)
    assert result["step_id"] == "webhook_wrong_secret"
    assert await _post(client, shown, live_entry.data[CONF_WEBHOOK_SECRET]) == 200
    assert (await _go(hass, result, None))["reason"] == "webhook_works"


@pytest.mark.usefixtures("provider")
async def test_the_way_can_be_changed_to_the_cloud_and_back(
    hass: HomeAssistant, entry: MockConfigEntry, cloud: dict[str, AsyncMock]
) -> None:
    assert await async_setup_component(hass, "webhook", {})
    result = await _reconfigure(hass, entry, "reach")
    result = await _choose(hass, result, "reach_cloud")
    assert entry.data == ENTRY_DATA | {CONF_CLOUDHOOK_URL: CLOUD_URL}
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    cloud["delete"].assert_not_awaited()

    result = await _reconfigure(hass, entry, "reach")
    await _choose(hass, result, "reach_public")
    assert entry.data == ENTRY_DATA
    cloud["delete"].assert_awaited_once_with(hass, ENTRY_DATA[CONF_HOOK_ID])


async def test_the_way_can_be_changed_to_none(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await _reconfigure(hass, entry, "reach")
    result = await _choose(hass, result, "reach_polling")
    assert result["reason"] == "polling_only"
    assert entry.options[CONF_POLLING_ONLY] is True


@pytest.fixture
async def cloud_entry(
    hass: HomeAssistant,
    live_entry: MockConfigEntry,
    cloud: dict[str, AsyncMock],
) -> MockConfigEntry:
    """Return a site at work, with its webhook at the cloud."""
    assert cloud
    data = {**live_entry.data, CONF_CLOUDHOOK_URL: CLOUD_URL}
    hass.config_entries.async_update_entry(live_entry, data=data)
    await hass.async_block_till_done()
    return live_entry


def _cloud_request(secret: str, body: bytes = BODY) -> MockRequest:
    return MockRequest(
        content=body, mock_source="cloud", method="POST", headers=_signed(secret)
    )


async def _handle(hass: HomeAssistant, request: MockRequest) -> int:
    hook = ENTRY_DATA[CONF_HOOK_ID]
    return (await async_handle_webhook(hass, hook, request)).status


@pytest.mark.usefixtures("cloud_entry")
async def test_what_comes_through_the_cloud_is_verified_and_stored(
    hass: HomeAssistant, live_provider: NonCallableMagicMock
) -> None:
    secret = ENTRY_DATA[CONF_WEBHOOK_SECRET]
    assert await _handle(hass, _cloud_request(secret)) == 200
    assert live_provider.parse.call_args.args[0] == BODY
    assert await _handle(hass, _cloud_request("another")) == 403
    assert await _handle(hass, _cloud_request(secret, b"x" * 65_537)) == 413


async def test_what_the_cloud_brings_while_we_cannot_store_it_comes_again(
    hass: HomeAssistant,
    cloud_entry: MockConfigEntry,
    live_provider: NonCallableMagicMock,
) -> None:
    secret = ENTRY_DATA[CONF_WEBHOOK_SECRET]
    live_provider.parse.side_effect = RuntimeError("a bug")
    assert await _handle(hass, _cloud_request(secret)) == 503
    await hass.config_entries.async_unload(cloud_entry.entry_id)
    assert await _handle(hass, _cloud_request(secret)) == 503


async def test_the_cloud_door_is_open_before_its_site_is(hass: HomeAssistant) -> None:
    made = make_entry(cloudhook_url=CLOUD_URL)
    made.add_to_hass(hass)
    with patch("custom_components.paybay.async_setup_entry", return_value=True):
        assert await async_setup_component(hass, DOMAIN, {})
    object.__setattr__(made, "runtime_data", None)
    await hass.config_entries.async_unload(made.entry_id)
    assert await _handle(hass, _cloud_request("any")) == 503


@pytest.mark.parametrize("failure", [None, ValueError("no such hook")])
async def test_a_removed_site_gives_its_cloud_address_back(
    hass: HomeAssistant,
    cloud_entry: MockConfigEntry,
    cloud: dict[str, AsyncMock],
    failure: Exception | None,
) -> None:
    cloud["delete"].side_effect = failure
    await hass.config_entries.async_remove(cloud_entry.entry_id)
    cloud["delete"].assert_awaited_once_with(hass, ENTRY_DATA[CONF_HOOK_ID])
    # Home Assistant's own answer to a webhook that nobody has.
    assert await _handle(hass, _cloud_request("any")) == 200


async def test_a_removed_site_whose_cloud_is_gone_is_removed_all_the_same(
    hass: HomeAssistant, cloud_entry: MockConfigEntry, cloud: dict[str, AsyncMock]
) -> None:
    hass.config.components.remove("cloud")
    await hass.config_entries.async_remove(cloud_entry.entry_id)
    cloud["delete"].assert_not_awaited()
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_the_owner_gets_a_new_cloud_address_from_the_notice(
    hass: HomeAssistant, cloud_entry: MockConfigEntry, cloud: dict[str, AsyncMock]
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    async_dispatcher_send(hass, "CLOUDHOOKS_UPDATED", {})
    cloud["make"].side_effect = CloudNotAvailable
    assert (await choose(hass, "new_address"))["reason"] == "cloud_failed"
    cloud["make"].side_effect = None
    cloud["make"].return_value = "https://hooks.nabu.casa/new"
    form = await choose(hass, "new_address")
    assert form["description_placeholders"]["url"] == "https://hooks.nabu.casa/new"
    await hass.async_block_till_done()
    assert cloud_entry.data[CONF_CLOUDHOOK_URL] == "https://hooks.nabu.casa/new"
    async_dispatcher_send(
        hass,
        "CLOUDHOOKS_UPDATED",
        {ENTRY_DATA[CONF_HOOK_ID]: {"cloudhook_url": "https://hooks.nabu.casa/new"}},
    )
    await hass.async_block_till_done()
    assert [i for i in ir.async_get(hass).issues.values() if i.domain == DOMAIN] == []


@pytest.mark.parametrize("step", ["new_address", "polling", "show"])
async def test_a_notice_of_a_site_that_is_gone_says_so(
    hass: HomeAssistant, cloud_entry: MockConfigEntry, step: str
) -> None:
    flow = WebhookRepairFlow()
    flow.hass, flow.data = hass, {DATA_WEBHOOK_ENTRY_ID: "gone"}
    assert cloud_entry.entry_id != "gone"
    for name in ("init", step):
        result = await getattr(flow, f"async_step_{name}")()
        assert result["reason"] == "site_gone"


async def test_the_owner_hears_when_the_cloud_takes_the_address_away(
    hass: HomeAssistant, cloud_entry: MockConfigEntry
) -> None:
    issue = (DOMAIN, f"cloudhook_gone_{cloud_entry.entry_id}")
    hook = {"cloudhook_url": CLOUD_URL}
    issues = ir.async_get(hass)
    for hooks, shown in (
        ({}, True),
        ({ENTRY_DATA[CONF_HOOK_ID]: hook}, False),
        ({ENTRY_DATA[CONF_HOOK_ID]: {"cloudhook_url": "https://x.example"}}, True),
    ):
        async_dispatcher_send(hass, "CLOUDHOOKS_UPDATED", hooks)
        await hass.async_block_till_done()
        assert (issues.async_get_issue(*issue) is not None) is shown

    hass.config_entries.async_update_entry(cloud_entry, data=ENTRY_DATA)
    await hass.async_block_till_done()
    assert issues.async_get_issue(*issue) is None
