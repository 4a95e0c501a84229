"""Cut fonts down to the scripts of the languages that posters speak."""

from pathlib import Path
import sys

import uharfbuzz as hb

_LATIN = (
    (0x20, 0x7E),
    (0xA0, 0x24F),  # the letters of Europe
    (0x300, 0x36F),  # their accents
    (0x1E00, 0x1EFF),
    (0x2010, 0x2044),  # dashes, quotation marks, dots
    (0x20A0, 0x20BF),  # currencies, the rupee's sign among them
    (0x2116, 0x2122),
    (0x2212, 0x2215),
)
_BLOCKS = {
    "": _LATIN,
    "Devanagari": ((0x900, 0x97F), (0xA8E0, 0xA8FF)),
    "Bengali": ((0x980, 0x9FF),),
    "Gujarati": ((0xA80, 0xAFF),),
    "Tamil": ((0xB80, 0xBFF),),
    "Telugu": ((0xC00, 0xC7F),),
    "Kannada": ((0xC80, 0xCFF),),
}
"""Blocks of the Unicode standard, whole; the fonts have what they have of them."""
_EVERYWHERE = (0x20, 0x964, 0x965, 0x200C, 0x200D, 0x25CC)
"""The space, dandas, joiners, and the circle that carries a stray mark."""


def cut(font: Path, blocks: tuple[tuple[int, int], ...]) -> bytes:
    """Return a font with these ranges of characters, without hints for old screens."""
    wanted = hb.SubsetInput()
    wanted.flags = hb.SubsetFlags.NO_HINTING
    for first, last in (*blocks, *((each, each) for each in _EVERYWHERE)):
        wanted.unicode_set.add_range(first, last)
    face = hb.Face(hb.Blob.from_file_path(font))
    return bytes(hb.subset(face, wanted).blob.data)


def main() -> None:
    """Read the folder of the whole fonts, write the folder of the cut ones."""
    source, target = (Path(each) for each in sys.argv[1:])
    for script, blocks in _BLOCKS.items():
        for weight in ("Regular", "Bold"):
            name = f"NotoSans{script}-{weight}.ttf"
            (target / name).write_bytes(cut(source / name, blocks))
            print(name, (target / name).stat().st_size)


if __name__ == "__main__":
    main()
