"""A flood on the public pages: who wants a shop's payments to come late asks them fast.

The bound is the product's promise, not a machine's speed: alone, a webhook takes a
hundredth of it.
"""

import pytest

from bench.flood import WEBHOOK_WITHIN_S, flooder
from bench.load import load_site
from demo.running import RunningSite

pytestmark = pytest.mark.asyncio(loop_scope="module")

REQUESTS, AT_ONCE, CLIENTS = 10_000, 100, 100
SITE = load_site(1)


async def test_ten_thousand_requests_do_not_delay_a_webhook(site: RunningSite) -> None:
    await site.home.wait_state(site.spec.plain_bays[0].status, "available")
    async with flooder(site, CLIENTS) as crowd:
        found = await crowd.flood(REQUESTS, AT_ONCE)
    assert found.answers.total() == REQUESTS
    assert not any(status >= 500 for status in found.answers)
    assert found.refused == 0
    assert len(found.webhooks_s) > REQUESTS / 1000
    assert found.worst_s < WEBHOOK_WITHIN_S
