"""What outlives the process."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
import errno
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
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
    Store(tmp_path, "1", syncer.submit).save(record)
    assert Store(tmp_path, "1", syncer.submit).load() == record


def test_a_full_record_with_every_field_survives_the_disk(
    tmp_path: Path, syncer: Executor
) -> None:
    done = Outcome(**vars(outcome(1)) | {"wh": 12.5, "acked": True})
    record = BayRecord(session=SESSION, outcomes=(done,), latched="welded")
    Store(tmp_path, "1", syncer.submit).save(record)
    assert Store(tmp_path, "1", syncer.submit).load() == record


GOOD = json.dumps(
    BayRecord(session=SESSION, outcomes=(outcome(1),), latched="welded").to_json()
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["v", "session", "outcomes"]), inner)
    ),
    max_leaves=8,
)


def file_of(tmp_path: Path, content: bytes) -> BayRecord:
    """Return what a bridge makes of a newest file with this content."""
    with ThreadPoolExecutor(1) as syncer:
        for path in tmp_path.iterdir():
            path.unlink()
        (tmp_path / "bay-1.000000007.json").write_bytes(content)
        return Store(tmp_path, "1", syncer.submit).load()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(0, len(GOOD) - 1))
def test_a_file_torn_anywhere_is_no_record(tmp_path: Path, cut: int) -> None:
    assert file_of(tmp_path, GOOD[:cut].encode()) == BayRecord()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    key=st.sampled_from([*vars(SESSION), *vars(outcome(1)), "v", "latched"]),
    value=ANY_JSON,
)
def test_a_file_with_any_wrong_value_is_read_or_refused_but_never_a_crash(
    tmp_path: Path, key: str, value: Any
) -> None:
    values = json.loads(GOOD)
    for each in (values, values["session"], values["outcomes"][0]):
        if key in each:
            each[key] = value
    record = file_of(tmp_path, json.dumps(values).encode())
    if record.session is not None:
        cut = cut_short(record.session, boottime_s=9e9, kernel_boot_id="kernel")
        assert cut.ran_s == cut.ran_s
    assert record == BayRecord() or record.outcomes


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60) | ANY_JSON.map(lambda each: json.dumps(each).encode()))
def test_a_file_of_anything_is_never_a_crash(tmp_path: Path, content: bytes) -> None:
    assert file_of(tmp_path, content) == BayRecord()


def test_a_file_of_brackets_is_never_a_crash(tmp_path: Path) -> None:
    assert file_of(tmp_path, b"[" * 200_000) == BayRecord()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_keeps_the_last_good_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    with ThreadPoolExecutor(1) as syncer:
        store = Store(tmp_path, "1", syncer.submit)
        store.save(BayRecord(session=SESSION))
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_text", half_written(code))
            with pytest.raises(OSError, match="disk"):
                store.save(BayRecord(outcomes=(outcome(1),)))
        assert Store(tmp_path, "1", syncer.submit).load().session == SESSION
        store.save(BayRecord(outcomes=(outcome(1),)))
        assert Store(tmp_path, "1", syncer.submit).load().outcomes == (outcome(1),)


def half_written(code: int) -> Callable[..., int]:
    """Return a `write_text` that leaves half of a file behind."""

    def write(path: Path, text: str, **_: str) -> int:
        path.write_bytes(text[: len(text) // 2].encode())
        raise OSError(code, "disk")

    return write


def test_bays_do_not_share_files(tmp_path: Path, syncer: Executor) -> None:
    Store(tmp_path, "1", syncer.submit).save(BayRecord(session=SESSION))
    assert Store(tmp_path, "11", syncer.submit).load() == BayRecord()


def test_a_file_cut_off_half_way_leaves_the_one_before(
    tmp_path: Path, syncer: Executor
) -> None:
    Store(tmp_path, "1", syncer.submit).save(BayRecord(session=SESSION))
    (tmp_path / "bay-1.000000002.json").write_text('{"v": 1, "session": nul')
    (tmp_path / "bay-1.000000003.json").write_bytes(b"\0" * 100)
    store = Store(tmp_path, "1", syncer.submit)
    assert store.load().session == SESSION
    store.save(BayRecord())
    assert Store(tmp_path, "1", syncer.submit).load() == BayRecord()


def test_old_generations_go_once_the_new_one_is_durable(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as syncer:
        store = Store(tmp_path, "1", syncer.submit)
        for number in range(20):
            store.save(BayRecord(outcomes=(outcome(number),)))
    assert [path.name for path in tmp_path.glob("*.json")] == ["bay-1.000000020.json"]


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
