"""Posters as PNG at 300 dpi."""

import io

from PIL import Image, ImageDraw
import uharfbuzz as hb

from .items import Box, Code, Item, Layout, Shape, Text

DPI = 300
_PX_PER_MM = DPI / 25.4
_FINER = 4
"""Shapes are drawn this much larger, then smoothed."""


def draw(layout: Layout) -> bytes:
    """Return the file. Blocks while it draws."""
    size = round(layout.width * _PX_PER_MM), round(layout.height * _PX_PER_MM)
    picture = Image.new("RGB", size, "#ffffff")
    for item in layout.items:
        _paint(picture, item)
    out = io.BytesIO()
    picture.quantize(128, dither=Image.Dither.NONE).save(
        out, format="PNG", dpi=(DPI, DPI), optimize=True
    )
    return out.getvalue()


def _paint(picture: Image.Image, item: Item) -> None:
    match item:
        case Box():
            picture.paste(item.colour, *_smooth_box(item))
        case Shape():
            picture.paste(item.colour, *_smooth_shape(item))
        case Code():
            pen = ImageDraw.Draw(picture)
            for bar in item.bars():
                pen.rectangle(_corners(*bar), fill="#000000")
        case Text():
            _write(picture, item)


def _smooth_box(box: Box) -> tuple[tuple[int, int], Image.Image]:
    left, top, right, bottom = _corners(box.x, box.y, box.width, box.height)
    size = (right - left + 1, bottom - top + 1)
    ink = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    ImageDraw.Draw(ink).rounded_rectangle(
        (0, 0, ink.width - 1, ink.height - 1), _px(box.radius) * _FINER, fill=255
    )
    return (left, top), ink.reduce(_FINER)


def _smooth_shape(shape: Shape) -> tuple[tuple[int, int], Image.Image]:
    left, top = (int(min(_px(p[axis]) for p in shape.points)) for axis in (0, 1))
    right, bottom = (int(max(_px(p[axis]) for p in shape.points)) for axis in (0, 1))
    size = ((right - left + 1) * _FINER, (bottom - top + 1) * _FINER)
    ink = Image.new("L", size)
    ImageDraw.Draw(ink).polygon(
        [((_px(x) - left) * _FINER, (_px(y) - top) * _FINER) for x, y in shape.points],
        fill=255,
    )
    return (left, top), ink.reduce(_FINER)


def _write(picture: Image.Image, text: Text) -> None:
    """Write a line of text, smoothed by HarfBuzz's own rasteriser."""
    raster = hb.RasterDraw()
    size = _px(text.size)
    for glyph in text.line.glyphs:
        x, y = _px(text.x) + glyph.x * size, _px(text.y) - glyph.y * size
        if glyph.font is None:
            _write_box(picture, x, y, size, text.colour)
            continue
        scale = size / glyph.font.units_per_em
        raster.transform = (scale, 0, 0, -scale, x, y)
        raster.draw_glyph(glyph.font.shaper, glyph.id)
    image = raster.render()
    at = image.extents
    if not at or not at.width or not at.height:
        return
    ink = Image.frombuffer(
        "L", (at.width, at.height), bytes(image.buffer), "raw", "L", at.stride, 1
    )
    picture.paste(text.colour, (at.x_origin, at.y_origin), ink)


def _write_box(
    picture: Image.Image, x: float, y: float, size: float, colour: str
) -> None:
    corners = (x + 0.05 * size, y - 0.7 * size, x + 0.65 * size, y)
    ImageDraw.Draw(picture).rectangle(
        corners, outline=colour, width=max(1, round(0.05 * size))
    )


def _px(mm: float) -> float:
    return mm * _PX_PER_MM


def _corners(
    x: float, y: float, width: float, height: float
) -> tuple[int, int, int, int]:
    """Return whole pixels, both included; neighbours touch and never overlap."""
    left, top = round(_px(x)), round(_px(y))
    return left, top, round(_px(x + width)) - 1, round(_px(y + height)) - 1
