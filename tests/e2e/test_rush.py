"""A rush hour: 50 bays paid within a second, 64 webhooks in flight at once.

The provider gives a webhook 5 s: an answer that comes later counts as failed.
"""

from collections.abc import AsyncIterator

from aiohttp import ClientSession
import pytest
import pytest_asyncio

from bench.load import ANSWER_WITHIN_S, Crowd, load_site
from demo.running import RunningSite

pytestmark = pytest.mark.asyncio(loop_scope="module")

BAYS, AT_ONCE, ROUNDS = 50, 64, 3
SITE = load_site(BAYS)


@pytest_asyncio.fixture(loop_scope="module")
async def crowd(site: RunningSite) -> AsyncIterator[Crowd]:
    for bay in site.spec.plain_bays:
        await site.home.wait_state(bay.status, "available")
    async with ClientSession() as http:
        crowd = Crowd(site, http)
        yield crowd
        await crowd.stop_all()


async def test_fifty_bays_paid_within_a_second_are_all_on(
    site: RunningSite, crowd: Crowd
) -> None:
    rush = await crowd.pay_within_a_second()
    assert rush.refused == 0
    assert max(rush.answers_s) < ANSWER_WITHIN_S
    assert len(rush.on_s) == BAYS
    assert all(site.recorder.is_high(bay.pin) for bay in site.spec.plain_bays)


async def test_64_webhooks_at_once_are_answered_in_time_and_credited_once(
    site: RunningSite, crowd: Crowd
) -> None:
    before = len(site.books.rows("SELECT id FROM payments"))
    rush = await crowd.post_at_once(AT_ONCE, ROUNDS)
    assert len(rush.answers_s) == AT_ONCE * ROUNDS
    assert rush.refused == 0
    assert max(rush.answers_s) < ANSWER_WITHIN_S
    assert all(site.recorder.is_high(bay.pin) for bay in site.spec.plain_bays)
    assert len(site.books.rows("SELECT id FROM payments")) == before + BAYS
