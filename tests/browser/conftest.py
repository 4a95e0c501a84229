"""Fixtures for tests in a real browser.

- `site`: one running site for each module, made from the module's `SITE`.
- `phone`: a fresh page of a small phone in Debian's Chromium. Whatever its console says
  about our own pages as an error fails the test.
- `snap` keeps pictures, in the folder that PAYBAY_SHOTS names or with the reports.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
import os
from pathlib import Path
import shutil

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    async_playwright,
)
import pytest
import pytest_asyncio

from demo.running import RunningSite, running

_SHOTS = Path(__file__).parents[2] / ".tools" / "reports" / "shots"
PHONE = ViewportSize(width=360, height=740)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

type Snap = Callable[[Page, str], Awaitable[None]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(request: pytest.FixtureRequest) -> AsyncIterator[RunningSite]:
    async with running(request.module.SITE) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, _NAMES)))
    async with async_playwright() as driver:
        made = await driver.chromium.launch(executable_path=program, args=_QUIETLY)
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=PHONE, has_touch=True)
    page = await context.new_page()
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    await context.close()
    assert errors == []


def shots_folder() -> Path:
    """Return where pictures are kept."""
    folder = Path(os.environ.get("PAYBAY_SHOTS") or _SHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def snap() -> Snap:
    folder = shots_folder()

    async def take(page: Page, name: str) -> None:
        await page.screenshot(path=folder / f"{name}.png", full_page=True)

    return take
