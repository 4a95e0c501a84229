"""Cursors: the place where a page of orders ended."""

import pytest

from custom_components.paybay.domain.order_filter import Cursor, CursorError


@pytest.mark.parametrize("created_ms", [0, -5, 1_800_000_000_000])
def test_cursor_comes_back_as_it_went(created_ms: int) -> None:
    cursor = Cursor(created_ms, "ord_0123456789abcdefghjk")
    packed = cursor.pack()
    assert Cursor.unpack(packed) == cursor
    assert packed.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "x",
        "é",
        "!!!!",
        "e30",  # {}
        "WzFd",  # [1]
        "WyIxIiwiYSJd",  # ["1","a"]
        "WzEsMl0",  # [1,2]
        "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTksImEiXQ",  # past 64 bits
        "W1tb" * 5_000,
    ],
)
def test_cursor_that_is_not_ours_is_refused(packed: str) -> None:
    with pytest.raises(CursorError):
        Cursor.unpack(packed)
