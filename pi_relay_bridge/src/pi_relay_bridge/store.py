"""One bay's record on disk: each save is a new file; older ones go when it is durable.

`save` writes through to the kernel before it returns: a killed process loses nothing.
The fsync that a power cut asks for runs in `syncer`'s thread, since an SD card may take
seconds. A file cut off half-way does not parse; then the generation before it counts.
"""

from concurrent.futures import Executor
from contextlib import suppress
import json
import logging
import os
from pathlib import Path

from .records import BayRecord

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
    """The files `bay-<id>.<generation>.json` of one bay."""

    def __init__(self, directory: Path, bay_id: str, syncer: Executor) -> None:
        """Keep files in `directory`, which must exist."""
        self._directory = directory
        self._bay_id = bay_id
        self._syncer = syncer
        self._generation = 0

    def load(self) -> BayRecord:
        """Return the newest record that can be read, or an empty one."""
        for generation, path in reversed(self._files()):
            self._generation = max(self._generation, generation)
            try:
                return BayRecord.from_json(json.loads(path.read_bytes()))
            except _UNREADABLE as error:
                _LOG.warning(
                    "bay %s: %s is unreadable (%r)", self._bay_id, path.name, error
                )
        return BayRecord()

    def save(self, record: BayRecord) -> None:
        """Write the record, safe from a crash of this process; raise OSError."""
        generation = self._generation + 1
        path = self._path(generation)
        try:
            path.write_text(json.dumps(record.to_json()), encoding="ascii")
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        self._generation = generation
        self._syncer.submit(self._make_durable, generation)

    def _make_durable(self, generation: int) -> None:
        """Bring one generation through a power cut, then drop the older ones."""
        if generation < self._generation:
            return
        try:
            _fsync(self._path(generation))
            _fsync(self._directory)
            for older, path in self._files():
                if older < generation:
                    path.unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning(
                "bay %s: record %d not durable (%s)", self._bay_id, generation, error
            )

    def _path(self, generation: int) -> Path:
        """Return where one generation is kept."""
        return self._directory / f"bay-{self._bay_id}.{generation:09d}.json"

    def _files(self) -> list[tuple[int, Path]]:
        """Return the generations on disk, oldest first."""
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
