"""Blocks of text that fit into the room there is: smaller first, then cut."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from .items import Text
from .shaping import Line, cut, wrap

_STEP = 0.1
_FEWER_LINES = 0.67


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """How a text is set: from its best size down to its least, in at most `lines`."""

    role: str
    best: float
    least: float
    colour: str
    lines: int = 1
    bold: bool = False

    def eased(self, by: float) -> Self:
        """Return it a little smaller, for a poster with much to say."""
        return replace(self, best=max(self.least, self.best * by))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines under each other, all of one size."""

    type: Type
    lines: tuple[Line, ...]
    size: float

    @property
    def height(self) -> float:
        """Return its height in millimetres."""
        return _height(self.lines) * self.size

    @property
    def width(self) -> float:
        """Return the longest line's."""
        return max((line.width for line in self.lines), default=0) * self.size

    def at(
        self, x: float, y: float, *, across: float = 0, align: float = 0
    ) -> list[Text]:
        """Return its texts from this corner.

        In a room `across` wide, `align` is 0 for the left, 0.5 for the middle, 1 for
        the right.
        """
        texts = []
        for line in self.lines:
            texts.append(
                Text(
                    role=self.type.role,
                    line=line,
                    x=x + max(0, across - line.width * self.size) * align,
                    y=y + line.ascent * self.size,
                    size=self.size,
                    colour=self.type.colour,
                )
            )
            y += line.height * self.size
        return texts


def fit(
    text: str, type_: Type, width: float, language: str, *, height: float = 1000
) -> Block:
    """Set a text `width` wide and at most `height` high, as large as its type allows.

    It is set in fewer lines rather than larger, until it would lose a third. What does
    not fit even at the least size is cut, and ends in an ellipsis.
    """
    for most in range(1, type_.lines + 1):
        least = type_.least if most == type_.lines else type_.best * _FEWER_LINES
        for size in _sizes(type_.best, max(type_.least, least)):
            lines = _lines(text, type_, width / size, language)
            if len(lines) <= most and _height(lines) * size <= height:
                return Block(type=type_, lines=tuple(lines), size=size)
    return _cut(text, type_, width, language, height)


def fit_all(
    texts: Sequence[str], type_: Type, width: float, language: str, *, height: float
) -> list[Block]:
    """Set several texts at one size, the largest at which all fit together."""
    for size in _sizes(type_.best, type_.least):
        all_lines = [_lines(text, type_, width / size, language) for text in texts]
        if sum(_height(lines) for lines in all_lines) * size <= height:
            return [
                Block(type=type_, lines=tuple(lines), size=size) for lines in all_lines
            ]
    each = height / max(1, len(texts))
    return [_cut(text, type_, width, language, each) for text in texts]


def _height(lines: Iterable[Line]) -> float:
    return sum(line.height for line in lines)


def _sizes(best: float, least: float) -> list[float]:
    return [best - _STEP * step for step in range(int((best - least) / _STEP + 1.001))]


def _lines(text: str, type_: Type, width: float, language: str) -> list[Line]:
    return wrap(text, width, language, bold=type_.bold) if text else []


def _cut(text: str, type_: Type, width: float, language: str, height: float) -> Block:
    size = type_.least
    lines = _lines(text, type_, width / size, language)
    room = max(1, min(type_.lines, int(height / (size * lines[0].height))))
    kept = [line.text for line in lines[:room]]
    rest = " ".join([kept[-1], *(line.text for line in lines[room:])])
    last = cut(rest, width / size, language, bold=type_.bold)
    return Block(type=type_, lines=(*lines[: room - 1], last), size=size)
