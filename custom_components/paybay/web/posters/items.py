"""What stands on a poster and where: millimetres from its upper left corner."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from .shaping import Line

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    radius: float = 0

    def scaled(self, by: float) -> Self:
        """Return it on larger paper."""
        return replace(
            self,
            x=self.x * by,
            y=self.y * by,
            width=self.width * by,
            height=self.height * by,
            radius=self.radius * by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A filled polygon."""

    points: tuple[Point, ...]
    colour: str

    def scaled(self, by: float) -> Self:
        """Return it on larger paper."""
        points = tuple((x * by, y * by) for x, y in self.points)
        return replace(self, points=points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text; `y` is its base, `size` an em. `role` says what it is for."""

    role: str
    line: Line
    x: float
    y: float
    size: float
    colour: str

    @property
    def box(self) -> Box:
        """Return the room that is kept for it."""
        return Box(
            x=self.x,
            y=self.y - self.line.ascent * self.size,
            width=self.line.width * self.size,
            height=self.line.height * self.size,
            colour=self.colour,
        )

    def scaled(self, by: float) -> Self:
        """Return it on larger paper."""
        return replace(self, x=self.x * by, y=self.y * by, size=self.size * by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A QR code's dark modules, without its quiet zone; `width` is the code's."""

    x: float
    y: float
    width: float
    modules: tuple[tuple[bool, ...], ...]

    @property
    def module(self) -> float:
        """Return how wide one module is."""
        return self.width / len(self.modules)

    def bars(self) -> Iterable[tuple[float, float, float, float]]:
        """Yield each row's dark stretches: x, y, width, height."""
        one = self.module
        for row, modules in enumerate(self.modules):
            start = None
            for column, dark in enumerate((*modules, False)):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    x, width = self.x + start * one, (column - start) * one
                    yield x, self.y + row * one, width, one
                    start = None

    def scaled(self, by: float) -> Self:
        """Return it on larger paper."""
        return replace(self, x=self.x * by, y=self.y * by, width=self.width * by)


type Item = Box | Shape | Text | Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A poster: its paper in millimetres, and what is drawn in this order."""

    title: str
    language: str
    width: float
    height: float
    items: tuple[Item, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """Return the lines of text."""
        return tuple(item for item in self.items if isinstance(item, Text))

    @property
    def code(self) -> Code:
        """Return the QR code."""
        return next(item for item in self.items if isinstance(item, Code))
