"""Whether a native reader has read a catalogue; until then it is machine-written."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
import hashlib
import json
from pathlib import Path
from typing import Any, Final

SIGNED: Final = "_signed"
"""A catalogue's key: `by`, `on` (a date) and `texts`, what was read; null if nobody."""
_NOTE: Final = "Read and signed by a native reader: docs/languages.md."


class Standing(StrEnum):
    """How far a catalogue can be trusted."""

    MACHINE = "machine"
    CHANGED = "changed"
    """A reader signed it, and texts came or changed since."""
    READ = "read"


def standing(catalogue: Mapping[str, Any]) -> Standing:
    """Return how far a catalogue, as it stands in its file, can be trusted."""
    signed = catalogue.get(SIGNED)
    if not signed:
        return Standing.MACHINE
    same = signed["texts"] == _fingerprint(catalogue)
    return Standing.READ if same else Standing.CHANGED


def sign(path: Path, by: str, on: date) -> None:
    """Write into a catalogue's file that somebody has read all its texts.

    Raise ValueError without a name, OSError without such a file.
    """
    if not by.strip():
        message = "a signature needs a name"
        raise ValueError(message)
    catalogue = json.loads(path.read_text("utf-8"))
    signed = {"by": by.strip(), "on": f"{on}", "texts": _fingerprint(catalogue)}
    head = {"_note": _NOTE, SIGNED: signed}
    text = json.dumps({**head, **_texts(catalogue)}, indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", "utf-8")


def _texts(catalogue: Mapping[str, Any]) -> dict[str, Any]:
    return {key: text for key, text in catalogue.items() if not key.startswith("_")}


def _fingerprint(catalogue: Mapping[str, Any]) -> str:
    """Return what changes with any text, and not with their order."""
    text = json.dumps(_texts(catalogue), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
