"""Which orders somebody wants to see, and where a page of them ends."""

import base64
import binascii
from dataclasses import dataclass
import json
from typing import Self

from .orders import OrderState

MAX_PAGE = 200
_BIGGEST = 2**63
_LONGEST = 200


class CursorError(ValueError):
    """A cursor that this PayBay did not make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Every condition that is set must hold; None is no condition.

    `from_ms` (included) and `to_ms` (not) are Unix ms of when the order was made.
    `open_only`: orders to which something is still to happen. `search`: words that an
    order's id, bay or plan contains, or that its payment's id or RRN is.
    """

    site_ids: frozenset[str] | None = None
    bay_ids: frozenset[str] | None = None
    states: frozenset[OrderState] | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    plan_code: str | None = None
    payment_id: str | None = None
    rrn: str | None = None
    order_id: str | None = None
    open_only: bool = False
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last order of a page, newest first: the next page begins after it.

    It names a place and not a number, so orders made meanwhile move nothing.
    """

    created_ms: int
    order_id: str

    def pack(self) -> str:
        """Return it as one word, safe in a URL."""
        packed = json.dumps([self.created_ms, self.order_id]).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def unpack(cls, packed: str) -> Self:
        """Read what `pack` made; raise CursorError."""
        if len(packed) > _LONGEST:
            raise CursorError(packed[:_LONGEST])
        try:
            padded = packed.encode("ascii") + b"=" * (-len(packed) % 4)
            created_ms, order_id = json.loads(base64.urlsafe_b64decode(padded))
        except (ValueError, TypeError, binascii.Error) as err:
            raise CursorError(packed) from err
        number = isinstance(created_ms, int) and abs(created_ms) < _BIGGEST
        if not number or not isinstance(order_id, str):
            raise CursorError(packed)
        return cls(created_ms, order_id)
