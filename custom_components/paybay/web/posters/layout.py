"""The one layout of posters: drawn for A6 in millimetres, then scaled to its paper.

From above: the bay's name, how to use it, the code beside three steps, the prices, and
whom to pay. The code takes the room that the others leave.
"""

from collections.abc import Iterator

import qrcode

from .blocks import Block, Type, fit, fit_all
from .content import Content, Size
from .items import Box, Code, Item, Layout, Shape
from .prices import PriceTable

GREEN, PALE, YELLOW, CREAM = "#0e6655", "#d7efe8", "#ffc83c", "#fff4d6"
RED, WHITE, INK, GREY = "#b3001b", "#ffffff", "#14211e", "#44524e"
MARGIN = 5.5
"""What home printers leave white, and a little more."""
QUIET_MODULES = 4
"""Of ISO/IEC 18004: the white around a QR code."""
CODE_LEAST, CODE_GOOD, CODE_MOST = 34.0, 42.0, 54.0
_A6_WIDTH = 105
_EASES = (1, 0.92, 0.84, 0.76, 0.68)
"""How much smaller the rest is made until the code has a good size."""
_GAP = 2.2
_BOLT = ((6, 0), (0, 8.4), (3.8, 8.4), (2, 15), (9, 5.8), (4.9, 5.8), (8, 0))

_NAME = Type(role="name", best=9, least=4, colour=WHITE, lines=3, bold=True)
_PLACE = Type(role="place", best=4, least=2.8, colour=PALE)
_TEST = Type(role="test", best=4.2, least=2.6, colour=WHITE, lines=2, bold=True)
_HEADLINE = Type(role="headline", best=7, least=4.6, colour=GREEN, bold=True)
_OPENS = Type(role="opens", best=2.8, least=1.9, colour=WHITE, lines=3)
_STEP = Type(role="step", best=4.3, least=2.2, colour=INK)
_NUMBER = Type(role="number", best=4, least=4, colour=WHITE, bold=True)
_MORE = Type(role="more", best=3, least=2.4, colour=GREY)
_PAY = Type(role="pay_only", best=4.8, least=3.2, colour=INK, lines=2, bold=True)
_PAY_MORE = Type(role="pay_only_more", best=2.9, least=2.3, colour=INK, lines=2)
_HELP = Type(role="help", best=4.2, least=2.8, colour=GREEN, bold=True)


def compose(content: Content, size: Size) -> Layout:
    """Lay out a poster whose texts are clean (blocking: shapes them)."""
    width, height = size.mm
    scale = width / _A6_WIDTH
    drafts = (_Draft(content, height / scale, ease) for ease in _EASES)
    draft = next((each for each in drafts if each.room >= CODE_GOOD), None)
    items = (draft or _Draft(content, height / scale, _EASES[-1])).items()
    return Layout(
        title=content.name,
        language=content.language,
        width=width,
        height=height,
        items=tuple(item.scaled(scale) for item in items),
    )


