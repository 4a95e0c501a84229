"""Whatever happens, in whatever order: no money is lost and no current is stolen."""

import os
from pathlib import Path
import tempfile

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
import pytest

from custom_components.paybay.domain.bay import (
    BusyPolicy,
    ClaimFallback,
    RestPolicy,
    StartMode,
)
from custom_components.paybay.domain.notices import LinkStatus
from custom_components.paybay.domain.orders import ClaimedBy

from .model_ledger import Trouble
from .model_play import Line, Play

EXAMPLES = int(os.environ.get("PAYBAY_SOAK_EXAMPLES", "100"))
"""Set it to thousands to soak."""
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
if os.environ.get("PAYBAY_SOAK_SHRINK"):
    # Takes minutes, for a life that is known to fail: what is found replays without.
    PHASES.append(Phase.shrink)
_MEMORY = Path("/dev/shm")

SHORT_MS = st.sampled_from([1, 200, 999, 1_000, 2_500, 5_000, 7_500, 15_000, 29_999])
LONG_MS = st.sampled_from([60_000, 100_000, 299_999, 300_001, 600_000, 3_600_000])
OWED_S = st.sampled_from([20, 60, 120, 300])
JUMP_MS = st.sampled_from([-86_400_000, -40_000, -3_000, 3_000, 40_000, 3_600_000])
KINDS = st.sampled_from(["captured", "poll", "bare", "link", "failed"])
WHICH = st.integers(0, 4)


def _line(name: str, *details: st.SearchStrategy[object]) -> st.SearchStrategy[Line]:
    return st.tuples(st.just(name), *details)


MONEY = st.one_of(
    _line("buy", OWED_S),
    _line("order", OWED_S),
    _line(
        "pay",
        WHICH,
        st.sampled_from([1000, 1000, 1000, 500, 2000]),
        st.sampled_from([0, 0, 0, 290, 301, 86_400]),
        st.sampled_from(["captured", "captured", "link", "bare", "refunded"]),
    ),
    _line("tell", WHICH, KINDS),
    _line("over", WHICH, st.sampled_from([LinkStatus.CANCELLED, LinkStatus.EXPIRED])),
)
OWNER = st.one_of(
    _line("stop"),
    _line("claim", st.sampled_from([ClaimedBy.SWITCH, ClaimedBy.ACTION])),
    _line("leave", WHICH),
    _line("leave", WHICH),
    _line("call_off", WHICH),
    _line("service", st.booleans()),
    _line("service", st.just(True)),
)
RELAY = st.one_of(
    _line("lose"),
    _line("find"),
    _line("find"),
    _line("crash"),
    _line("hand", st.booleans()),
    _line("hand", st.booleans()),
    _line("dead", st.booleans()),
    _line("weld", st.booleans()),
    _line("slow", st.sampled_from([0, 0, 1_000, 4_000, 6_000, 9_000])),
)
TIME = st.one_of(_line("wait", SHORT_MS), _line("wait", SHORT_MS | LONG_MS))
DOWN_MS = st.just(0) | SHORT_MS | LONG_MS
TORN = st.tuples(
    st.just("torn"),
    st.one_of(_line("buy", OWED_S), OWNER, _line("find"), _line("hand", st.booleans())),
    st.integers(1, 25),
    DOWN_MS,
)
PAYBAY = st.one_of(
    _line("kill", DOWN_MS, st.just(0) | JUMP_MS),
    _line("jump", JUMP_MS),
    TORN,
    _line("ledger", st.sampled_from(Trouble)),
)
# Not `one_of`: it would draw from all lines alike, and hardly let time pass.
ANYTHING = st.sampled_from([MONEY, MONEY, TIME, TIME, RELAY, PAYBAY, OWNER]).flatmap(
    lambda group: group
)
LINES = st.lists(ANYTHING, min_size=10, max_size=40)
RULES = st.fixed_dictionaries(
    {
        "keeps_time": st.booleans(),
        "start_mode": st.sampled_from(StartMode),
        "claim_fallback": st.sampled_from(ClaimFallback),
        "busy": st.sampled_from([BusyPolicy.TOP_UP, *BusyPolicy]),
        "max_queue_s": st.sampled_from([14_400, 14_400, 120, 300]),
        "rest": st.sampled_from(RestPolicy),
        "customer_stop": st.booleans(),
        "daily_cap_min": st.sampled_from([0, 0, 5]),
    }
)


# A hundred lives take 15 s on an idle core; a busy machine is no defect.
@pytest.mark.timeout(900)
@settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    report_multiple_bugs=False,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(rules=RULES, lines=LINES)
def test_any_life_keeps_the_laws(rules: dict[str, object], lines: list[Line]) -> None:
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        play = Play(Path(folder) / "ledger.db", **rules)  # type: ignore[arg-type]
        play.run(("buy", 60), *lines)
