"""The ledger file: durable, atomic, shared by whoever comes at the same time."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
import subprocess
import sys

import pytest
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError

from custom_components.paybay.ledger import (
    Ledger,
    LedgerError,
    migrations,
    order_views,
    references,
)
from custom_components.paybay.ledger.reader import snapshot
from custom_components.paybay.ledger.schema import schema_version


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger.db")
    made.open()
    yield made
    made.close()


def _add(number: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.execute(insert(schema_version).values(version=number))
        return number

    return work


def _versions(path: Path) -> set[int]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = set(connection.execute(text("SELECT version FROM schema_version")))
    engine.dispose()
    return {row[0] for row in found}


async def test_answer_comes_after_the_commit(ledger: Ledger) -> None:
    assert await ledger.run(_add(7)) == 7
    assert 7 in _versions(ledger.path)


async def test_every_commit_is_flushed(ledger: Ledger) -> None:
    def pragmas(connection: Connection) -> tuple[object, object]:
        synchronous = connection.execute(text("PRAGMA synchronous")).scalar()
        return connection.execute(text("PRAGMA journal_mode")).scalar(), synchronous

    assert await ledger.run(pragmas) == ("wal", 2)


async def test_concurrent_transactions_share_flushes(ledger: Ledger) -> None:
    commits = 0
    original = ledger._commit

    def count(batch: list[object]) -> None:
        nonlocal commits
        commits += 1
        original(batch)  # type: ignore[arg-type]

    ledger._commit = count  # type: ignore[method-assign,assignment]
    results = await asyncio.gather(*(ledger.run(_add(n)) for n in range(100, 300)))
    assert results == list(range(100, 300))
    assert commits < 100


async def test_failure_of_one_leaves_the_others_alone(ledger: Ledger) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(insert(schema_version).values(version=9))
        raise ZeroDivisionError

    results = await asyncio.gather(
        ledger.run(_add(8)),
        ledger.run(fail),
        ledger.run(_add(8)),
        ledger.run(_add(10)),
        return_exceptions=True,
    )
    assert results[0] == 8
    assert isinstance(results[1], ZeroDivisionError)
    assert isinstance(results[2], IntegrityError)
    assert results[3] == 10
    assert _versions(ledger.path) == {1, 8, 10}


async def test_a_file_that_fails_fails_only_the_jobs_it_must(ledger: Ledger) -> None:
    """SQLite may roll everything back at a disk error: then each job runs alone."""

    def broken(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        raise OperationalError("INSERT", {}, OSError("disk full"))

    results = await asyncio.gather(
        ledger.run(_add(8)),
        ledger.run(broken),
        ledger.run(_add(9)),
        return_exceptions=True,
    )
    assert (results[0], results[2]) == (8, 9)
    assert isinstance(results[1], LedgerError)
    assert _versions(ledger.path) == {1, 8, 9}


async def test_full_disk_is_an_error_and_keeps_nothing(ledger: Ledger) -> None:
    def cap(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE big (it TEXT)")
        connection.exec_driver_sql("INSERT INTO big VALUES (zeroblob(10000000))")

    await ledger.run(cap)
    with pytest.raises(LedgerError):
        await ledger.run(fill)
    assert await ledger.run(_add(11)) == 11


async def test_closed_ledger_refuses(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    with pytest.raises(LedgerError):
        await ledger.run(_add(2))
    ledger.open()
    ledger.close()
    with pytest.raises(LedgerError):
        await ledger.run(_add(2))


async def test_caller_that_goes_away_does_not_undo_the_write(ledger: Ledger) -> None:
    task = asyncio.ensure_future(ledger.run(_add(12)))
    await asyncio.sleep(0)
    task.cancel()
    assert await ledger.run(_add(13)) == 13
    assert {12, 13} <= _versions(ledger.path)


def test_corrupt_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database, but it is long enough" * 100)
    before = path.read_bytes()
    with pytest.raises(LedgerError):
        Ledger(path).open()
    assert path.read_bytes() == before


def test_newer_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.open()
    ledger.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(insert(schema_version).values(version=99))
    engine.dispose()
    with pytest.raises(LedgerError, match="99"):
        Ledger(path).open()
    assert _versions(path) == {1, 99}


def test_only_missing_migrations_run_and_in_order(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    ran: list[str] = []

    def first(connection: Connection) -> None:
        schema_version.create(connection)
        ran.append("one")

    steps: list[migrations.Migration] = [
        first,
        lambda _: ran.append("two"),
        lambda _: ran.append("three"),
    ]
    with engine.begin() as connection:
        assert migrations.migrate(connection, steps[:1]) == 1
        assert migrations.migrate(connection, steps) == 3
        assert migrations.migrate(connection, steps) == 3
    engine.dispose()
    assert ran == ["one", "two", "three"]


_WRITE_AND_DIE = """
import asyncio, os, pathlib, signal, sys
from sqlalchemy import insert
from custom_components.paybay.ledger import Ledger
from custom_components.paybay.ledger.schema import schema_version

async def main(path):
    ledger = Ledger(pathlib.Path(path))
    ledger.open()
    await ledger.run(lambda c: c.execute(insert(schema_version).values(version=77)))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(sys.argv[1]))
"""


def test_what_was_answered_survives_kill_dash_nine(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    done = subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, path], check=False)
    assert done.returncode == -9
    assert 77 in _versions(path)


async def test_trouble_is_told_once_when_it_begins_and_when_it_ends(
    ledger: Ledger,
) -> None:
    told: list[str | None] = []
    ledger.on_trouble(told.append)

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql("CREATE TABLE big (x)")
        connection.exec_driver_sql("INSERT INTO big VALUES (zeroblob(10000000))")

    for _ in range(2):
        with pytest.raises(LedgerError):
            await ledger.run(fill)
    assert len(told) == 1
    assert "full" in str(told[0])

    def make_room(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    await ledger.run(make_room)
    assert told[1:] == [None]


async def test_a_full_disk_is_told_as_such_without_what_was_to_be_stored(
    ledger: Ledger,
) -> None:
    troubles: list[str | None] = []
    ledger.on_trouble(troubles.append)

    def fill_up(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        references.put(connection, "ord_1", "site", "MH12AB1234" * 1000, 1)

    with pytest.raises(LedgerError) as refused:
        await ledger.run(fill_up)
    assert troubles == ["database or disk is full"]
    assert str(refused.value) == "not stored: database or disk is full"


async def test_what_breaks_a_rule_of_the_ledger_is_not_told_with_the_error(
    ledger: Ledger,
) -> None:
    with pytest.raises(IntegrityError) as refused:
        await ledger.run(lambda c: references.put(c, "ord_1", "site", "MH12AB", 1))
    assert "MH12AB" not in str(refused.value)


def test_what_could_not_be_read_is_not_told_with_the_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(LedgerError) as refused, snapshot(path) as connection:
        order_views.by_watch_code(connection, "a-watch-code")
    assert "a-watch-code" not in str(refused.value)


async def test_ledger_in_a_folder_of_any_name_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "my #1 home%20"
    folder.mkdir()
    made = Ledger(folder / "ledger.db")
    made.open()
    await made.run(_add(7))
    with snapshot(made.path) as connection:
        versions = connection.execute(text("SELECT version FROM schema_version"))
        assert 7 in versions.scalars()
    made.close()
