"""What a poster says, in one language: texts that stand as they are printed."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from .fonts import writable

_LONGEST = 160
"""Characters of one text: no poster has room for more."""


class Size(StrEnum):
    """Paper sizes of ISO 216, upright."""

    A6 = "a6"
    A5 = "a5"

    @property
    def mm(self) -> tuple[int, int]:
        """Return width and height in millimetres."""
        return (105, 148) if self is Size.A6 else (148, 210)


class Format(StrEnum):
    """What a poster is written as."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"

    @property
    def content_type(self) -> str:
        """Return its media type."""
        types = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}
        return types[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One plan: what it buys, its name where that says more, what it costs."""

    buys: str
    name: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A poster's texts; an empty one is not printed. `url` is what the QR code holds.

    `test` is the warning of test mode, `more` tells of plans that found no room.
    """

    language: str
    url: str
    name: str
    place: str
    headline: str
    steps: tuple[str, ...]
    opens: str
    prices: tuple[Price, ...]
    more: str
    pay_only: str
    pay_only_more: str
    help: str
    test: str

    def cleaned(self) -> tuple[Self, tuple[str, ...]]:
        """Return it as the fonts can write it, and the characters that they lack."""
        missing: list[str] = []

        def clean(text: str) -> str:
            short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
            kept, lacking = writable(short)
            missing.extend(lacking)
            return kept

        prices = (
            Price(buys=clean(p.buys), name=clean(p.name), amount=clean(p.amount))
            for p in self.prices
        )
        cleaned = replace(
            self,
            name=clean(self.name) or "PayBay",
            place=clean(self.place),
            headline=clean(self.headline),
            steps=tuple(clean(step) for step in self.steps),
            opens=clean(self.opens),
            prices=tuple(prices),
            more=clean(self.more),
            pay_only=clean(self.pay_only),
            pay_only_more=clean(self.pay_only_more),
            help=clean(self.help),
            test=clean(self.test),
        )
        return cleaned, tuple(dict.fromkeys(missing))
