"""A slice of the crash soak: parts are killed while customers buy, nothing is lost."""

from collections import Counter
import logging
from pathlib import Path

import pytest

from bench.crash.killer import PARTS
from bench.crash.report import describe, summary
from bench.crash.soak import soak
from bench.crash.spec import SoakPlan

KILLS = 6

# Seven starts of Home Assistant, one after the other.
pytestmark = pytest.mark.timeout(400)


async def test_parts_killed_at_random_lose_no_money_and_steal_no_current(
    tmp_path: Path,
) -> None:
    plan = SoakPlan(seed="slice", kills=KILLS, patient=False)
    found = await soak(tmp_path / "site", plan, print)
    logging.getLogger(__name__).info(summary(found))
    assert not [describe(found.evidence, each) for each in found.violations]
    killed = Counter(kill.part for kill in found.evidence.kills)
    assert killed.total() > KILLS, "each kill, and one more when all is quiet"
    assert set(killed) == set(PARTS)
    assert found.evidence.taken, "somebody paid"
    assert found.evidence.ons, "some relay was on"
