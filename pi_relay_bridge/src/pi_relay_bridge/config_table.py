"""Read values out of a parsed TOML table, with errors that name line and key."""

import difflib
import math
import os
import re
from typing import Any

_HEADER = re.compile(r"\s*\[+\s*([A-Za-z0-9_.-]+)\s*\]+")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_MISSING = object()


class ConfigError(Exception):
    """The configuration cannot be used; the text says where and why."""


class Lines:
    """Where each key stands in the file."""

    def __init__(self, text: str) -> None:
        """Note the line of `table.key`, tables of an array counted from 1."""
        self._lines: dict[str, int] = {}
        counts: dict[str, int] = {}
        where = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                where = _inside(header[1], counts)
                if line.lstrip().startswith("[["):
                    counts[where] = counts.get(where, 0) + 1
                    where = f"{where} {counts[where]}"
                self._lines.setdefault(where, number)
            elif key := _KEY.match(line):
                self._lines.setdefault(f"{where}.{key[1]}" if where else key[1], number)

    def find(self, path: str) -> str:
        """Return `line N: `, or nothing when the line is not known."""
        return f"line {self._lines[path]}: " if path in self._lines else ""


def _inside(name: str, counts: dict[str, int]) -> str:
    """Return a header's path; `a.b` after `[[a]]` belongs to the latest `a`."""
    outer, dot, inner = name.partition(".")
    return f"{outer} {counts[outer]}.{inner}" if dot and outer in counts else name


class Table:
    """One table; `finish` complains about keys that nobody asked for."""

    def __init__(self, values: dict[str, Any], path: str, lines: Lines) -> None:
        """Read from `values`, known as `path` in errors."""
        self._values = values
        self._path = path
        self._lines = lines
        self._known: set[str] = set()

    def error(self, key: str, problem: str) -> ConfigError:
        """Return an error about one key."""
        path = self._join(key)
        where = self._lines.find(path) or self._lines.find(self._path)
        return ConfigError(
            f"{where}{f'[{self._path}] ' if self._path else ''}{key}: {problem}"
        )

    def table(self, key: str) -> "Table":
        """Return a table inside this one; it must be there."""
        value = self._take(key, _MISSING)
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, written [{key}]")
        return Table(value, self._join(key), self._lines)

    def optional_table(self, key: str) -> "Table | None":
        """Return a table inside this one, or None when it is not there."""
        self._known.add(key)
        return self.table(key) if key in self._values else None

    def tables(self, key: str) -> list["Table"]:
        """Return the tables of an array; there must be at least one."""
        value = self._take(key, _MISSING)
        if (
            not isinstance(value, list)
            or not all(isinstance(each, dict) for each in value)
            or not value
        ):
            raise self.error(key, f"must be tables, each written [[{key}]]")
        return [
            Table(each, f"{key} {n}", self._lines)
            for n, each in enumerate(value, start=1)
        ]

    def text(self, key: str, default: object = _MISSING) -> str:
        """Return a string that is not empty, with `${VARIABLE}`s filled in."""
        value = self._take(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "must be a text in quotes")
        return os.path.expandvars(value)

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None when it is not set."""
        self._known.add(key)
        return self.text(key) if key in self._values else None

    def name(self, key: str, pattern: re.Pattern[str]) -> str:
        """Return a string that can stand in a topic."""
        value = self._take(key, _MISSING)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.error(key, f"must be in quotes and match {pattern.pattern}")
        return value

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of a few words."""
        value = self._take(key, default)
        if value not in choices:
            raise self.error(key, f"must be one of {', '.join(choices)}")
        return str(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def number(
        self,
        key: str,
        default: object = _MISSING,
        *,
        low: float,
        high: float,
        whole: bool = False,
    ) -> float:
        """Return a number within bounds."""
        value = self._take(key, default)
        kinds = int if whole else int | float
        if (
            isinstance(value, bool)
            or not isinstance(value, kinds)
            or not math.isfinite(value)
        ):
            raise self.error(key, f"must be a {'whole ' if whole else ''}number")
        if not low <= value <= high:
            raise self.error(key, f"must be between {low:g} and {high:g}")
        return value

    def optional_number(
        self, key: str, *, low: float, high: float, whole: bool = False
    ) -> float | None:
        """Return a number within bounds, or None when it is not set."""
        self._known.add(key)
        if key not in self._values:
            return None
        return self.number(key, low=low, high=high, whole=whole)

    def refuse(self, key: str, problem: str) -> None:
        """Raise ConfigError if a key is there that must not be."""
        if key in self._values:
            raise self.error(key, problem)

    def finish(self) -> None:
        """Raise ConfigError for the first unknown key, with the nearest known one."""
        for key in self._values:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1)
                raise self.error(
                    key, f"unknown key{f', did you mean {near[0]}?' if near else ''}"
                )

    def _join(self, key: str) -> str:
        """Return a key's full name."""
        return f"{self._path}.{key}" if self._path else key

    def _take(self, key: str, default: object) -> object:
        """Return a raw value."""
        self._known.add(key)
        value = self._values.get(key, default)
        if value is _MISSING:
            near = difflib.get_close_matches(key, self._values, n=1)
            raise self.error(key, f"is missing{f', is it {near[0]}?' if near else ''}")
        return value
