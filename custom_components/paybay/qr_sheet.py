"""The sheet of printed QR codes: one page of HTML that needs nothing else."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

import qrcode
from qrcode.image.svg import SvgPathImage

from .domain.qr_codes import QrCode
from .providers.base import Poster

_PAGE = Template(
    (Path(__file__).parent / "templates" / "qr_sheet.html").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One code to cut out."""

    qr: QrCode
    poster: Poster | None


def draw_sheet(
    cards: Iterable[Card],
    words: Mapping[str, str],
    *,
    merchant: str,
    language: str,
    test_mode: bool,
) -> str:
    """Return the sheet, A4, four codes a page. Blocks while it draws.

    `words` are the translated texts: `title`, `scan`, `any_amount`, `no_picture`,
    `test_mode`.
    """
    drawn = [_card(card, words, merchant, test_mode=test_mode) for card in cards]
    return _PAGE.substitute(
        language=escape(language),
        title=escape(words["title"]),
        cards="\n".join(drawn),
    )


def _card(
    card: Card, words: Mapping[str, str], merchant: str, *, test_mode: bool
) -> str:
    qr = card.qr
    amount = f"{qr.price}" if qr.price else words["any_amount"]
    test = f'<p class="test">{escape(words["test_mode"])}</p>' if test_mode else ""
    return (
        f'<article><h2>{escape(qr.bay_name)}</h2><p class="amount">{escape(amount)}</p>'
        f'<p class="plan">{escape(qr.plan_name or "")}</p>{_picture(card, words)}'
        f"<p>{escape(words['scan'])}</p>{test}<footer>{escape(merchant)}</footer>"
        "</article>"
    )


def _picture(card: Card, words: Mapping[str, str]) -> str:
    """Return the code drawn sharp where its text is known, else the provider's."""
    if card.qr.text:
        return f'<div class="code">{_svg(card.qr.text)}</div>'
    if card.poster is None:
        url = escape(card.qr.image_url or "")
        return f'<p class="missing">{escape(words["no_picture"])}<br>{url}</p>'
    encoded = base64.b64encode(card.poster.image).decode()
    source = f"data:{card.poster.content_type};base64,{encoded}"
    return f'<img src="{source}" alt="{escape(card.qr.bay_name)}">'


def _svg(text: str) -> str:
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    return str(
        code.make_image(image_factory=SvgPathImage).to_string(encoding="unicode")
    )
