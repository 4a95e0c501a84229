"""What a customer may write on an order, so that its owner finds whom it is for.

It is the only thing of a customer's that is kept, only where the owner asks for it, and
no longer than the owner said.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
import re
import secrets
from typing import Any, Final, Self
import unicodedata

MAX_CHARS: Final = 20
MAX_RETENTION_DAYS: Final = 365
DEFAULT_RETENTION_DAYS: Final = 30
_MANY_DIGITS: Final = 7
"""So many in a row are a phone number; no vehicle and no room has them."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BETWEEN = " -/."


class ReferenceKind(StrEnum):
    """What a customer is asked for; each has a text on the customer's page."""

    VEHICLE = "vehicle"
    ROOM = "room"


class ReferenceRefusedError(ValueError):
    """A text that is not kept; `reason` is `missing`, `too_long` or `not_this`."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, and never the text."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePolicy:
    """What the owner asks each customer for, and how long that is kept."""

    kind: ReferenceKind
    required: bool = False
    retention_days: int = DEFAULT_RETENTION_DAYS

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return what an owner has chosen; None: nobody is asked anything."""
        if not stored:
            return None
        return cls(
            kind=ReferenceKind(stored["kind"]),
            required=stored["required"],
            retention_days=stored["retention_days"],
        )

    def stored(self) -> dict[str, Any]:
        """Return what `read` takes."""
        return asdict(self) | {"kind": self.kind.value}

    def take(self, text: str) -> str:
        """Return what to keep of what somebody typed; raise ReferenceRefusedError.

        Who need not and does not say anything becomes `WEB-` and six random characters.
        """
        told = " ".join(unicodedata.normalize("NFKC", text.upper()).split())
        if not told:
            if self.required:
                raise ReferenceRefusedError("missing")
            return "WEB-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
        if len(told) > MAX_CHARS:
            raise ReferenceRefusedError("too_long")
        if not all(map(_may_stand, told)) or _is_like_a_phone(told):
            raise ReferenceRefusedError("not_this")
        return told


def _may_stand(char: str) -> bool:
    """Return whether a character may: letters of all scripts, digits, little else."""
    return char in _BETWEEN or unicodedata.category(char)[0] in "LMN"


def _is_like_a_phone(text: str) -> bool:
    joined = "".join(char for char in text if char not in _BETWEEN)
    return re.search(rf"\d{{{_MANY_DIGITS},}}", joined) is not None
