"""Stretches of time as pairs of start and end. Pure."""

from collections.abc import Iterable

from .evidence import Span


def total_s(spans: Iterable[Span]) -> float:
    """Return how long these last together; they must not overlap."""
    return sum(end_s - start_s for start_s, end_s in spans)


def united(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as spans that neither overlap nor touch."""
    found: list[Span] = []
    for start_s, end_s in sorted(spans):
        if found and start_s <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end_s)
        elif end_s > start_s:
            found.append((start_s, end_s))
    return found


def common(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the time that is in both."""
    others = list(others)
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)
    return united(pair for pair in pairs if pair[0] < pair[1])


def without(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the time of `some` that is in none of the others."""
    left = united(some)
    for start_s, end_s in united(others):
        left = [
            piece
            for low_s, high_s in left
            for piece in ((low_s, min(high_s, start_s)), (max(low_s, end_s), high_s))
            if piece[0] < piece[1]
        ]
    return left
