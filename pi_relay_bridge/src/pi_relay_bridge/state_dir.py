"""The directory that outlives the process: the bays' records, and the writer's lock."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
import fcntl
import logging
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .clock import Clock
from .records import BayRecord, cut_short
from .store import Store

SYNC_DELAY_S = 0.02

_LOG = logging.getLogger(__name__)


class StateDirError(Exception):
    """The directory cannot be used; the text says why."""


class StateDir:
    """A locked state directory. Leaving it waits until all records are durable."""

    def __init__(self, directory: Path) -> None:
        """Lock the directory, making it if needed; raise StateDirError."""
        self._directory = directory
        self._stores: dict[str, Store] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._syncer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fsync")
        self._lock = _lock(directory)

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the disk, then unlock."""
        self._syncer.shutdown()
        for store in self._stores.values():
            store.sync()
            store.close()
        self._lock.close()

    def store(self, bay_id: str) -> Store:
        """Return one bay's store; raise OSError."""
        if bay_id not in self._stores:
            self._stores[bay_id] = Store(self._directory, bay_id, self._sync_soon)
        return self._stores[bay_id]

    def serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let each fsync wait a moment: the pin and the reports go first."""
        self._loop = loop

    def _sync_soon(self, work: Callable[[], None]) -> None:
        """Have work done in the thread that syncs."""
        if self._loop is None:
            self._syncer.submit(work)
        else:
            self._loop.call_later(SYNC_DELAY_S, self._syncer.submit, work)

    def take_over(self, bay_id: str, clock: Clock) -> BayRecord:
        """Return a bay's record, with a session its process left open closed as of now.

        Call it only when the relay is off: it counts as on until now.
        """
        store = self.store(bay_id)
        record = store.load()
        if record.session is None:
            return record
        outcome = cut_short(
            record.session,
            boottime_s=clock.boottime_s(),
            kernel_boot_id=clock.kernel_boot_id,
        )
        record = record.concluded(outcome)
        try:
            store.save(record)
        except OSError as error:
            _LOG.error("bay %s: the record was not written: %s", bay_id, error)
        _LOG.info(
            "bay %s: order %s: interrupted after %.3f s (restart)",
            bay_id,
            outcome.order_id,
            outcome.ran_s,
        )
        return record


def is_locked(directory: Path) -> bool:
    """Return whether a bridge is running on a directory; change nothing."""
    try:
        with (directory / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock(directory: Path) -> IO[str]:
    """Return the locked file; the kernel unlocks it when the process dies."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / "lock").open("w", encoding="ascii")
    except OSError as error:
        raise StateDirError(f"state_dir {directory}: {error}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise StateDirError(
            f"state_dir {directory}: the bridge is running; stop it first"
        ) from None
    return file
