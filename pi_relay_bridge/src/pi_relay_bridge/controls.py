"""What hangs on a simulated board: the loads, the sensors' health, write errors.

`controls.json` beside `pins.bin`, changed from outside while the bridge runs:

    {"bays": {"1": {"load_a": 10.0, "welded": false, "sensor": "ok"}},
     "write_errors": {"17": -1}}

`load_a` flows while the relay's contact is closed; a `welded` contact always is.
`sensor` is `ok`, `stale` (never answers) or `error`. `write_errors` is how many writes
to a pin fail; -1 is all of them. Standard library only.
"""

import dataclasses
from dataclasses import dataclass
import json
import os
from pathlib import Path
from typing import Any

FILE_NAME = "controls.json"
SENSOR_STATES = ("ok", "stale", "error")


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is plugged into one bay, and how well that is measured."""

    load_a: float = 0.0
    welded: bool = False
    sensor: str = "ok"


class Controls:
    """The switches of one board; without a directory nothing is special."""

    def __init__(self, directory: Path | None) -> None:
        """Use the file in this directory, which may not be there yet."""
        self._path = None if directory is None else directory / FILE_NAME
        self._failed_writes: dict[str, int] = {}

    def load(self, bay_id: str) -> Load:
        """Return what is plugged into a bay."""
        return Load(**self._read().get("bays", {}).get(bay_id, {}))

    def takes_write_error(self, pin: int) -> bool:
        """Return whether this write to a pin fails, and count it."""
        wanted = self._read().get("write_errors", {}).get(str(pin), 0)
        failed = self._failed_writes.get(str(pin), 0)
        if wanted == 0:
            self._failed_writes.pop(str(pin), None)
            return False
        if 0 <= wanted <= failed:
            return False
        self._failed_writes[str(pin)] = failed + 1
        return True

    def set_load(self, bay_id: str, **changes: Any) -> None:
        """Change what is plugged into a bay."""
        values = self._read()
        changed = dataclasses.replace(self.load(bay_id), **changes)
        values.setdefault("bays", {})[bay_id] = vars(changed)
        self._write(values)

    def set_write_errors(self, pin: int, count: int) -> None:
        """Let so many writes to a pin fail; -1: all, 0: none."""
        values = self._read()
        values.setdefault("write_errors", {})[str(pin)] = count
        self._write(values)

    def _read(self) -> dict[str, Any]:
        """Return the file's values, or none."""
        if self._path is None:
            return {}
        try:
            values: dict[str, Any] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        return values

    def _write(self, values: dict[str, Any]) -> None:
        """Replace the file at once: a reader sees the old one or the new one."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(values), encoding="ascii")
        beside.replace(self._path)
