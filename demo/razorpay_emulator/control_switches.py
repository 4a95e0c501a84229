"""The knobs of the page at `/_emulator`, as plain HTML forms."""

from dataclasses import asdict
from html import escape
from typing import Any

from .control_html import button, entry, form, hidden, select
from .control_knobs import GROUPS, Knob
from .errors import Json
from .faults import ApiFaultKind, Faults, Quirks

PATHS = (
    "*",
    "/v1/payment_links",
    "/v1/payment_links/*",
    "/v1/payments",
    "/v1/payments/*",
    "/v1/payments/*/refund",
    "/v1/payments/qr_codes*",
)
METHODS = ("*", "GET", "POST", "PATCH")
JUMPS = {
    "+1 min": 60,
    "+16 min": 960,
    "+1 h": 3600,
    "+24 h": 86_400,
    "+3 days": 259_200,
}
SPEEDS = (1, 60, 3600)


def switches(state: Json) -> str:
    """Return all knobs in groups, each saying how many of it are turned."""
    shown = _values(state["faults"], state["quirks"])
    usual = _values(Faults().as_json(), asdict(Quirks()))
    groups = (_group(title, shown, usual, state) for title in GROUPS)
    everywhere = button("foreign_payment", "Another shop is paid") + button(
        "faults/reset", "Stop all faults"
    )
    return _clock(state["clock"]) + "".join(groups) + f"<div>{everywhere}</div>"


def _values(faults: Json, quirks: Json) -> Json:
    """Return all values under the names that the knobs have."""
    webhook = {f"webhook.{name}": value for name, value in faults["webhook"].items()}
    return {**quirks, **faults, **webhook}


def _group(title: str, shown: Json, usual: Json, state: Json) -> str:
    knobs = GROUPS[title]
    turned = sum(shown[knob.name] != usual[knob.name] for knob in knobs)
    inner = "".join(
        _knob(knob, shown[knob.name], on=shown[knob.name] != usual[knob.name])
        for knob in knobs
    )
    if title == "The API":
        active = _active(state["faults"]["api"])
        turned += len(active)
        inner = _api_fault_form() + "".join(active) + inner
    mark = f' <b class="bad">{turned} on</b>' if turned else ""
    return _details(title, mark, inner)


def _details(title: str, mark: str, inner: str) -> str:
    name = title.lower().replace(" ", "_")
    return (
        f'<details id="{name}"><summary>{escape(title)}{mark}</summary>'
        f'<div class="knobs">{inner}</div></details>'
    )


def _knob(knob: Knob, value: Any, *, on: bool) -> str:
    mark, text = "on" if on else "", escape(knob.text)
    if isinstance(value, bool):
        turn = hidden({knob.name: "false" if value else "true"})
        pressed = str(value).lower()
        inner = f'{turn}<button aria-pressed="{pressed}">{text}</button>'
        return form(knob.path, inner, mark)
    if knob.options:
        field = select(knob.name, knob.options, _chosen(value))
    else:
        field = entry(knob.name, value, kind="number")
    label = f"<label><span>{text}</span>{field}</label><button>Set</button>"
    return form(knob.path, label, mark)


def _chosen(value: Any) -> str:
    if isinstance(value, str):
        return value
    return ",".join(value or ())


def _clock(clock: Json) -> str:
    jumps = "".join(
        button("clock", text, advance_s=str(seconds)) for text, seconds in JUMPS.items()
    )
    speeds = "".join(
        form(
            "clock",
            hidden({"scale": str(speed)}) + f"<button>{speed} x</button>",
            "on" if speed == clock["scale"] != 1 else "",
        )
        for speed in SPEEDS
    )
    retries = form(
        "clock",
        "<label><span>Webhook retries faster by</span>"
        f"{entry('retry_scale', clock['retry_scale'], kind='number')}</label>"
        "<button>Set</button>",
        "on" if clock["retry_scale"] != 1 else "",
    )
    ahead = (
        f"{round(clock['offset_s']):+d} s against the real time, {clock['scale']:g} x"
    )
    inner = f'<p class="soft wide">{ahead}</p>{jumps}{speeds}{retries}'
    return _details("Clock", "", inner)


def _api_fault_form() -> str:
    fields = (
        select("kind", ApiFaultKind, "", "kind of fault"),
        select("method", METHODS, "*", "method"),
        select("path", PATHS, "*", "path"),
        entry("times", 1, kind="number", label="times, empty for ever"),
    )
    return form("faults/api", "".join(fields) + "<button>Add fault</button>", "wide")


def _active(api: list[Json]) -> list[str]:
    """Return the API faults that have turns left."""
    left = [fault for fault in api if fault["times"] is None or fault["times"] > 0]
    return [
        f'<p class="bad wide">{escape(fault["kind"])} on {escape(fault["path"])},'
        f" {escape(fault['method'])}, {_turns(fault['times'])}</p>"
        for fault in left
    ]


def _turns(times: int | None) -> str:
    return "until all faults are stopped" if times is None else f"{times} more times"
