"""Posters for tests: a tea stall's, in any language."""

from dataclasses import replace
from itertools import combinations
from typing import Any

from custom_components.paybay.web.posters.content import Content, Price
from custom_components.paybay.web.posters.items import Box, Text
from custom_components.paybay.web.posters.shaping import ink_of

URL = "https://charging.example.org/paybay/01JDA5T0ZK9W7R3M5N8Q2X4Y6B"
NAMES = {
    "en": "Bay 1",
    "hi": "चार्जिंग पॉइंट १",
    "gu": "ચાર્જિંગ પૉઇન્ટ 1",
    "mr": "चार्जिंग पॉइंट १",
    "ta": "சார்ஜிங் இடம் 1",
    "te": "ఛార్జింగ్ పాయింట్ 1",
    "kn": "ಚಾರ್ಜಿಂಗ್ ಪಾಯಿಂಟ್ 1",
    "bn": "চার্জিং পয়েন্ট ১",
}
PRICES = tuple(
    Price(buys=buys, name=name, amount=amount)
    for buys, name, amount in (
        ("10 min", "", "₹10"),
        ("30 min", "", "₹25"),
        ("1 h", "Scooter", "₹45"),
        ("1 h 30 min", "", "₹60"),
        ("2 h", "", "₹75"),
        ("3 h", "", "₹99"),
        ("4 h", "Car", "₹1,299.50"),
        ("6 h, up to 2.5 kWh", "", "₹140"),
    )
)


def sample(**changes: Any) -> Content:
    content = Content(
        language="en",
        url=URL,
        name="Bay 1",
        place="Tea Stall, Market Road",
        headline="Scan. Pay. Charge.",
        steps=(
            "Open your phone's camera and scan this code.",
            "Choose a time and pay with any UPI app.",
            "Plug in. The power comes on as soon as you have paid.",
        ),
        opens="Opens charging.example.org",
        prices=PRICES[:3],
        more="",
        pay_only="Pay only to Tea Stall",
        pay_only_more="If the payment page shows another name, do not pay.",
        help="Help: +91 00000 00000",
        test="",
    )
    return replace(content, **changes)


def ink(text: Text) -> Box:
    """Return where a line's glyphs really reach."""
    inks = [ink_of(glyph) for glyph in text.line.glyphs]
    top = max((high for _, high in inks), default=0) * text.size
    bottom = min((low for low, _ in inks), default=0) * text.size
    width = text.line.width * text.size
    return Box(x=text.x, y=text.y - top, width=width, height=top - bottom, colour="")


def overlaps(texts: tuple[Text, ...]) -> list[tuple[str, str]]:
    """Return the texts that are printed over each other."""
    inked = [(text.line.text, ink(text)) for text in texts]
    return [
        (first, second)
        for (first, a), (second, b) in combinations(inked, 2)
        if a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    ]
