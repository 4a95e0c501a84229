"""Identifiers shaped like Razorpay's: a prefix and 14 alphanumerics."""

import random
import re
import string

_ALPHABET = string.ascii_letters + string.digits
_SHAPE = re.compile(r"[A-Za-z0-9]{14}")


class Ids:
    """Make identifiers; the same seed makes the same ones."""

    def __init__(self, seed: int | None = None) -> None:
        """Start the sequence, at random unless a seed is given."""
        self.rng = random.Random(seed)

    def bare(self, length: int = 14) -> str:
        """Return alphanumerics without a prefix."""
        return "".join(self.rng.choices(_ALPHABET, k=length))

    def new(self, prefix: str) -> str:
        """Return an identifier such as `pay_29QQoUBi66xm2f`."""
        return f"{prefix}_{self.bare()}"

    def rrn(self) -> str:
        """Return a 12-digit retrieval reference number, as on a UPI receipt."""
        return "".join(self.rng.choices(string.digits, k=12))


def is_id(prefix: str, text: str) -> bool:
    """Tell whether `text` is shaped like an identifier of that kind."""
    head, _, tail = text.partition("_")
    return head == prefix and _SHAPE.fullmatch(tail) is not None
