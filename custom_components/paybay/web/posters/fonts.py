"""The posters' fonts, and which of them writes which letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
import unicodedata

import uharfbuzz as hb

_FOLDER = Path(__file__).parent / "fonts"
_SCRIPTS = ("", "Devanagari", "Bengali", "Gujarati", "Tamil", "Telugu", "Kannada")
"""Latin first: it also writes digits and signs, so that they look the same always."""
JOINERS = "\u200c\u200d"
BOX = "\u25a1"
"""Stands for a letter that no font has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """One font file. `chars` are the code points it has; numbers are font units."""

    name: str
    shaper: hb.Font
    units_per_em: int
    chars: frozenset[int]

    def has(self, text: str) -> bool:
        """Return whether every character of a text is there."""
        return all(ord(char) in self.chars for char in text)


@cache
def fonts(*, bold: bool) -> tuple[Font, ...]:
    """Return all fonts of a weight, Latin first (blocking: reads files, once)."""
    weight = "Bold" if bold else "Regular"
    return tuple(_load(f"NotoSans{script}-{weight}") for script in _SCRIPTS)


def _load(name: str) -> Font:
    face = hb.Face(hb.Blob.from_file_path(_FOLDER / f"{name}.ttf"))
    return Font(
        name=name,
        shaper=hb.Font(face),
        units_per_em=face.upem,
        chars=frozenset(face.unicodes),
    )


def writable(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text as the fonts can write it, and what it had to do without.

    A letter that no font has becomes a box: one sees that something is missing there.
    Pictures such as emoji are left out. Line ends and tabs become spaces.
    """
    missing: list[str] = []
    kept = "".join(_kept(unicodedata.normalize("NFC", text), missing))
    return " ".join(kept.split()), tuple(dict.fromkeys(missing))


def _kept(text: str, missing: list[str]) -> Iterator[str]:
    for char in text:
        kind = unicodedata.category(char)
        if char.isspace():
            yield " "
        elif any(font.has(char) for font in fonts(bold=False)):
            yield char
        elif kind[0] == "C" or 0xFE00 <= ord(char) <= 0xFE0F:  # noqa: PLR2004
            continue  # shows nothing: a control, or how to draw the emoji before it
        else:
            missing.append(char)
            yield "" if kind[0] in "SM" else BOX


def runs(text: str, *, bold: bool) -> Iterator[tuple[Font | None, str]]:
    """Yield a writable text in pieces of one font each; boxes come without a font.

    Marks, joiners and spaces stay with the letter before them, if its font can.
    """
    known = fonts(bold=bold)
    current: Font | None = None
    piece = ""
    for char in text:
        font = None if char == BOX else _font_for(char, current, known)
        if piece and font is not current:
            yield current, piece
            piece = ""
        current, piece = font, piece + char
    if piece:
        yield current, piece


def _font_for(char: str, current: Font | None, known: tuple[Font, ...]) -> Font:
    stays = char.isspace() or char in JOINERS or unicodedata.category(char)[0] == "M"
    if stays and current and current.has(char):
        return current
    return next((font for font in known if font.has(char)), known[0])
