"""The blueprints that come with PayBay, and the owner's copies of them (blocking)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
import hashlib
from pathlib import Path
import shutil

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.file import write_utf8_file_atomic
from homeassistant.util.yaml import load_yaml_dict

SHIPPED = Path(__file__).parent / "blueprints"
SET_ASIDE = ".before"
"""Ends the name of an edited copy that was overwritten; no blueprint ends like that."""


class Fate(StrEnum):
    """What became of the owner's copy of a blueprint."""

    INSTALLED = "installed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    """It was edited, or comes from elsewhere, and differs from ours."""
    OVERWRITTEN = "overwritten"


@dataclass(frozen=True, slots=True)
class Copies:
    """The owner's folder of blueprints, and what PayBay last wrote there, by name."""

    folder: Path
    written: dict[str, str]

    def fate(self, name: str) -> Fate:
        """Return what would become of a copy now; nothing is written."""
        file = self.folder / f"{name}.yaml"
        if not file.exists():
            return Fate.INSTALLED
        if _says_the_same(file, shipped(name)):
            return Fate.UNCHANGED
        return Fate.UPDATED if self.written.get(name) == mark(file) else Fate.KEPT

    def outdated(self) -> list[str]:
        """Return the names of copies of ours for which there is something newer."""
        return [name for name in names() if self.fate(name) is Fate.UPDATED]

    def install(
        self, wanted: Collection[str], overwrite: Collection[str] = ()
    ) -> dict[str, Fate]:
        """Write what is missing or old, and note that; return each fate.

        An edited copy is written over only if named in `overwrite`, and is set aside.
        Raise OSError or WriteError; what was written until then is noted.
        """
        fates: dict[str, Fate] = {}
        for name in sorted(wanted):
            fate, file = self.fate(name), self.folder / f"{name}.yaml"
            if fate is Fate.KEPT and name in overwrite:
                fate = Fate.OVERWRITTEN
                # Not moved: automations use it until the new one is whole.
                shutil.copyfile(file, file.with_name(file.name + SET_ASIDE))
            if fate in (Fate.INSTALLED, Fate.UPDATED, Fate.OVERWRITTEN):
                self.folder.mkdir(parents=True, exist_ok=True)
                text = shipped(name).read_text(encoding="utf-8")
                write_utf8_file_atomic(str(file), text)
                self.written[name] = mark(file)
            fates[name] = fate
        return fates


def names() -> list[str]:
    """Return the names of the blueprints that come with PayBay."""
    return sorted(file.stem for file in SHIPPED.glob("*.yaml"))


def shipped(name: str) -> Path:
    """Return the file of a blueprint that comes with PayBay."""
    return SHIPPED / f"{name}.yaml"


def mark(file: Path) -> str:
    """Return what tells a file's content from any other."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _says_the_same(copy: Path, ours: Path) -> bool:
    """Return whether two files mean the same.

    Home Assistant's own import writes a blueprint anew, in other words.
    """
    if copy.read_bytes() == ours.read_bytes():
        return True
    try:
        return _meaning(copy) == _meaning(ours)
    except HomeAssistantError:
        return False


def _meaning(file: Path) -> object:
    """Return what Home Assistant reads: defaults of selectors are filled in."""
    return Blueprint(load_yaml_dict(str(file)), schema=BLUEPRINT_SCHEMA).data
