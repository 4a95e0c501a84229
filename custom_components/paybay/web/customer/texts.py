"""The words of the customer's pages: one catalogue for each language."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from .signatures import Standing, standing

FOLDER = Path(__file__).parent.parent / "locales"
DEFAULT = "en"
DIGITS = "latn"
"""Payment apps of India write Latin digits in every language."""

type Forms = Mapping[str, str]
"""A text for each plural category of its language (CLDR): `one`, `other`."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One language; call it with a key and what the text speaks of.

    Keys that begin with `_` tell of the catalogue itself and are no texts.
    """

    language: str
    locale: Locale
    words: Mapping[str, str | Forms]
    standing: Standing

    def __call__(self, key: str, *, count: int = 0, **values: str) -> str:
        """Return a text, in the form for `count` if it has forms.

        Raise KeyError for an unknown one.
        """
        text = self.words[key]
        if not isinstance(text, str):
            form = self.locale.plural_form(count)
            text = text.get(form) or text["other"]
            values["count"] = self.number(count)
        return text.format(**values)

    def number(self, number: int) -> str:
        """Return a whole number, grouped as this language does."""
        return format_decimal(number, locale=self.locale, numbering_system=DIGITS)

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self.words

    @property
    def name(self) -> str:
        """Return what the language calls itself."""
        return self.locale.get_language_name() or self.language


def rules_of(identifier: str) -> Locale:
    """Return a locale with all its rules read; raise UnknownLocaleError.

    Babel reads a file when it is first asked something. We are imported in an executor,
    pages are made in the event loop: so it is asked now.
    """
    rules = Locale.parse(identifier)
    rules.plural_form(0)
    return rules


def _rules(code: str) -> Locale:
    """Return a language's rules, as in India if they are known for there."""
    try:
        return rules_of(f"{code}_IN")
    except UnknownLocaleError:
        return rules_of(code)


def _texts(code: str) -> Texts:
    """Return a language; an English text is better than a page that fails."""
    found = _read(code)
    both = {**_read(DEFAULT), **found}
    words = {key: text for key, text in both.items() if not key.startswith("_")}
    return Texts(code, _rules(code), words, standing(found))


def _read(code: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{code}.json").read_text("utf-8"))
    return read


_CODES = sorted({file.stem for file in FOLDER.glob("*.json")} - {DEFAULT})
_CATALOGUES = {code: _texts(code) for code in (DEFAULT, *_CODES)}
LANGUAGES = tuple((code, texts.name) for code, texts in _CATALOGUES.items())
"""Code and own name of each language, English first."""


def texts_in(language: str) -> Texts:
    """Return a language's texts; English for one that is not there."""
    return _CATALOGUES.get(language, _CATALOGUES[DEFAULT])


def unsigned() -> list[str]:
    """Return the codes of languages whose texts no native reader stands for."""
    return [
        code
        for code, texts in _CATALOGUES.items()
        if code != DEFAULT and texts.standing is not Standing.READ
    ]


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
