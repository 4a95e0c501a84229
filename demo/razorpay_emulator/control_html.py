"""Small pieces of the control page: forms, fields, tables."""

from collections.abc import Iterable, Sequence
from html import escape


def form(path: str, inner: str, mark: str = "") -> str:
    """Return a form that posts to the control API."""
    kind = f' class="{mark}"' if mark else ""
    return f'<form method="post" action="/_emulator/{path}"{kind}>{inner}</form>'


def button(path: str, text: str, **fields: str) -> str:
    """Return a form of one button that posts the fields."""
    return form(path, f"{hidden(fields)}<button>{escape(text)}</button>")


def hidden(fields: dict[str, str]) -> str:
    """Return fields nobody sees."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def entry(name: str, value: object, *, kind: str = "text", label: str = "") -> str:
    """Return a field to type into; without a label, one must stand beside it."""
    more = ' min="0" step="any"' if kind == "number" else ""
    shown = escape("" if value is None else str(value))
    title = f' aria-label="{escape(label)}" placeholder="{escape(label)}"' * bool(label)
    return f'<input name="{name}" type="{kind}" value="{shown}"{more}{title}>'


def select(name: str, options: Iterable[str], chosen: str, label: str = "") -> str:
    """Return a list to choose from; a value that is not in it is added."""
    known = list(options)
    known += [chosen] * (chosen not in known)
    inner = "".join(
        f'<option value="{escape(each)}"{" selected" * (each == chosen)}>'
        f"{escape(each) or '(nothing)'}</option>"
        for each in known
    )
    title = f' aria-label="{escape(label)}"' * bool(label)
    return f'<select name="{name}"{title}>{inner}</select>'


def table(titles: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its titles, split by `|`, stand in each cell for phones."""
    names = titles.split("|")
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-title="{name}">{cell}</td>'
            for name, cell in zip(names, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    nothing = '<p class="soft">Nothing yet.</p>'
    return f"<table><thead><tr>{head}</tr></thead>{body}</table>" if body else nothing
