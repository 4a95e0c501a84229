"""The page a customer sees."""

from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession
import pytest

from demo.razorpay_emulator import RazorpayEmulator

from .conftest import Sdk

RETURN = "http://127.0.0.1:9/return"


async def press(browser: ClientSession, link: dict[str, str], **form: str) -> str:
    url = f"{link['short_url']}/pay"
    async with browser.post(url, data=form, allow_redirects=False) as response:
        assert response.status == 303
        return response.headers["Location"]


async def page(browser: ClientSession, url: str) -> str:
    async with browser.get(url) as response:
        return await response.text()


async def test_the_page_says_what_it_is_and_what_it_costs(
    sdk: Sdk, browser: ClientSession, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link(amount=123456, description="<b>Bay & two</b>")

    text = await page(browser, link["short_url"])

    assert "EMULATOR" in text
    assert "₹1,234.56" in text
    assert "&lt;b&gt;Bay &amp; two&lt;/b&gt;" in text
    assert "width=device-width" in text
    assert emulator.link(link["id"]).order_id


async def test_after_paying_the_browser_returns_with_a_signed_query(
    sdk: Sdk, browser: ClientSession
) -> None:
    link = await sdk.link(
        reference_id="order-1", callback_url=f"{RETURN}?x=1", callback_method="get"
    )

    target = await press(browser, link, outcome="success")

    query = {
        name: values[0] for name, values in parse_qs(urlsplit(target).query).items()
    }
    assert target.startswith(f"{RETURN}?x=1&")
    assert sdk.client.utility.verify_payment_link_signature(
        {
            "payment_link_id": query["razorpay_payment_link_id"],
            "payment_link_reference_id": query["razorpay_payment_link_reference_id"],
            "payment_link_status": query["razorpay_payment_link_status"],
            "razorpay_payment_id": query["razorpay_payment_id"],
            "razorpay_signature": query["razorpay_signature"],
        }
    )
    assert query["razorpay_payment_link_status"] == "paid"


async def test_without_a_callback_the_page_shows_that_it_is_paid(
    sdk: Sdk, browser: ClientSession
) -> None:
    link = await sdk.link()

    target = await press(browser, link, outcome="success")
    text = await page(
        browser, str(urlsplit(link["short_url"])._replace(path=target).geturl())
    )

    assert "Paid. Thank you." in text
    assert "<button" not in text


@pytest.mark.parametrize("outcome", ["success_and_leave", "late"])
async def test_a_customer_who_left_is_not_redirected(
    sdk: Sdk, browser: ClientSession, emulator: RazorpayEmulator, outcome: str
) -> None:
    link = await sdk.link(callback_url=RETURN, callback_method="get")

    target = await press(browser, link, outcome=outcome, hours="48")

    assert target.startswith("/i/")
    (payment,) = emulator.books.payments.values()
    assert payment.captured
    expected_age = 48 * 3600 if outcome == "late" else 0
    assert emulator.clock.now() - payment.created_at == pytest.approx(
        expected_age, abs=5
    )


async def test_a_failed_payment_can_be_tried_again(
    sdk: Sdk, browser: ClientSession, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()

    target = await press(browser, link, outcome="fail")
    text = await page(browser, f"{emulator.base_url}{target}")

    assert "The payment failed" in text
    await press(browser, link, outcome="fail_then_capture")
    statuses = [payment.status for payment in emulator.books.payments.values()]
    assert statuses == ["failed", "captured"]


@pytest.mark.parametrize("state", ["paid", "cancelled", "expired"])
async def test_a_closed_link_takes_no_payment(
    sdk: Sdk, browser: ClientSession, emulator: RazorpayEmulator, state: str
) -> None:
    link = await sdk.link()
    match state:
        case "paid":
            emulator.pay(link["id"])
        case "cancelled":
            await sdk(sdk.client.payment_link.cancel, link["id"])
        case "expired":
            emulator.expire(link["id"])
    before = len(emulator.books.payments)

    url = f"{link['short_url']}/pay"
    async with browser.post(url, data={"outcome": "success"}) as response:
        text = await response.text()

    assert response.status == 409
    assert f'class="state {state}"' in text
    assert len(emulator.books.payments) == before


async def test_nonsense_is_refused(
    sdk: Sdk, browser: ClientSession, emulator: RazorpayEmulator
) -> None:
    link = await sdk.link()
    for form in ({"outcome": "steal"}, {"outcome": "late", "hours": "soon"}):
        async with browser.post(f"{link['short_url']}/pay", data=form) as response:
            assert response.status == 400
    async with browser.get(f"{emulator.base_url}/i/nothing") as response:
        assert response.status == 404
