"""Glyphs as outlines in millimetres, for files that look the same everywhere."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import uharfbuzz as hb

from .fonts import Font
from .items import Point, Text
from .shaping import Glyph

type Step = tuple[str, tuple[Point, ...]]
"""`M` moves, `L` draws a line, `C` a cubic curve, `Z` closes: with their points."""

_BOX: tuple[Step, ...] = tuple(
    step
    for x0, y0, x1, y1 in ((0.05, 0, 0.65, 0.7), (0.6, 0.05, 0.1, 0.65))
    for step in (
        ("M", ((x0, y0),)),
        ("L", ((x1, y0),)),
        ("L", ((x1, y1),)),
        ("L", ((x0, y1),)),
        ("Z", ()),
    )
)
"""The box of a missing letter, in em: the hole runs the other way round."""


def outline(text: Text) -> Iterator[Step]:
    """Yield a line of text as one path; what its contours wind around is filled."""
    for glyph in text.line.glyphs:
        for command, points in _steps(glyph):
            yield (
                command,
                tuple(
                    (
                        text.x + (glyph.x + x) * text.size,
                        text.y - (glyph.y + y) * text.size,
                    )
                    for x, y in points
                ),
            )


def _steps(glyph: Glyph) -> tuple[Step, ...]:
    return _BOX if glyph.font is None else _outline_of(glyph.font, glyph.id)


@lru_cache(maxsize=2000)
def _outline_of(font: Font, glyph_id: int) -> tuple[Step, ...]:
    """Return a glyph in em, `y` upwards."""
    pen = _Pen(font.units_per_em)
    functions = hb.DrawFuncs()
    functions.set_move_to_func(_Pen.move)
    functions.set_line_to_func(_Pen.line)
    functions.set_cubic_to_func(_Pen.curve)
    functions.set_close_path_func(_Pen.close)
    font.shaper.draw_glyph(glyph_id, functions, pen)
    return tuple(pen.steps)


class _Pen:
    """Writes down what HarfBuzz draws."""

    def __init__(self, units_per_em: int) -> None:
        self.steps: list[Step] = []
        self._em = units_per_em

    @staticmethod
    def move(x: float, y: float, pen: _Pen) -> None:
        pen.add("M", x, y)

    @staticmethod
    def line(x: float, y: float, pen: _Pen) -> None:
        pen.add("L", x, y)

    @staticmethod
    def curve(*told: Any) -> None:
        *numbers, pen = told
        pen.add("C", *numbers)

    @staticmethod
    def close(pen: _Pen) -> None:
        pen.add("Z")

    def add(self, command: str, *numbers: float) -> None:
        em = [number / self._em for number in numbers]
        points = tuple(zip(em[::2], em[1::2], strict=True))
        self.steps.append((command, points))
