"""The customer's way through it all, on a small phone in a real Chromium."""

from http import HTTPStatus
import re

from aiohttp import ClientSession
from playwright.async_api import Browser, Page, Response, Route, expect
import pypdfium2
import pytest
import zxingcpp

from custom_components.paybay.web.customer.texts import texts_in
from demo.entries import PAYBAY_ENTRY_ID
from demo.running import RunningSite
from demo.site import BAYS, PlanSpec, SiteSpec

from .conftest import PHONE, Snap, shots_folder

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = SiteSpec(
    plans=(
        PlanSpec(code="short", name="Eight seconds", rupees=10, seconds=8),
        PlanSpec(code="long", name="Ten minutes", rupees=20, seconds=600),
    ),
    bays=BAYS[:2],
)


async def open_bay(phone: Page, site: RunningSite, number: int) -> None:
    await phone.goto(f"{site.home.url}/paybay/bay_{number}")


async def buy(phone: Page, plan: str) -> None:
    """Choose a plan and pay it; the provider leads the browser back."""
    await phone.get_by_role("button", name=plan).click()
    await phone.wait_for_url(re.compile(r"/i/\w+$"))
    await phone.locator("button[value=success]").click()
    await phone.wait_for_url(re.compile(r"/paybay/orders/[\w-]+$"))


async def scan_poster(site: RunningSite, number: int, language: str) -> str:
    """Print a bay's poster as its owner would; return what a phone's camera reads."""
    answer = await site.home.ask(
        "paybay.get_posters", bay=[site.spec.bay(number).switch], language=language
    )
    link = site.home.url + answer["posters"][0]["pdf"]
    async with ClientSession() as printer, printer.get(link) as file:
        assert file.status == HTTPStatus.OK
        pdf = await file.read()
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=150 / 72).to_pil()
    picture.save(shots_folder() / f"journey-{language}-0-poster.png")
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


@pytest.mark.parametrize(("language", "locale"), [("en", "en-IN"), ("hi", "hi-IN")])
async def test_customer_goes_from_the_poster_to_the_receipt(
    browser: Browser, site: RunningSite, snap: Snap, language: str, locale: str
) -> None:
    t = texts_in(language)
    context = await browser.new_context(viewport=PHONE, has_touch=True, locale=locale)
    phone = await context.new_page()
    await phone.goto(await scan_poster(site, 1, language))
    await expect(phone.get_by_role("heading", name="Bay 1")).to_be_visible()
    await expect(phone.locator("html")).to_have_attribute("lang", language)
    await snap(phone, f"journey-{language}-1-start")
    await buy(phone, "Eight seconds")
    clock = phone.get_by_role("timer")
    await expect(clock).to_be_visible()
    await snap(phone, f"journey-{language}-2-charging")
    first = await clock.text_content()
    await expect(clock).not_to_have_text(first or "")
    done = phone.get_by_text(t("state_completed"))
    await expect(done).to_be_visible(timeout=20_000)
    await expect(phone.get_by_role("heading", name=t("receipt"))).to_be_visible()
    (payment,) = site.books.rows("SELECT id FROM payments ORDER BY rowid DESC LIMIT 1")
    await expect(phone.get_by_text(str(payment["id"]))).to_be_visible()
    await snap(phone, f"journey-{language}-3-receipt")
    await context.close()


async def test_customer_goes_back_finds_the_order_and_stops_it_for_a_refund(
    phone: Page, site: RunningSite, snap: Snap
) -> None:
    await open_bay(phone, site, 2)
    await phone.get_by_role("button", name="Ten minutes").click()
    await phone.wait_for_url(re.compile(r"/i/\w+$"))
    await phone.go_back()
    await phone.get_by_role("link", name="Open your order").click()
    await snap(phone, "waiting")
    await phone.get_by_role("link", name="Pay ₹20").click()
    await phone.locator("button[value=success]").click()
    await phone.get_by_role("link", name="Stop charging").click()
    await expect(phone.get_by_text("will be refunded")).to_be_visible()
    await snap(phone, "stop")
    await phone.get_by_role("button", name="Stop now").click()
    await expect(phone.get_by_text("You stopped it.")).to_be_visible()
    await expect(phone.get_by_text("was sent back on")).to_be_visible(timeout=20_000)
    await snap(phone, "stopped")


