"""The control API and its page, as another process uses them."""

from http import HTTPStatus
from typing import Any

from aiohttp import ClientSession
import pytest

from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Json, Receiver, Sdk


@pytest.fixture
async def control(emulator: RazorpayEmulator, browser: ClientSession) -> Control:
    return Control(f"{emulator.base_url}/_emulator", browser)


class Control:
    def __init__(self, base: str, browser: ClientSession) -> None:
        self.base = base
        self.browser = browser

    async def post(self, path: str, **body: Any) -> Json:
        async with self.browser.post(f"{self.base}/{path}", json=body) as response:
            answer: Json = await response.json()
            assert response.status == HTTPStatus.OK, answer
            return answer

    async def books(self) -> Json:
        async with self.browser.get(f"{self.base}/books") as response:
            books: Json = await response.json()
            return books


async def test_a_payment_goes_through_the_books(
    sdk: Sdk, control: Control, receiver: Receiver
) -> None:
    link = await sdk.link(reference_id="order-1")

    payment = await control.post("pay", reference_id="order-1")
    refund = await control.post(f"payments/{payment['id']}/refund", amount=300)
    await control.post("idle")
    books = await control.books()

    assert [each["id"] for each in books["links"]] == [link["id"]]
    assert books["links"][0]["status"] == "paid"
    assert [each["id"] for each in books["refunds"]] == [refund["id"]]
    assert [each["event"] for each in books["deliveries"]] == receiver.events
    assert len(books["events"]) == len(receiver.posts) == 6
    assert books["endpoints"] == [{"url": receiver.url, "enabled": True}]


async def test_late_answers_of_the_bank_can_be_played(
    sdk: Sdk, control: Control
) -> None:
    link = await sdk.link()
    pending = await control.post("pay", link=link["id"], outcome="pending")
    failed = await control.post(f"payments/{pending['id']}/fail")
    settled = await control.post(f"payments/{pending['id']}/settle")

    statuses = [each["status"] for each in (pending, failed, settled)]
    assert statuses == ["created", "failed", "captured"]


async def test_knobs_are_set_and_reset(
    control: Control, emulator: RazorpayEmulator
) -> None:
    await control.post(
        "faults",
        refund_outcome="pending",
        webhook={"drop": ["order.paid"], "signature": "wrong"},
        api=[{"kind": "429", "path": "/v1/refunds", "times": 2}],
    )
    await control.post("faults/api", kind="hang")
    await control.post("quirks", copy_link_notes=True)

    assert emulator.faults.refund_outcome == "pending"
    assert emulator.faults.webhook.drop == ["order.paid"]
    assert [fault.kind for fault in emulator.faults.api] == ["429", "hang"]
    assert emulator.quirks.copy_link_notes

    await control.post("faults/reset")
    assert not emulator.faults.api
    assert emulator.faults.webhook.signature == "good"


async def test_links_refunds_and_foreign_payments_can_be_moved(
    sdk: Sdk, control: Control, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    emulator.faults.refund_outcome = "pending"

    expired = await control.post(f"links/{link['id']}/expire")
    payment = await control.post("foreign_payment", amount=700)
    refund = await control.post(f"payments/{payment['id']}/refund")
    settled = await control.post(f"refunds/{refund['id']}/settle", status="failed")
    dispute = await control.post(f"payments/{payment['id']}/dispute")

    assert (expired["status"], settled["status"]) == ("expired", "failed")
    assert dispute["payment_id"] == payment["id"]


async def test_endpoints_are_added_rotated_and_disabled(
    control: Control, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    added = await control.post("endpoints", url=receiver.url, secret="second")
    await control.post(f"endpoints/{added['index']}", secret="third", enabled=False)

    endpoint = emulator.webhooks.endpoints[1]
    assert (endpoint.secret, endpoint.old_secret) == ("third", "second")
    assert not endpoint.enabled


async def test_an_event_is_resent(
    control: Control, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    emulator.foreign_payment()
    await emulator.idle()
    await control.post(f"events/{receiver.posts[0].event_id}/resend")
    await emulator.idle()

    assert receiver.posts[-1] == receiver.posts[0]


async def test_the_clock_is_moved(control: Control, emulator: RazorpayEmulator) -> None:
    before = emulator.clock.now()
    moved = await control.post("clock", advance_s=3600, scale=2, retry_scale=60)

    assert moved["now"] - before == pytest.approx(3600, abs=5)
    assert (emulator.clock.scale, emulator.webhooks.retry_scale) == (2, 60)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pay", {"link": "nothing"}),
        ("pay", {"link": "x", "colour": "red"}),
        ("faults", {"colour": "red"}),
        ("faults/api", {"kind": "418"}),
        ("events/none/resend", {}),
        ("payments/none/refund", {}),
        ("endpoints/7", {}),
    ],
)
async def test_nonsense_is_refused(control: Control, path: str, body: Json) -> None:
    async with control.browser.post(f"{control.base}/{path}", json=body) as response:
        assert response.status == HTTPStatus.BAD_REQUEST
        assert "error" in await response.json()


async def test_other_sites_cannot_use_it(control: Control) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        url = f"{control.base}/books"
        async with control.browser.get(url, headers=headers) as response:
            assert response.status == HTTPStatus.FORBIDDEN


async def test_the_page_shows_the_books_and_its_switches_work(
    sdk: Sdk, control: Control, emulator: RazorpayEmulator, receiver: Receiver
) -> None:
    link = await sdk.link(reference_id="<order-1>")
    emulator.faults.refund_outcome = "pending"
    emulator.refund(emulator.foreign_payment().id)
    form = {"link": link["id"], "outcome": "fail"}
    await control.browser.post(f"{control.base}/pay", data=form)
    await control.browser.post(
        f"{control.base}/faults",
        data={"webhook.drop": "order.paid", "pay_before_cancel": "true"},
    )
    api_fault = {"kind": "429", "path": "*", "times": "1"}
    async with control.browser.post(f"{control.base}/faults/api", data=api_fault) as r:
        text = await r.text()

    assert emulator.faults.webhook.drop == ["order.paid"]
    assert emulator.faults.pay_before_cancel
    assert "429 on *" in text
    assert "&lt;order-1&gt;" in text
    for shown in (link["id"], "Capture after all", "processed", receiver.url):
        assert shown in text
