"""The table of prices: one column, or two where there are many."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .blocks import Block, Type, fit
from .content import Price
from .items import Box, Item

MOST = 8
"""More than these are told of in one line."""
_ONE_COLUMN = 4
_GAP = 0.8
_PAD = 2.6
_ROW = {1: 10.0, 2: 8.4, 3: 7.4}
_ROW_LEAST, _ROW_WITH_NAME = 6.8, 8.2
_APART = 3.0
_BUYS_SHARE = 0.58
_STRIPE = "#e6f3ef"

_BUYS = Type(role="buys", best=4.6, least=2.4, colour="#14211e", lines=2, bold=True)
_NAME = Type(role="plan", best=3.1, least=2.2, colour="#44524e")
_AMOUNT = Type(role="amount", best=5.2, least=3, colour="#0e6655", bold=True)


class PriceTable:
    """Rows of `buys  name  amount`, `width` millimetres across."""

    def __init__(
        self, prices: Sequence[Price], width: float, language: str, *, ease: float = 1
    ) -> None:
        """Measure the table of at most `MOST` prices; `ease` below 1 makes it lower."""
        self._prices = tuple(prices[:MOST])
        self._language = language
        self._columns = 1 if len(self._prices) <= _ONE_COLUMN else 2
        self._rows = -(-len(self._prices) // self._columns)
        cell = (width - _GAP * 2 * (self._columns - 1)) / self._columns
        self._cell, self._row = cell, self._row_height() * ease
        room = cell - 2 * _PAD
        self._amounts = self._set([p.amount for p in self._prices], _AMOUNT, room / 2)
        widest = max((amount.width for amount in self._amounts), default=0)
        self._room = room - widest - _APART
        self._buys = [self._set_buys(price) for price in self._prices]

    def _row_height(self) -> float:
        if self._columns == 1:
            return _ROW.get(self._rows, _ROW_LEAST)
        named = any(price.name for price in self._prices)
        return _ROW_WITH_NAME if named else _ROW_LEAST

    @property
    def height(self) -> float:
        """Return its height in millimetres."""
        return max(0, self._rows * (self._row + _GAP) - _GAP)

    def at(self, x: float, y: float) -> Iterator[Item]:
        """Yield the table from this corner, column by column."""
        for place, price in enumerate(self._prices):
            column, row = divmod(place, self._rows)
            left = x + column * (self._cell + 2 * _GAP)
            top = y + row * (self._row + _GAP)
            yield Box(
                x=left,
                y=top,
                width=self._cell,
                height=self._row,
                colour=_STRIPE,
                radius=1.4,
            )
            amount, across = self._amounts[place], self._cell - 2 * _PAD
            right = self._middle(top, amount)
            yield from amount.at(left + _PAD, right, across=across, align=1)
            yield from self._left(price, self._buys[place], left + _PAD, top)

    def _left(self, price: Price, buys: Block, x: float, y: float) -> Iterator[Item]:
        if not price.name:
            yield from buys.at(x, self._middle(y, buys))
        elif self._columns > 1:
            name = self._fit(price.name, _NAME, self._room, 1 - _BUYS_SHARE)
            top = y + (self._row - buys.height - name.height) / 2
            yield from buys.at(x, top)
            yield from name.at(x, top + buys.height)
        else:
            yield from buys.at(x, self._middle(y, buys))
            right = buys.width + _APART
            name = self._fit(price.name, _NAME, self._room - right)
            yield from name.at(x + right, self._middle(y, name))

    def _set_buys(self, price: Price) -> Block:
        """Leave room for the name: below in two columns, beside it in one."""
        if not price.name:
            return self._fit(price.buys, _BUYS, self._room)
        if self._columns > 1:
            return self._fit(price.buys, _BUYS, self._room, _BUYS_SHARE)
        return self._fit(price.buys, _BUYS, self._room * _BUYS_SHARE)

    def _set(self, texts: Sequence[str], type_: Type, width: float) -> list[Block]:
        """Set a column, all at the size of the one that needs the smallest."""
        sizes = [self._fit(text, type_, width).size for text in texts]
        same = replace(type_, best=min(sizes, default=type_.best))
        return [self._fit(text, same, width) for text in texts]

    def _fit(self, text: str, type_: Type, width: float, share: float = 1) -> Block:
        height = self._row * share
        return fit(text, type_, width, self._language, height=height)

    def _middle(self, y: float, block: Block) -> float:
        return y + (self._row - block.height) / 2
