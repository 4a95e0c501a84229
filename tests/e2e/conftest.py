"""Fixtures for tests with real programs.

- `site`: one running site for each module, made from the module's `SITE`. A test that
  kills a part brings it back.
- When a test fails, the ends of all logs are added to its report.
"""

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio

from demo.running import RunningSite, running

TAIL_CHARS = 6000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(request: pytest.FixtureRequest) -> AsyncIterator[RunningSite]:
    async with running(request.module.SITE) as site:
        yield site


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    running_site = getattr(item, "funcargs", {}).get("site")
    if report.failed and isinstance(running_site, RunningSite):
        for log in sorted((running_site.directory / "logs").iterdir()):
            text = log.read_text(encoding="utf-8", errors="replace")
            report.sections.append((log.name, text[-TAIL_CHARS:]))
    return report
