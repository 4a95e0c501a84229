"""A file of orders for accountants, written beside everything else that goes on."""

from collections.abc import Callable, Iterator, Mapping
import csv
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
import time

from .domain.csv_row import HEADER, row_of
from .ledger import paid_orders
from .ledger.reader import snapshot

KEEP = 30
"""How many files are kept; older ones make room."""
_BREATH_S = 0.002
"""Between chunks, so that a slow machine's event loop gets its turn."""


class ExportStoppedError(Exception):
    """Home Assistant stops; no file was left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What to write: payments of a span of Unix ms, of one site or of all.

    `bom` marks the file as UTF-8 for spreadsheets that would guess otherwise; `names`
    are those of Home Assistant's users by their ids.
    """

    ledger: Path
    folder: Path
    name: str
    from_ms: int
    to_ms: int
    zone: tzinfo
    site_id: str | None = None
    include_test: bool = False
    bom: bool = True
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written; `left_out` rows were of test orders."""

    path: Path
    rows: int
    left_out: int


def write(
    wanted: ExportOrder,
    on_progress: Callable[[int, int], None],
    is_stopping: Callable[[], bool],
) -> Exported:
    """Write the file (blocking): CSV as of RFC 4180, in UTF-8.

    `on_progress` hears how many rows are done, of how many. The file has its name
    only once it is complete. Raise LedgerError, OSError or ExportStoppedError.
    """
    wanted.folder.mkdir(parents=True, exist_ok=True)
    path = wanted.folder / wanted.name
    part = path.with_suffix(".part")
    try:
        rows, left_out = _write(wanted, part, on_progress, is_stopping)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _make_room(wanted.folder)
    return Exported(path=path, rows=rows, left_out=left_out)


def _write(
    wanted: ExportOrder,
    part: Path,
    on_progress: Callable[[int, int], None],
    is_stopping: Callable[[], bool],
) -> tuple[int, int]:
    encoding = "utf-8-sig" if wanted.bom else "utf-8"
    seen = written = 0
    with (
        snapshot(wanted.ledger) as connection,
        part.open("x", encoding=encoding, newline="") as file,
    ):
        span = wanted.from_ms, wanted.to_ms, wanted.site_id
        total = paid_orders.count(connection, *span)
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for chunk in paid_orders.rows(connection, *span):
            if is_stopping():
                raise ExportStoppedError
            for view, payment in chunk:
                if wanted.include_test or not view.order.test_mode:
                    writer.writerow(row_of(view, payment, wanted.zone, wanted.names))
                    written += 1
            seen += len(chunk)
            on_progress(seen, total)
            time.sleep(_BREATH_S)
    return written, seen - written


def files(folder: Path) -> Iterator[Path]:
    """Return the finished files, newest first."""
    found = folder.glob("*.csv")
    yield from sorted(found, key=lambda file: file.stat().st_mtime, reverse=True)


def _make_room(folder: Path) -> None:
    for file in list(files(folder))[KEEP:]:
        file.unlink(missing_ok=True)
