"""One bay's record on disk: outcomes in a file a change, the running session in slots.

`save` writes through to the kernel before it returns: a killed process loses nothing.
The fsync that a power cut asks for is left to a thread, since an SD card may take
seconds. What stands between a command and the pin is one write into an open file.

Each save is a generation, whichever file takes it, and the newest counts. A file cut
off half-way does not parse; then the generation before it counts.
"""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
import dataclasses
import json
import logging
import os
from pathlib import Path

from .records import BayRecord, read_session
from .slots import Slots

# What a file of any content at all can raise on its way to a record.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)

_LOG = logging.getLogger(__name__)


class Store:
    """The files `bay-<id>.<generation>.json` and `bay-<id>.session` of one bay."""

    def __init__(
        self,
        directory: Path,
        bay_id: str,
        sync_soon: Callable[[Callable[[], None]], object],
    ) -> None:
        """Keep files in `directory`, which must exist; raise OSError.

        `sync_soon` does what it is given in one thread, in order.
        """
        self._directory = directory
        self._bay_id = bay_id
        self._sync_soon = sync_soon
        self._is_sync_due = False
        self._slots = Slots(directory / f"bay-{bay_id}.session")
        self._generation = 0
        self._file_generation = 0
        self._synced_file_generation = 0
        self._written: deque[int] = deque()
        self._filed: BayRecord | None = None

    def close(self) -> None:
        """Close what is open; nothing may sync any more."""
        self._slots.close()

    def load(self) -> BayRecord:
        """Return the newest record that can be read, or an empty one."""
        record, generation = self._load_file()
        self._filed = record
        try:
            slot = self._slots.read()
            if (slot_generation := int(slot.get("generation", 0))) > generation:
                self._generation = max(self._generation, slot_generation)
                session = read_session(slot["session"])
                record = dataclasses.replace(record, session=session)
        except _UNREADABLE as error:
            _LOG.warning("bay %s: its session is unreadable (%r)", self._bay_id, error)
        return record

    def save(self, record: BayRecord) -> None:
        """Write the record, safe from a crash of this process; raise OSError."""
        generation = self._generation + 1
        if self._is_filed(record):
            session = None if record.session is None else vars(record.session)
            self._slots.write(generation, {"session": session})
        else:
            self._save_file(record, generation)
        self._generation = generation
        if not self._is_sync_due:
            self._is_sync_due = True
            self._sync_soon(self.sync)

    def sync(self) -> None:
        """Bring all that was saved through a power cut, as far as the disk can."""
        self._is_sync_due = False
        try:
            self._slots.sync()
            if self._synced_file_generation < self._file_generation:
                self._sync_file(self._file_generation)
        except OSError as error:
            _LOG.warning("bay %s: the record is not durable: %s", self._bay_id, error)

    def _is_filed(self, record: BayRecord) -> bool:
        """Return whether the newest file has all of a record but its session."""
        return (
            self._filed is not None
            and record.outcomes is self._filed.outcomes
            and record.latched == self._filed.latched
        )

    def _save_file(self, record: BayRecord, generation: int) -> None:
        """Write all of it into a new file."""
        path = self._path(generation)
        try:
            path.write_text(json.dumps(record.to_json()), encoding="ascii")
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        self._filed = record
        self._file_generation = generation
        self._written.append(generation)

    def _sync_file(self, generation: int) -> None:
        """Bring one file through a power cut, then drop the older ones."""
        _fsync(self._path(generation))
        _fsync(self._directory)
        self._synced_file_generation = generation
        while self._written and self._written[0] < generation:
            self._path(self._written.popleft()).unlink(missing_ok=True)

    def _load_file(self) -> tuple[BayRecord, int]:
        """Return the newest record in a file that can be read, and its generation."""
        files = self._files()
        self._written = deque(generation for generation, _ in files)
        for generation, path in reversed(files):
            self._generation = max(self._generation, generation)
            try:
                return BayRecord.from_json(json.loads(path.read_bytes())), generation
            except _UNREADABLE as error:
                _LOG.warning(
                    "bay %s: %s is unreadable (%r)", self._bay_id, path.name, error
                )
        return BayRecord(), 0

    def _path(self, generation: int) -> Path:
        """Return where one generation is kept."""
        return self._directory / f"bay-{self._bay_id}.{generation:09d}.json"

    def _files(self) -> list[tuple[int, Path]]:
        """Return the generations in files, oldest first."""
        found = []
        for path in self._directory.glob(f"bay-{self._bay_id}.*.json"):
            with suppress(ValueError):
                found.append((int(path.name.split(".")[1]), path))
        return sorted(found)


def _fsync(path: Path) -> None:
    """Flush a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
