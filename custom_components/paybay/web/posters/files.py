"""Posters as files, made in a thread; those asked for last are kept."""

from functools import lru_cache

from . import pdf, png, svg
from .content import Content, Format, Size
from .items import Layout
from .layout import compose


def poster(content: Content, size: Size, format_: Format) -> bytes:
    """Return a poster's file (blocking)."""
    return booklet((content,), size, format_)


@lru_cache(maxsize=24)
def booklet(contents: tuple[Content, ...], size: Size, format_: Format) -> bytes:
    """Return a file with a page for each poster (blocking); only PDF has several."""
    layouts = [_layout(content, size) for content in contents]
    match format_:
        case Format.PDF:
            return pdf.draw(layouts)
        case Format.SVG:
            return svg.draw(layouts[0])
        case Format.PNG:
            return png.draw(layouts[0])


def unwritable(content: Content) -> tuple[str, ...]:
    """Return the characters of a poster's texts that no font has (blocking)."""
    return content.cleaned()[1]


def _layout(content: Content, size: Size) -> Layout:
    return compose(content.cleaned()[0], size)
