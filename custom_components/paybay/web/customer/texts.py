"""The words of the customer's pages: one catalogue for each language."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "locales"
_NAMES = {"en": "English", "hi": "हिन्दी"}
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """One language; call it with a key and what the text speaks of."""

    language: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: str) -> str:
        """Return a text; raise KeyError for an unknown one."""
        return self.words[key].format(**values)

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self.words


LANGUAGES = tuple(_NAMES.items())
_CATALOGUES = {
    code: Texts(code, json.loads((_FOLDER / f"{code}.json").read_text("utf-8")))
    for code in _NAMES
}


def texts_in(language: str) -> Texts:
    """Return a language's texts; English for one that is not there."""
    return _CATALOGUES.get(language, _CATALOGUES[DEFAULT])


def is_known(language: str) -> bool:
    """Return whether there is a catalogue in this language."""
    return language in _CATALOGUES


def preferred(accept_language: str) -> str:
    """Return the best known language of an Accept-Language header (RFC 9110)."""
    best, best_weight = DEFAULT, 0.0
    for part in accept_language[:200].split(","):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        value = _weight(weight)
        if is_known(code) and value > best_weight:
            best, best_weight = code, value
    return best


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
