"""Posters as PDF 1.4 (ISO 32000-1): one page each, outlines only.

All that is needed is filled paths, a few dozen lines; a library for it would bring
fonts, images and forms along that nothing here uses.
"""

from collections.abc import Iterable, Iterator, Sequence
import zlib

from .items import Box, Code, Item, Layout, Shape, Text
from .outlines import Step, outline

_POINTS_PER_MM = 72 / 25.4
_ROUND = 0.5523
"""How far the handles of a curve stand out that looks like a quarter of a circle."""
_OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}


def draw(layouts: Sequence[Layout]) -> bytes:
    """Return a file of one page for each layout. Blocks while it draws."""
    pages = [3 + 2 * number for number in range(len(layouts))]
    kids = " ".join(f"{page} 0 R" for page in pages)
    title = layouts[0].title.encode("utf-16-be").hex()
    language = layouts[0].language
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R /Lang ({language}) "
        "/ViewerPreferences << /PrintScaling /None /DisplayDocTitle true >> "
        ">>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    for page, layout in zip(pages, layouts, strict=True):
        bodies.extend((_page(layout, page + 1), _stream(layout)))
    bodies.append(f"<< /Title <feff{title}> /Producer (PayBay) >>".encode())
    return _file(bodies)


def _page(layout: Layout, contents: int) -> bytes:
    width, height = (_n(mm * _POINTS_PER_MM) for mm in (layout.width, layout.height))
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] "
        f"/Resources << >> /Contents {contents} 0 R >>"
    ).encode()


def _stream(layout: Layout) -> bytes:
    """Return a page's drawing, with millimetres from its upper left corner."""
    scale = f"{_POINTS_PER_MM:.6f}"
    lines = [f"{scale} 0 0 -{scale} 0 {_n(layout.height * _POINTS_PER_MM)} cm"]
    for item in layout.items:
        lines.append(f"{_colour(item)} rg")
        lines.extend(_operators(_steps(item)))
        lines.append("f")
    packed = zlib.compress("\n".join(lines).encode(), 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _file(bodies: Sequence[bytes]) -> bytes:
    """Return numbered objects with their table; the last one is the information."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    size, info = len(bodies) + 1, len(bodies)
    out += f"trailer\n<< /Size {size} /Root 1 0 R /Info {info} 0 R >>\n".encode()
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def _colour(item: Item) -> str:
    text = "#000000" if isinstance(item, Code) else item.colour
    return " ".join(_n(int(text[at : at + 2], 16) / 255) for at in (1, 3, 5))


def _steps(item: Item) -> Iterator[Step]:
    match item:
        case Box():
            yield from _rounded(item)
        case Shape():
            yield "M", item.points[:1]
            yield from (("L", (point,)) for point in item.points[1:])
            yield "Z", ()
        case Code():
            for x, y, width, height in item.bars():
                yield from _rounded(
                    Box(x=x, y=y, width=width, height=height, colour="")
                )
        case Text():
            yield from outline(item)


def _rounded(box: Box) -> Iterator[Step]:
    left, top, r = box.x, box.y, box.radius
    right, bottom, k = left + box.width, top + box.height, r * (1 - _ROUND)
    yield "M", ((left + r, top),)
    yield "L", ((right - r, top),)
    if r:
        yield "C", ((right - k, top), (right, top + k), (right, top + r))
    yield "L", ((right, bottom - r),)
    if r:
        yield "C", ((right, bottom - k), (right - k, bottom), (right - r, bottom))
    yield "L", ((left + r, bottom),)
    if r:
        yield "C", ((left + k, bottom), (left, bottom - k), (left, bottom - r))
    yield "L", ((left, top + r),)
    if r:
        yield "C", ((left, top + k), (left + k, top), (left + r, top))
    yield "Z", ()


def _operators(steps: Iterable[Step]) -> Iterator[str]:
    for command, points in steps:
        numbers = " ".join(f"{_n(x)} {_n(y)}" for x, y in points)
        yield f"{numbers} {_OPERATORS[command]}"


def _n(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
