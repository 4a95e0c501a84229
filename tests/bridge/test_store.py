"""The running session on disk: one small write into an open file."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
import dataclasses
import os
from pathlib import Path

from pi_relay_bridge.records import BayRecord, OpenSession, Outcome
from pi_relay_bridge.slots import SLOT_SIZE, Slots
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
OUTCOME = Outcome(
    event_id="e1",
    order_id="earlier",
    outcome="completed",
    ran_s=1,
    left_s=0,
    reason="time_up",
    boot_id="boot-then",
)
Opener = Callable[[], Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Opener]:
    """Open the same bay's store as often as a process starts."""
    opened = []
    with ThreadPoolExecutor(1) as syncer:

        def opener() -> Store:
            opened.append(Store(tmp_path, "1", syncer.submit))
            return opened[-1]

        yield opener
    for store in opened:
        store.close()


def after_outcome(store: Store) -> BayRecord:
    """Leave one outcome in the store."""
    record = store.load().concluded(OUTCOME)
    store.save(record)
    return record


def files(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in directory.iterdir()}


def test_a_start_makes_no_file_and_grows_none(
    tmp_path: Path, open_store: Opener
) -> None:
    store = open_store()
    record = after_outcome(store)
    before = files(tmp_path)
    for seconds in (1, 2, 3):
        store.save(record.opened(dataclasses.replace(SESSION, seconds=seconds)))
    assert files(tmp_path) == before
    reopened = open_store().load()
    assert reopened.session is not None
    assert reopened.session.seconds == 3
    assert reopened.outcomes == (OUTCOME,)


def test_a_session_that_ended_is_not_found_running(open_store: Opener) -> None:
    store = open_store()
    store.save(after_outcome(store).opened(SESSION))
    store.save(BayRecord(outcomes=(OUTCOME, OUTCOME)))
    assert open_store().load() == BayRecord(outcomes=(OUTCOME, OUTCOME))


def test_a_session_that_never_ran_is_not_found_running(
    open_store: Opener,
) -> None:
    store = open_store()
    record = after_outcome(store).opened(SESSION)
    store.save(record)
    store.save(record.abandoned())
    assert open_store().load().session is None


def test_the_next_process_goes_on_counting(open_store: Opener) -> None:
    store = open_store()
    store.save(after_outcome(store).opened(SESSION))
    second = open_store()
    second.save(second.load().abandoned())
    assert open_store().load().session is None


def test_a_torn_write_leaves_the_session_written_before(
    tmp_path: Path, open_store: Opener
) -> None:
    store = open_store()
    record = after_outcome(store)
    store.save(record.opened(SESSION))
    store.save(record.opened(dataclasses.replace(SESSION, checkpoint_ran_s=30)))
    slots = (tmp_path / "bay-1.session").read_bytes()
    assert slots.count(b"checkpoint_ran_s") == 2
    newest = slots.index(b'"checkpoint_ran_s": 30')
    (tmp_path / "bay-1.session").write_bytes(
        slots[:newest] + bytes(9) + slots[newest + 9 :]
    )
    session = open_store().load().session
    assert session is not None
    assert session.checkpoint_ran_s == 25


def test_garbage_in_the_slots_is_no_session(tmp_path: Path, open_store: Opener) -> None:
    (tmp_path / "bay-1.session").write_bytes(os.urandom(SLOT_SIZE * 2))
    assert open_store().load() == BayRecord()


def test_what_does_not_fit_is_refused_not_cut(tmp_path: Path) -> None:
    slots = Slots(tmp_path / "slots")
    with pytest.raises(OSError, match="do not fit"):
        slots.write(1, {"text": "x" * SLOT_SIZE})
    assert slots.read() == {}
    slots.close()


def test_a_session_the_disk_does_not_take_leaves_the_one_before(
    open_store: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(5, "disk")

    store = open_store()
    record = after_outcome(store)
    store.save(record.opened(SESSION))
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", refuse)
        with pytest.raises(OSError, match="disk"):
            store.save(record.abandoned())
    assert open_store().load().session == SESSION
    store.save(record.abandoned())
    assert open_store().load().session is None


def test_a_new_fault_is_kept_though_nothing_has_ended(open_store: Opener) -> None:
    store = open_store()
    store.save(after_outcome(store).with_latch("welded"))
    assert open_store().load().latched == "welded"
