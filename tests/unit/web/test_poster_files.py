"""Posters as files: what comes out of a printer can be scanned and read."""

import io
import re
from xml.etree import ElementTree as ET

from PIL import Image, ImageChops, ImageFilter, ImageStat
import pypdfium2
import pytest
import zxingcpp

from custom_components.paybay.web.posters import pdf, png, svg
from custom_components.paybay.web.posters.content import Size
from custom_components.paybay.web.posters.items import Layout
from custom_components.paybay.web.posters.layout import compose

from .poster_samples import NAMES, URL, sample

DPI = 300
_MM = 25.4
BLUR_MM = 0.25
"""About what a phone that is not held still adds."""


def printed(file: bytes, dpi: float, page: int = 0) -> Image.Image:
    with pypdfium2.PdfDocument(file) as document:
        picture: Image.Image = document[page].render(scale=dpi / 72).to_pil()
        return picture.convert("RGB")


def scanned(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.fixture(params=Size)
def layout(request: pytest.FixtureRequest) -> Layout:
    return compose(sample(), request.param)


def test_a_blurred_print_with_a_code_of_three_centimetres_leads_to_the_bay(
    layout: Layout,
) -> None:
    code_mm = layout.code.width + 8 * layout.code.module
    picture = printed(pdf.draw([layout]), DPI * 30 / code_mm)
    blurred = picture.filter(ImageFilter.GaussianBlur(BLUR_MM / _MM * DPI))
    assert scanned(blurred) == [URL]


def test_a_code_that_is_partly_torn_off_leads_to_the_bay(layout: Layout) -> None:
    picture = printed(pdf.draw([layout]), DPI)
    code = layout.code
    left, top = (code.x + 0.55 * code.width, code.y + 0.4 * code.width)
    side = 0.3 * code.width
    torn = tuple(round(mm * DPI / _MM) for mm in (left, top, left + side, top + side))
    picture.paste("#ffffff", (torn[0], torn[1], torn[2], torn[3]))
    assert scanned(picture) == [URL]


def test_the_pdf_is_as_large_as_its_paper(layout: Layout) -> None:
    with pypdfium2.PdfDocument(pdf.draw([layout])) as document:
        width, height = document[0].get_size()
    assert width == pytest.approx(layout.width / _MM * 72, abs=0.1)
    assert height == pytest.approx(layout.height / _MM * 72, abs=0.1)


def test_a_pdf_of_several_posters_has_a_page_for_each() -> None:
    bays = [compose(sample(url=f"{URL}/{n}"), Size.A6) for n in range(3)]
    file = pdf.draw(bays)
    with pypdfium2.PdfDocument(file) as document:
        assert len(document) == 3
    assert scanned(printed(file, DPI, page=2)) == [f"{URL}/2"]


def test_the_pdf_has_the_bays_name_as_title_in_any_script() -> None:
    file = pdf.draw([compose(sample(name=NAMES["ta"]), Size.A6)])
    with pypdfium2.PdfDocument(file) as document:
        assert document.get_metadata_value("Title") == NAMES["ta"]


def test_the_png_is_300_dpi_and_leads_to_the_bay(layout: Layout) -> None:
    picture = Image.open(io.BytesIO(png.draw(layout)))
    assert picture.format == "PNG"
    assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    assert picture.size == tuple(
        round(mm / _MM * DPI) for mm in (layout.width, layout.height)
    )
    assert scanned(picture.convert("RGB")) == [URL]


@pytest.mark.parametrize("language", NAMES)
def test_pdf_and_png_look_the_same(language: str) -> None:
    """Two rasterisers, two ways of drawing a letter: none may lose one."""
    name = NAMES[language]
    layout = compose(sample(name=name, language=language), Size.A6)
    one = printed(pdf.draw([layout]), DPI)
    other = Image.open(io.BytesIO(png.draw(layout))).convert("RGB")
    other = other.resize(one.size)
    blur = ImageFilter.GaussianBlur(1.5)
    soft = [each.convert("L").reduce(4).filter(blur) for each in (one, other)]
    difference = ImageChops.difference(*soft)
    assert ImageStat.Stat(difference).mean[0] < 1
    assert ImageStat.Stat(difference).extrema[0][1] < 60


def test_the_svg_needs_no_font_no_script_and_nothing_from_elsewhere() -> None:
    file = svg.draw(compose(sample(name='<script> & "Bay"'), Size.A5))
    root = ET.fromstring(file)  # noqa: S314 - made by us a line above
    assert (root.get("width"), root.get("height")) == ("148mm", "210mm")
    kinds = {element.tag.partition("}")[2] for element in root.iter()}
    assert kinds == {"svg", "title", "path", "polygon", "rect"}
    assert root[0].text == '<script> & "Bay"'
    assert re.findall(rb"https?://[^\"]*", file) == [b"http://www.w3.org/2000/svg"]


def test_the_svg_holds_the_code_module_by_module() -> None:
    layout = compose(sample(), Size.A6)
    (code,) = (
        element
        for element in ET.fromstring(svg.draw(layout))  # noqa: S314 - as above
        if element.get("fill") == "#000000"
    )
    picture = Image.new("L", (600, 600), 255)
    at, scale = layout.code, 500 / layout.code.width
    for bar in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", code.get("d", "")):
        x, y, width, height = (float(number) for number in bar)
        left, top = 50 + (x - at.x) * scale, 50 + (y - at.y) * scale
        box = (left, top, left + width * scale, top + height * scale)
        picture.paste(0, tuple(round(edge) for edge in box))  # type: ignore[arg-type]
    assert scanned(picture.convert("RGB")) == [URL]
