"""The control page: a person finds every switch, and what each payment went through."""

from dataclasses import fields
from http import HTTPStatus
import re

from aiohttp import ClientSession
import pytest

from demo.razorpay_emulator import RazorpayEmulator
from demo.razorpay_emulator.control_knobs import GROUPS
from demo.razorpay_emulator.faults import Faults, Quirks, WebhookFaults

from .conftest import Receiver, Sdk

KNOBS = [knob for group in GROUPS.values() for knob in group]


class Page:
    """The page as a browser without scripts uses it."""

    def __init__(self, emulator: RazorpayEmulator, browser: ClientSession) -> None:
        self.url = f"{emulator.base_url}/_emulator"
        self._browser = browser

    async def text(self) -> str:
        async with self._browser.get(self.url) as response:
            return await response.text()

    async def submit(self, path: str, /, **values: str) -> str:
        async with self._browser.post(f"{self.url}/{path}", data=values) as response:
            assert response.status == HTTPStatus.OK, await response.text()
            return await response.text()

    async def refusal(self, path: str, /, **values: str) -> str:
        async with self._browser.post(f"{self.url}/{path}", data=values) as response:
            assert response.status == HTTPStatus.BAD_REQUEST
            return str((await response.json())["error"])


@pytest.fixture
def page(emulator: RazorpayEmulator, browser: ClientSession) -> Page:
    return Page(emulator, browser)


def test_every_fault_and_every_choice_has_its_switch() -> None:
    names = {f"webhook.{knob.name}" for knob in fields(WebhookFaults)}
    names |= {knob.name for knob in (*fields(Faults), *fields(Quirks))}
    # The list of API faults has a form of its own; webhooks are a group of knobs.
    assert {knob.name for knob in KNOBS} == names - {"api", "webhook"}


async def test_every_switch_works_by_its_own_form(
    emulator: RazorpayEmulator, page: Page
) -> None:
    shown = await page.text()
    for knob in KNOBS:
        assert f'name="{knob.name}"' in shown
        before = emulator.snapshot()["faults"], emulator.snapshot()["quirks"]
        await page.submit(knob.path, **{knob.name: _other(emulator, knob.name)})
        after = emulator.snapshot()["faults"], emulator.snapshot()["quirks"]
        assert before != after, knob.name
    shown = await page.text()
    assert re.search(r"Webhooks <b[^>]*>8 on</b>", shown)


def _other(emulator: RazorpayEmulator, name: str) -> str:
    """Return a value the knob does not have now."""
    owner: object = emulator.faults
    if name.startswith("webhook."):
        owner, name = emulator.faults.webhook, name.removeprefix("webhook.")
    elif not hasattr(owner, name):
        owner = emulator.quirks
    value = getattr(owner, name)
    options = next(k.options for k in KNOBS if k.name in (name, f"webhook.{name}"))
    if options:
        return next(each for each in options if each and each != value)
    if isinstance(value, bool):
        return str(not value).lower()
    return str(value + 1)


async def test_api_faults_are_added_and_stopped(
    emulator: RazorpayEmulator, page: Page
) -> None:
    shown = await page.submit(
        "faults/api", kind="slow", method="POST", path="/v1/payment_links", times="3"
    )
    assert "slow on /v1/payment_links, POST, 3 more times" in shown
    shown = await page.submit("faults/api", kind="502", path="*", method="*", times="")
    assert "502 on *, *, until all faults are stopped" in shown
    assert "more times" not in await page.submit("faults/reset")
    assert emulator.faults.api == []


async def test_the_clock_jumps_and_runs_faster(
    emulator: RazorpayEmulator, page: Page
) -> None:
    before = emulator.clock.now()
    await page.submit("clock", advance_s="86400")
    assert emulator.clock.now() - before >= 86_400
    shown = await page.submit("clock", scale="3600")
    assert emulator.clock.scale == 3600
    assert "3600 x" in shown
    await page.submit("clock", retry_scale="1440")
    assert emulator.webhooks.retry_scale == 1440


async def test_24_hours_of_failures_pass_in_a_jump_and_disable_the_webhook(
    emulator: RazorpayEmulator, page: Page, receiver: Receiver
) -> None:
    receiver.always = 500
    emulator.faults.webhook.only = ["payment.captured"]
    await page.submit("foreign_payment")
    await emulator.idle()
    assert "enabled" in await page.text()
    while emulator.webhooks.endpoints[0].enabled:
        await page.submit("clock", advance_s="86400")
        await emulator.idle()
    assert ">disabled<" in await page.text()
    await page.submit("endpoints/0", enabled="true")
    assert emulator.webhooks.endpoints[0].enabled


async def test_a_lost_webhook_is_listed_and_replayed(
    emulator: RazorpayEmulator, page: Page, receiver: Receiver
) -> None:
    emulator.faults.webhook.drop = ["*"]
    await page.submit("foreign_payment")
    assert (await page.text()).count("not sent") == 3
    [event_id] = [
        event.id
        for event in emulator.webhooks.events.values()
        if event.name == "payment.captured"
    ]
    await page.submit(f"events/{event_id}/resend")
    await emulator.idle()
    assert receiver.events == ["payment.captured"]
    shown = await page.text()
    assert shown.count("not sent") == 2
    assert re.search(r">200 <small>\d+ ms</small>", shown)


async def test_a_pending_payment_is_failed_or_captured_from_the_page(
    sdk: Sdk, emulator: RazorpayEmulator, page: Page
) -> None:
    link = await sdk.link()
    await page.submit("pay", link=link["id"], outcome="pending")
    [payment] = emulator.books.payments.values()
    assert f"payments/{payment.id}/fail" in await page.text()
    await page.submit(f"payments/{payment.id}/fail")
    shown = await page.submit(f"payments/{payment.id}/settle")
    assert payment.status == "captured"
    assert f"payments/{payment.id}/refund" in shown
    await page.submit(f"payments/{payment.id}/refund", amount="400")
    await page.submit(f"payments/{payment.id}/refund", amount="")
    assert [made.amount for made in emulator.books.refunds.values()] == [400, 600]


async def test_webhooks_are_added_moved_and_rotated(
    emulator: RazorpayEmulator, page: Page
) -> None:
    await page.submit("endpoints", url="http://127.0.0.1:9/hook", secret="one")
    await page.submit("endpoints/0", secret="two")
    await page.submit("endpoints/0", url="http://127.0.0.1:9/other")
    [endpoint] = emulator.webhooks.endpoints
    assert (endpoint.secret, endpoint.old_secret) == ("two", "one")
    assert endpoint.url == "http://127.0.0.1:9/other"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("faults", {"webhook.signature": "purple"}),
        ("faults", {"webhook.duplicates": "many"}),
        ("faults", {"webhook.duplicates": "-1"}),
        ("faults", {"refund_no_balance": "7"}),
        ("faults", {"refund_slow_s": "true"}),
        ("quirks", {"closed_link_payment": "keep"}),
        ("endpoints", {"url": "", "secret": "x"}),
        ("endpoints/0", {"url": ""}),
    ],
)
async def test_a_value_that_makes_no_sense_is_refused_and_changes_nothing(
    emulator: RazorpayEmulator, page: Page, path: str, values: dict[str, str]
) -> None:
    emulator.webhooks.add("http://127.0.0.1:9/hook", "hook-secret")
    before = emulator.snapshot()
    assert await page.refusal(path, **values)
    after = emulator.snapshot()
    for part in ("faults", "quirks", "endpoints"):
        assert before[part] == after[part]
