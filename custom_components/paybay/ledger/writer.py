"""One thread owns the ledger file; transactions that meet share one flush."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
import queue
import sqlite3
import threading
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, IntegrityError, SQLAlchemyError

from .engine import open_engine
from .migrations import NewerLedgerError, migrate

MAX_BATCH = 256
DEFAULT_CHECKPOINT_PAGES = 1_000
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
"""How much log SQLite gathers before it writes it into the main file."""


class LedgerError(Exception):
    """The ledger could not store or read; nothing of the request was kept."""


@dataclass(slots=True)
class _Job[T]:
    """One transaction somebody waits for; or, `apart`, a word to the file itself.

    `work` gets a Connection, or the driver's own connection.
    """

    work: Callable[[Any], T]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]
    apart: bool = False
    result: T | None = None
    error: Exception | None = None

    def answer(self) -> None:
        """Hand the outcome over to the waiting loop; it may be gone by now."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]


class Ledger:
    """The ledger file of one Home Assistant.

    `run` takes a function of a connection and returns what it returned, after its
    changes are on disk. Functions that raise leave no trace and harm nobody else;
    they may be run twice, so they must touch nothing but the connection.
    """

    def __init__(self, path: Path) -> None:
        """Prepare; nothing is opened yet."""
        self.path = path
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._engine: Engine | None = None
        self._on_trouble: Callable[[str | None], None] | None = None
        self._trouble: str | None = None
        self._held = False
        self._on_change: set[Callable[[], None]] = set()
        self.changes = 0
        """Grows with each commit that changed something; reading leaves it."""

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back, in the writer's thread, after commits that changed something.

        Return how to stop.
        """
        self._on_change = self._on_change | {on_change}

        def stop() -> None:
            self._on_change = self._on_change - {on_change}

        return stop

    @property
    def is_followed(self) -> bool:
        """Return whether anybody is called back after commits."""
        return bool(self._on_change)

    def on_trouble(self, tell: Callable[[str | None], None]) -> None:
        """Have `tell` called, in the writer's thread, when storing begins to fail.

        It gets what the file said, and None when storing works again.
        """
        self._on_trouble = tell

    def open(self) -> None:
        """Open and migrate the file (blocking); raise LedgerError if that fails."""
        engine = open_engine(self.path)
        try:
            with engine.begin() as connection:
                migrate(connection)
        except (SQLAlchemyError, NewerLedgerError) as err:
            engine.dispose()
            message = f"cannot open the ledger {self.path}: {err}"
            raise LedgerError(message) from err
        self._engine = engine
        self._thread = threading.Thread(
            target=self._work, name="paybay-ledger", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Finish what is queued, then close the file (blocking)."""
        if self._thread is None or self._engine is None:
            return
        self._jobs.put(None)
        self._thread.join()
        self._engine.dispose()
        self._thread = self._engine = None

    async def run[T](self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one durable transaction; raise LedgerError if not stored.

        An exception of `work` itself is raised here as it is.
        """
        return await self._hand_over(work, apart=False)

    async def hold_file(self, *, hold: bool) -> None:
        """Keep the main file still while a backup copies it; only its log grows.

        What was copied is then a ledger as it stood at one moment. Raise LedgerError.
        """
        pages = 0 if hold else DEFAULT_CHECKPOINT_PAGES

        def tell(file: Any) -> None:
            file.execute(_EMPTY_LOG).close()
            file.execute(f"PRAGMA wal_autocheckpoint={pages}").close()
            self._held = hold

        await self._hand_over(tell, apart=True)

    async def empty_log(self) -> None:
        """Leave nothing in the log that was erased; a backup that copies goes first.

        Raise LedgerError.
        """

        def tell(file: Any) -> None:
            if not self._held:
                file.execute(_EMPTY_LOG).close()

        await self._hand_over(tell, apart=True)

    async def _hand_over[T](self, work: Callable[[Any], T], *, apart: bool) -> T:
        if self._thread is None:
            message = "the ledger is closed"
            raise LedgerError(message)
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future(), apart)
        self._jobs.put(job)
        # A caller that goes away must not undo what is being written.
        return await asyncio.shield(job.future)

    def _work(self) -> None:
        while True:
            batch, last = self._take()
            if batch:
                self._carry_out(batch)
                for job in batch:
                    job.answer()
            if last:
                return

    def _take(self) -> tuple[list[_Job[Any]], bool]:
        """Wait for a job, then take whatever else is waiting already."""
        batch: list[_Job[Any]] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MAX_BATCH or self._jobs.empty():
                return batch, False
            job = self._jobs.get()
        return batch, True

    def _carry_out(self, batch: list[_Job[Any]]) -> None:
        if together := [job for job in batch if not job.apart]:
            self._commit(together)
        for job in batch:
            if job.apart:
                self._tell_file(job)

    def _tell_file(self, job: _Job[Any]) -> None:
        assert self._engine is not None  # noqa: S101
        raw = self._engine.raw_connection()
        try:
            job.result = job.work(raw.driver_connection)
        except sqlite3.Error as err:
            job.error = LedgerError(f"not done: {err}")
        finally:
            raw.close()

    def _note_trouble(self, trouble: str | None) -> None:
        """Tell when storing begins to fail, or works again."""
        if (trouble is None) == (self._trouble is None):
            return
        self._trouble = trouble
        if self._on_trouble:
            self._on_trouble(trouble)

    def _commit(self, batch: list[_Job[Any]]) -> None:
        """Commit a batch with one flush; if that fails, each job on its own."""
        assert self._engine is not None  # noqa: S101
        try:
            with self._engine.begin() as connection:
                for job in batch:
                    _run_apart(connection, job)
                changes = _changes_of(connection)
        except Exception as err:  # noqa: BLE001 - the thread must outlive any failure
            failure = _first_of(err)
        else:
            self._note_trouble(None)
            self._note_changes(changes)
            return
        if len(batch) == 1:
            batch[0].error = LedgerError(f"not stored: {failure}")
            self._note_trouble(str(failure))
            return
        for job in batch:
            self._commit([job])

    def _note_changes(self, changes: int) -> None:
        if changes == self.changes:
            return
        self.changes = changes
        for on_change in self._on_change:
            on_change()


def _run_apart(connection: Connection, job: _Job[Any]) -> None:
    """Run one job in a savepoint, so that its own mistakes stay its own.

    A fault of the file itself ends the whole transaction and is not caught here:
    SQLite may have rolled everything back by then.
    """
    job.error = None
    try:
        with connection.begin_nested():
            job.result = job.work(connection)
    except IntegrityError as err:
        job.error = err
    except DatabaseError:
        raise
    except Exception as err:  # noqa: BLE001 - handed to the waiting caller
        job.error = err


def _first_of(err: BaseException) -> BaseException:
    """Return what went wrong first.

    A full disk ends the transaction, and then its savepoint cannot be found.
    """
    while err.__context__ is not None:
        err = err.__context__
    return err


def _changes_of(connection: Connection) -> int:
    """Return how many rows the file's one connection has changed since it opened."""
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)
