"""The crash soak notices when something that was final changes."""

from collections.abc import Callable

import pytest

from bench.crash.evidence import Row
from bench.crash.undone import Memory

type Tables = dict[str, list[Row]]


def tables() -> Tables:
    return {
        "orders": [{"id": "ord_a", "state": "completed", "ran_ms": 4000}],
        "payments": [{"id": "pay_a", "order_id": "ord_a", "amount_minor": 4000}],
        "deliveries": [
            {
                "id": 1,
                "order_id": "ord_a",
                "state": "closed",
                "ran_ms": 4000,
                "ended_ms": 9000,
                "reason": "time_up",
            }
        ],
        "refunds": [
            {
                "key": "key_a",
                "order_id": "ord_a",
                "state": "processed",
                "amount_minor": 100,
            }
        ],
    }


def test_a_ledger_that_only_grows_is_well() -> None:
    memory, later = Memory(), tables()
    memory.look([], [], [], [])
    memory.look(**tables())
    later["payments"].append({"id": "pay_b", "order_id": "ord_b", "amount_minor": 1})
    memory.look(**later)
    assert memory.broken == []


@pytest.mark.parametrize(
    "undo",
    [
        lambda now: now["payments"].clear(),
        lambda now: now["deliveries"].clear(),
        lambda now: now["deliveries"][0].update(ran_ms=1),
        lambda now: now["deliveries"][0].update(state="on"),
        lambda now: now["refunds"][0].update(state="failed"),
        lambda now: now["refunds"][0].update(amount_minor=1),
        lambda now: now["orders"][0].update(state="paused"),
        lambda now: now["orders"][0].update(ran_ms=1),
    ],
)
def test_what_was_done_stays_done(undo: Callable[[Tables], None]) -> None:
    memory, later = Memory(), tables()
    memory.look(**tables())
    undo(later)
    memory.look(**later)
    assert [violation.order_id for violation in memory.broken] == ["ord_a"]