class _Draft:
    """A poster on paper as wide as A6; `y` runs down it."""

    def __init__(self, content: Content, height: float, ease: float) -> None:
        self._content = content
        self._width = width = _A6_WIDTH - 2 * MARGIN
        self._ease = ease
        self._name = self._fit(content.name, _NAME, width - 20)
        self._place = self._fit(content.place, _PLACE, width - 20)
        self._test = self._fit(content.test, _TEST, width - 6)
        self._headline = self._fit(content.headline, _HEADLINE, width)
        self._opens = self._fit(content.opens, _OPENS, CODE_LEAST - 3)
        self._prices = PriceTable(
            content.prices, width, content.language, ease=max(0.84, ease)
        )
        self._more = self._fit(content.more, _MORE, width)
        self._pay = self._fit(content.pay_only, _PAY, width - 8)
        self._pay_more = self._fit(content.pay_only_more, _PAY_MORE, width - 8)
        self._help = self._fit(content.help, _HELP, width)
        self._measure(height)

    def _fit(self, text: str, type_: Type, width: float) -> Block:
        return fit(text, type_.eased(self._ease), width, self._content.language)

    def _measure(self, height: float) -> None:
        """Find how high each part is, and what is left for the code."""
        names = self._name.height + self._place.height
        self._header_h = max(18 * self._ease, names + 2.4)
        self._test_h = self._test.height + 1.6 if self._test.lines else 0
        self._more_h = self._more.height + 0.8 if self._more.lines else 0
        self._pay_h = self._pay.height + self._pay_more.height + 3
        self._strip_h = self._opens.height + 1.4
        used = sum(
            (
                self._header_h,
                self._test_h,
                self._headline.height,
                self._strip_h,
                self._prices.height,
                self._more_h,
                self._pay_h,
                self._help.height,
            )
        )
        self._gaps = 3.6 + bool(self._test_h)
        self.room = height - 2 * MARGIN - used - _GAP * self._gaps

    def items(self) -> Iterator[Item]:
        """Yield all of it, from above."""
        code = min(CODE_MOST, max(CODE_LEAST, self.room))
        gap = _GAP + max(0, self.room - code) / self._gaps
        y = MARGIN
        yield from self._draw_header(y, self._header_h)
        y += self._header_h
        if self._test_h:
            y += gap
            yield from self._draw_test(y, self._test_h)
            y += self._test_h
        y += gap * 0.4
        yield from self._headline.at(MARGIN, y, across=self._width, align=0.5)
        y += self._headline.height + gap * 0.7
        yield from self._draw_code(y, code)
        yield from self._draw_steps(y, code)
        y += code + self._strip_h + gap
        yield from self._prices.at(MARGIN, y)
        y += self._prices.height + self._more_h
        more_y = y - self._more.height
        yield from self._more.at(MARGIN, more_y, across=self._width, align=0.5)
        y += gap
        yield from self._draw_pay_only(y, self._pay_h)
        y += self._pay_h + gap / 2
        yield from self._help.at(MARGIN, y, across=self._width, align=0.5)

    def _draw_header(self, y: float, height: float) -> Iterator[Item]:
        yield self._band(y, height, GREEN, radius=3)
        tall = min(15, height - 3) / 15
        top = y + (height - 15 * tall) / 2
        left = MARGIN + 8 - 4 * tall
        bolt = tuple((left + dx * tall, top + dy * tall) for dx, dy in _BOLT)
        yield Shape(points=bolt, colour=YELLOW)
        text_y = y + (height - self._name.height - self._place.height) / 2
        yield from self._name.at(MARGIN + 17, text_y)
        yield from self._place.at(MARGIN + 17, text_y + self._name.height)

    def _draw_test(self, y: float, height: float) -> Iterator[Item]:
        yield self._band(y, height, RED, radius=1.5)
        yield from self._test.at(MARGIN, y + 0.8, across=self._width, align=0.5)

    def _draw_code(self, y: float, size: float) -> Iterator[Item]:
        frame = 0.8
        yield Box(
            x=MARGIN,
            y=y,
            width=size,
            height=size + self._strip_h,
            colour=GREEN,
            radius=2,
        )
        inner = size - 2 * frame
        yield Box(
            x=MARGIN + frame,
            y=y + frame,
            width=inner,
            height=inner,
            colour=WHITE,
            radius=1.4,
        )
        modules = qr_modules(self._content.url)
        quiet = inner * QUIET_MODULES / (len(modules) + 2 * QUIET_MODULES)
        yield Code(
            x=MARGIN + frame + quiet,
            y=y + frame + quiet,
            width=inner - 2 * quiet,
            modules=modules,
        )
        text_y = y + size - frame + (self._strip_h + frame - self._opens.height) / 2
        yield from self._opens.at(MARGIN, text_y, across=size, align=0.5)

    def _draw_steps(self, y: float, code: float) -> Iterator[Item]:
        x, dot, between = MARGIN + code + 4, 6.4, 2.0
        left = x + dot + 2
        width, height = _A6_WIDTH - MARGIN - left, code + self._strip_h
        steps = self._content.steps
        room = height - between * (len(steps) - 1)
        blocks = fit_all(steps, _STEP, width, self._content.language, height=room)
        heights = [max(dot, block.height) for block in blocks]
        slack = (height - sum(heights)) / max(1, len(blocks))
        y += slack / 2
        for number, (block, tall) in enumerate(zip(blocks, heights, strict=True), 1):
            yield from self._draw_number(number, x, y, dot)
            yield from block.at(left, y + (max(dot, tall) - block.height) / 2)
            y += tall + slack

    def _draw_number(
        self, number: int, x: float, y: float, dot: float
    ) -> Iterator[Item]:
        yield Box(x=x, y=y, width=dot, height=dot, colour=GREEN, radius=dot / 2)
        digit = fit(str(number), _NUMBER, dot, self._content.language)
        yield from digit.at(x, y + (dot - digit.height) / 2, across=dot, align=0.5)

    def _draw_pay_only(self, y: float, height: float) -> Iterator[Item]:
        yield self._band(y, height, YELLOW, radius=2)
        yield Box(
            x=MARGIN + 0.7,
            y=y + 0.7,
            width=self._width - 1.4,
            height=height - 1.4,
            colour=CREAM,
            radius=1.4,
        )
        y += 1.5
        yield from self._pay.at(MARGIN, y, across=self._width, align=0.5)
        y += self._pay.height
        yield from self._pay_more.at(MARGIN, y, across=self._width, align=0.5)

    def _band(self, y: float, height: float, colour: str, radius: float) -> Box:
        return Box(
            x=MARGIN,
            y=y,
            width=self._width,
            height=height,
            colour=colour,
            radius=radius,
        )


def qr_modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return a QR code's modules without its quiet zone; up to 30 % may be lost."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.ERROR_CORRECT_H)
    code.add_data(text)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
