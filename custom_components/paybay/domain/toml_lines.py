"""Where a key stands in a TOML text: `tomllib` tells values, not lines."""

import re

_BARE_OR_QUOTED = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_BARE_OR_QUOTED}(?:\s*\.\s*{_BARE_OR_QUOTED})*"
_PART = re.compile(_BARE_OR_QUOTED)
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_TRIPLE = re.compile("\"\"\"|'''")

type _Path = tuple[str, ...]


class TomlLines:
    """The line of each header and key in a text that is valid TOML."""

    def __init__(self, text: str) -> None:
        """Note the first line on which each path is named."""
        self._lines: dict[_Path, int] = {}
        self._table: _Path = ()
        inside_text = False
        for number, line in enumerate(text.split("\n"), 1):
            if not inside_text:
                self._note(number, line)
            inside_text ^= len(_TRIPLE.findall(line)) % 2 == 1

    def find(self, path: _Path) -> int | None:
        """Return the line of `path`, of what stands below it, or of what holds it."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _note(self, number: int, line: str) -> None:
        if header := _HEADER.match(line):
            self._table = _split(header[1])
            self._add(self._table, number)
        elif key := _KEY.match(line):
            self._add((*self._table, *_split(key[1])), number)

    def _add(self, path: _Path, number: int) -> None:
        # `[plans.x]` and `plans.x.amount = 1` also name the tables they stand in.
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], number)


def _split(dotted: str) -> _Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
