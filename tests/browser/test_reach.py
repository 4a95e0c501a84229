"""The customer's pages for everybody: accessible, in large text, on slow data."""

from collections.abc import AsyncIterator
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect
import pytest
import pytest_asyncio

from demo.entries import PAYBAY_ENTRY_ID
from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec

from .test_customer import buy, open_bay

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = SiteSpec(
    plans=(
        PlanSpec(code="short", name="Eight seconds", rupees=10, seconds=8),
        PlanSpec(code="long", name="Ten minutes", rupees=20, seconds=600),
    ),
    bays=BAYS[:2],
)
NARROW = 320
# Chromium's own preset for slow 3G (DevTools, "Slow 3G").
SLOW_3G = {
    "offline": False,
    "latency": 2000,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}


@pytest_asyncio.fixture(loop_scope="module", params=["light", "dark"])
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    scheme: Literal["light", "dark"] = request.param
    context = await browser.new_context(
        viewport={"width": NARROW, "height": 640}, color_scheme=scheme
    )
    yield await context.new_page()
    await context.close()


async def assert_accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def assert_readable_when_large(page: Page) -> None:
    """See that nothing sticks out at twice the text size."""
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW


async def test_every_page_from_choosing_to_the_refund_is_accessible(
    page: Page, site: RunningSite
) -> None:
    await open_bay(page, site, 2)
    await assert_accessible(page)
    await buy(page, "Ten minutes")
    await expect(page.get_by_role("timer")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("link", name="Stop charging").click()
    await expect(page.get_by_text("will be refunded")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("button", name="Stop now").click()
    await expect(page.get_by_text("was sent back on")).to_be_visible(timeout=20_000)
    await assert_accessible(page)
    await assert_readable_when_large(page)


@pytest.mark.parametrize(
    "path",
    [
        "/paybay/nowhere",
        "/paybay/orders/nothing",
        "/paybay/bay_1/terms",
        f"/paybay/kiosk/{PAYBAY_ENTRY_ID}",
    ],
)
async def test_pages_beside_the_way_are_accessible(
    page: Page, site: RunningSite, path: str
) -> None:
    await page.goto(site.home.url + path)
    await assert_accessible(page)
    await assert_readable_when_large(page)


async def test_looking_for_a_payment_is_accessible(
    page: Page, site: RunningSite
) -> None:
    await open_bay(page, site, 1)
    await page.locator("details summary").last.click()
    await assert_accessible(page)
    await page.get_by_role("textbox").fill("123456789012")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/find")
    await assert_accessible(page)
    await assert_readable_when_large(page)


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_start_page_can_be_read_in_large_text(
    page: Page, site: RunningSite, language: str
) -> None:
    await page.goto(f"{site.home.url}/paybay/bay_1?lang={language}")
    await assert_accessible(page)
    await assert_readable_when_large(page)


async def test_customer_on_slow_3g_pays_and_sees_the_end(
    phone: Page, site: RunningSite
) -> None:
    line = await phone.context.new_cdp_session(phone)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", SLOW_3G)
    await open_bay(phone, site, 1)
    await buy(phone, "Eight seconds")
    await expect(phone.get_by_text("Done. Thank you!")).to_be_visible(timeout=60_000)
