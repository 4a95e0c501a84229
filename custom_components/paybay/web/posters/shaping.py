"""Text becomes glyphs that know their place: shaped by HarfBuzz, wrapped, shrunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
import unicodedata

import uharfbuzz as hb

from .fonts import JOINERS, Font, runs

_ASCENT_EM, _DESCENT_EM = 1.07, 0.31
"""What a line takes above and below its base at least."""
_AIR_EM = 0.03
_BOX_EM = 0.7
_VIRAMA = 9
"""Unicode's combining class of the mark that binds two consonants."""
_ELLIPSIS = "\u2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """A glyph `x` to the right and `y` above its line's start, in em.

    Without a `font` it is the box of a letter that is missing.
    """

    font: Font | None
    id: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of glyphs, in em; high enough for all that is stacked in it."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float
    ascent: float
    descent: float

    @property
    def height(self) -> float:
        """Return the room that it takes."""
        return self.ascent + self.descent


@lru_cache(maxsize=2000)
def shape(text: str, language: str, *, bold: bool) -> Line:
    """Shape one line (blocking); `language` picks its forms of shared letters."""
    glyphs: list[Glyph] = []
    x = 0.0
    for font, piece in runs(text, bold=bold):
        if font is None:
            boxes = range(len(piece))
            glyphs.extend(Glyph(font=None, id=0, x=x + i * _BOX_EM, y=0) for i in boxes)
            x += len(piece) * _BOX_EM
        else:
            placed, width = _shape_run(font, piece, language)
            glyphs.extend(
                Glyph(font=font, id=glyph.id, x=x + glyph.x, y=glyph.y)
                for glyph in placed
            )
            x += width
    inks = [ink_of(glyph) for glyph in glyphs]
    return Line(
        text=text,
        glyphs=tuple(glyphs),
        width=x,
        ascent=max([_ASCENT_EM, *(top + _AIR_EM for _, top in inks)]),
        descent=max([_DESCENT_EM, *(_AIR_EM - bottom for bottom, _ in inks)]),
    )


def ink_of(glyph: Glyph) -> tuple[float, float]:
    """Return how low and how high a glyph reaches from its line's base, in em."""
    if glyph.font is None:
        return 0, _BOX_EM
    at = glyph.font.shaper.get_glyph_extents(glyph.id)
    if at is None:
        return 0, 0
    em = glyph.font.units_per_em
    return glyph.y + (at.y_bearing + at.height) / em, glyph.y + at.y_bearing / em


def _shape_run(font: Font, text: str, language: str) -> tuple[list[Glyph], float]:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "ltr"
    buffer.language = language
    hb.shape(font.shaper, buffer)
    em, pen, placed = font.units_per_em, 0, []
    for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        x, y = (pen + at.x_offset) / em, at.y_offset / em
        placed.append(Glyph(font=font, id=info.codepoint, x=x, y=y))
        pen += at.x_advance
    return placed, pen / em


def wrap(text: str, width: float, language: str, *, bold: bool) -> list[Line]:
    """Break a text into lines of at most `width` em; a word too long is broken too."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text, width, language, bold=bold):
        longer = f"{line} {word}" if line else word
        if line and shape(longer, language, bold=bold).width > width:
            lines.append(line)
            longer = word
        line = longer
    return [shape(each, language, bold=bold) for each in [*lines, line]]


def _pieces(text: str, width: float, language: str, *, bold: bool) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while rest and shape(rest, language, bold=bold).width > width:
            fits = _fitting(rest, width, language, bold=bold)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def _fitting(text: str, width: float, language: str, *, bold: bool) -> int:
    """Return how many characters fit, one at least; marks stay with their letter."""
    for end in range(len(text) - 1, 1, -1):
        head = text[:end]
        if _may_break(text, end) and shape(head, language, bold=bold).width <= width:
            return end
    return 1


def _may_break(text: str, at: int) -> bool:
    """Return whether a letter begins there: no mark, and nothing joined to it."""
    before, after = text[at - 1], text[at]
    joined = before in JOINERS or unicodedata.combining(before) == _VIRAMA
    return not joined and after not in JOINERS and unicodedata.category(after)[0] != "M"


def cut(text: str, width: float, language: str, *, bold: bool) -> Line:
    """Return one line of at most `width` em, with an ellipsis where it was cut."""
    line = shape(text, language, bold=bold)
    end = len(text)
    while line.width > width and end > 1:
        end -= 1
        while end > 1 and not _may_break(text, end):
            end -= 1
        line = shape(text[:end].rstrip() + _ELLIPSIS, language, bold=bold)
    return line
