"""Posters as SVG: outlines only, so that no font is needed to show it."""

from collections.abc import Iterable
from html import escape

from .items import Box, Code, Item, Layout, Shape, Text
from .outlines import Step, outline


def draw(layout: Layout) -> bytes:
    """Return the file, in UTF-8. Blocks while it draws."""
    title = escape(layout.title)
    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'xml:lang="{escape(layout.language)}" '
            f'width="{layout.width}mm" height="{layout.height}mm" '
            f'viewBox="0 0 {layout.width} {layout.height}">'
        ),
        f"<title>{title}</title>",
        f'<path fill="#ffffff" d="M0 0h{layout.width}v{layout.height}H0z"/>',
        *(_element(item) for item in layout.items),
        "</svg>\n",
    ]
    return "\n".join(parts).encode()


def _element(item: Item) -> str:
    match item:
        case Box():
            return (
                f'<rect x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(item.width)}" '
                f'height="{_n(item.height)}" rx="{_n(item.radius)}" '
                f'fill="{item.colour}"/>'
            )
        case Shape():
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in item.points)
            return f'<polygon fill="{item.colour}" points="{points}"/>'
        case Code():
            bars = "".join(
                f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h-{_n(width)}z"
                for x, y, width, height in item.bars()
            )
            return f'<path fill="#000000" d="{bars}"/>'
        case Text():
            label = escape(item.line.text)
            path = _path(outline(item))
            return f'<path aria-label="{label}" fill="{item.colour}" d="{path}"/>'


def _path(steps: Iterable[Step]) -> str:
    return "".join(
        command + " ".join(f"{_n(x, 2)} {_n(y, 2)}" for x, y in points)
        for command, points in steps
    )


def _n(number: float, places: int = 3) -> str:
    """Return a length in millimetres; letters do with hundredths."""
    return f"{number:.{places}f}".rstrip("0").rstrip(".")
