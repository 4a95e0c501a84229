"""What outlives the process."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from pi_relay_bridge.clock import Clock
from pi_relay_bridge.records import BayRecord, OpenSession, Outcome, cut_short
from pi_relay_bridge.state_dir import StateDir, StateDirError
from pi_relay_bridge.store import Store
import pytest

SESSION = OpenSession(
    order_id="A",
    seconds=600,
    boot_id="boot-then",
    kernel_boot_id="kernel",
    started_boottime_s=1000,
    checkpoint_ran_s=25,
)


def outcome(number: int, kind: str = "completed") -> Outcome:
    return Outcome(
        event_id=f"e{number}",
        order_id=f"order-{number}",
        outcome=kind,
        ran_s=1,
        left_s=0,
        reason="time_up",
        boot_id="boot-then",
    )


@pytest.fixture
def syncer() -> Iterator[Executor]:
    """Give the thread that syncs."""
    with ThreadPoolExecutor(1) as made:
        yield made


def test_in_the_same_kernel_boot_the_relay_counts_as_on_until_now() -> None:
    cut = cut_short(SESSION, boottime_s=1028.5, kernel_boot_id="kernel")
    assert (cut.outcome, cut.reason, cut.ran_s, cut.left_s) == (
        "interrupted",
        "restart",
        28.5,
        571.5,
    )
    assert cut.boot_id == "boot-then"


def test_after_a_reboot_the_checkpoint_counts() -> None:
    cut = cut_short(SESSION, boottime_s=20, kernel_boot_id="another")
    assert (cut.ran_s, cut.left_s) == (25, 575)


def test_without_a_kernel_boot_id_the_checkpoint_counts() -> None:
    assert cut_short(SESSION, boottime_s=1400, kernel_boot_id="").ran_s == 25


def test_an_overrun_of_a_dead_process_is_reported_and_nothing_is_left() -> None:
    cut = cut_short(SESSION, boottime_s=1700, kernel_boot_id="kernel")
    assert (cut.ran_s, cut.left_s) == (700, 0)


def test_a_record_survives_the_disk(tmp_path: Path, syncer: Executor) -> None:
    record = BayRecord(
        session=SESSION, outcomes=(outcome(1), outcome(2, "interrupted"))
    )
    Store(tmp_path, "1", syncer).save(record)
    assert Store(tmp_path, "1", syncer).load() == record


def test_bays_do_not_share_files(tmp_path: Path, syncer: Executor) -> None:
    Store(tmp_path, "1", syncer).save(BayRecord(session=SESSION))
    assert Store(tmp_path, "11", syncer).load() == BayRecord()


def test_a_file_cut_off_half_way_leaves_the_one_before(
    tmp_path: Path, syncer: Executor
) -> None:
    Store(tmp_path, "1", syncer).save(BayRecord(session=SESSION))
    (tmp_path / "bay-1.000000002.json").write_text('{"v": 1, "session": nul')
    (tmp_path / "bay-1.000000003.json").write_bytes(b"\0" * 100)
    store = Store(tmp_path, "1", syncer)
    assert store.load().session == SESSION
    store.save(BayRecord())
    assert Store(tmp_path, "1", syncer).load() == BayRecord()


def test_old_generations_go_once_the_new_one_is_durable(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as syncer:
        store = Store(tmp_path, "1", syncer)
        for _ in range(20):
            store.save(BayRecord(session=SESSION))
    assert [path.name for path in tmp_path.iterdir()] == ["bay-1.000000020.json"]


def test_the_last_hundred_outcomes_are_remembered() -> None:
    record = BayRecord()
    for number in range(105):
        record = record.concluded(outcome(number))
    assert record.last_of("order-4") is None
    assert record.last_of("order-5") is not None
    assert len(record.outbox) == 50


def test_an_open_session_is_closed_once(tmp_path: Path) -> None:
    with StateDir(tmp_path) as state:
        state.store("1").save(BayRecord(session=SESSION))
    for _ in range(2):
        with StateDir(tmp_path) as state:
            record = state.take_over("1", Clock())
            assert record.session is None
            assert [each.outcome for each in record.outcomes] == ["interrupted"]


def test_two_processes_do_not_share_a_state_directory(tmp_path: Path) -> None:
    with StateDir(tmp_path), pytest.raises(StateDirError, match="running"):
        StateDir(tmp_path)