async def test_customer_chooses_a_language_and_keeps_it_through_paying(
    phone: Page, site: RunningSite, snap: Snap
) -> None:
    t = texts_in("ta")
    await phone.set_viewport_size({"width": 320, "height": 640})
    await open_bay(phone, site, 2)
    await phone.locator("summary", has_text="English").click()
    await snap(phone, "languages")
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 320
    await phone.get_by_role("link", name=t.name).click()
    await expect(phone.locator("html")).to_have_attribute("lang", "ta")
    await expect(phone.get_by_text(t("choose"))).to_be_visible()
    await buy(phone, "Eight seconds")
    await expect(phone.locator("html")).to_have_attribute("lang", "ta")
    await expect(phone.get_by_text(t("state_completed"))).to_be_visible(timeout=20_000)
    await snap(phone, "done-ta")


async def test_page_hears_what_happens_and_need_not_ask(
    phone: Page, site: RunningSite
) -> None:
    """What is stopped in one window is told in the other, over its one stream."""
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    await open_bay(phone, site, 2)
    async with phone.expect_request("**/events"):
        await buy(phone, "Ten minutes")
    await expect(phone.get_by_role("timer")).to_be_visible()
    asked.clear()
    other = await phone.context.new_page()
    await other.goto(f"{phone.url}/stop")
    await other.get_by_role("button", name="Stop now").click()
    await expect(other.get_by_text("You stopped it.")).to_be_visible()
    await expect(phone.get_by_text("You stopped it.")).to_be_visible()
    assert not [url for url in asked if url.endswith("/status")]
    await other.close()


async def test_page_goes_on_by_asking_where_no_stream_can_be_had(
    phone: Page, site: RunningSite
) -> None:
    await phone.add_init_script("delete window.EventSource")
    await open_bay(phone, site, 1)
    await buy(phone, "Eight seconds")
    done = phone.get_by_text("Done. Thank you!")
    await expect(done).to_be_visible(timeout=20_000)


async def test_page_asks_again_where_an_answer_never_comes(
    phone: Page, site: RunningSite
) -> None:
    """On a bad line a question may hang; a page that waited for it would tell lies."""
    hung: list[Route] = []

    async def hang_once(route: Route) -> None:
        if hung:
            await route.continue_()
        else:
            hung.append(route)

    await phone.add_init_script(
        "delete window.EventSource; const later = setTimeout;"
        "window.setTimeout = (work, ms) => later(work, Math.min(ms, 2500));"
    )
    await phone.route("**/status", hang_once)
    await open_bay(phone, site, 1)
    await buy(phone, "Eight seconds")
    done = phone.get_by_text("Done. Thank you!")
    await expect(done).to_be_visible(timeout=30_000)
    assert hung


async def test_screen_shows_a_code_and_keeps_it_open_while_bays_change(
    phone: Page, site: RunningSite, snap: Snap
) -> None:
    await phone.goto(f"{site.home.url}/paybay/kiosk/{PAYBAY_ENTRY_ID}")
    await phone.get_by_text("Show the code to pay").last.click()
    code = phone.get_by_role("img", name="bay_2")
    await expect(code).to_be_visible()
    other = await phone.context.new_page()
    await open_bay(other, site, 1)
    await buy(other, "Eight seconds")
    await expect(phone.get_by_text("In use", exact=True)).to_be_visible(timeout=10_000)
    await expect(code).to_be_visible()
    await snap(phone, "kiosk")
    await other.close()


async def test_first_load_is_light(phone: Page, site: RunningSite) -> None:
    answers: list[Response] = []

    def listen(answer: Response) -> None:
        answers.append(answer)

    phone.on("response", listen)
    await open_bay(phone, site, 1)
    await phone.wait_for_load_state("networkidle")
    sizes = [len(await each.body()) for each in answers]
    assert len(sizes) <= 3
    assert sum(sizes) < 30_000


@pytest.mark.parametrize("language", ["en", "ta"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_sticks_out_at_320_pixels(
    browser: Browser, site: RunningSite, snap: Snap, scheme: str, language: str
) -> None:
    context = await browser.new_context(
        viewport={"width": 320, "height": 640},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    await page.goto(f"{site.home.url}/paybay/bay_1?lang={language}")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await snap(page, f"{scheme}-{language}")
    await context.close()
    assert wide <= 320
    assert paper == ("rgb(15, 22, 19)" if scheme == "dark" else "rgb(244, 246, 245)")


async def test_everything_works_without_javascript(
    browser: Browser, site: RunningSite
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await open_bay(page, site, 1)
    await buy(page, "Eight seconds")
    done = page.get_by_text("Done. Thank you!")
    await expect(done).to_be_visible(timeout=30_000)
    await context.close()
