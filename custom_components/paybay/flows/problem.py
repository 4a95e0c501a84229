"""What a form answers instead of going on."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """A translated error: where in the form, which text, and what to put into it."""

    where: str
    reason: str
    placeholders: dict[str, str] = field(default_factory=dict)
