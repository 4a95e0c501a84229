"""What anybody can reach: whatever is sent, the answer is clear and nothing is made."""

import asyncio

from hypothesis import HealthCheck, given, settings
import pytest

from bench.load import load_site
from demo.running import RunningSite

from .public_routes import Answer, Request, log_of, requests, urls

pytestmark = pytest.mark.asyncio(loop_scope="module")

REQUESTS = 600
SITE = load_site(1)
# 503: the ledger is busy, or the shop is closed to that kind of request.
CLEAR = {200, 303, 304, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503}
MADE = """
    SELECT 'order' FROM orders UNION ALL SELECT 'payment' FROM payments
    UNION ALL SELECT 'refund' FROM refunds
"""


async def test_strange_requests_get_clear_answers_and_make_nothing(
    site: RunningSite,
) -> None:
    bay = site.spec.plain_bays[0]
    await site.home.wait_state(bay.status, "available")
    assert {"/paybay/{bay}", "/api/paybay/webhook/{hook}"} <= set(urls())
    known = {"bay": bay.id, "hook": site.spec.keys.hook_id, "watch": "A" * 32}
    seen: set[int] = set()
    fields = {"plan": "five", "token": "x" * 60, "lang": "hi", "reference": "KA 01"}

    @settings(
        max_examples=REQUESTS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(request=requests(known, fields))
    def ask(request: Request) -> None:
        answer = Answer.to(request, site.ports.home_assistant)
        seen.add(answer.status)
        assert answer.status in CLEAR
        assert "Traceback" not in answer.text
        if answer.is_page:
            assert_closed(answer)

    await asyncio.to_thread(ask)
    assert {200, 403, 404, 405} <= seen
    assert site.books.rows(MADE) == []
    assert "custom_components/paybay/" not in log_of(site.directory)
    await site.home.wait_state(bay.status, "available")


def assert_closed(answer: Answer) -> None:
    """See that a page can load nothing foreign, stays nowhere and tells nobody."""
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
