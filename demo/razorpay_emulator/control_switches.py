"""The fault switches of the page at `/_emulator`, as plain HTML forms."""

from collections.abc import Iterable
from html import escape

from .errors import Json
from .events import EVENTS
from .faults import ApiFaultKind

TOGGLES = {
    "pay_before_cancel": "Paid just before cancel",
    "silent_expiry": "Expire without webhook",
    "refund_no_balance": "No balance for refunds",
}
PATHS = ("*", "/v1/payment_links", "/v1/payments", "/v1/payments/*/refund")


def switches(faults: Json) -> str:
    """Return all switches, showing what is on."""
    return "".join(
        (
            *(_toggle(name, text, on=faults[name]) for name, text in TOGGLES.items()),
            _webhook_switches(faults["webhook"]),
            _choice(
                "faults",
                "refund_outcome",
                ("processed", "pending", "failed"),
                faults["refund_outcome"],
                "Refunds end",
            ),
            _choice(
                "faults",
                "qr_feature",
                ("on", "not_found", "server_error"),
                faults["qr_feature"],
                "QR codes",
            ),
            _api_fault_form(),
            _active(faults["api"]),
            button("foreign_payment", "Another shop is paid"),
            button("faults/reset", "Stop all faults"),
        )
    )


def button(path: str, text: str, **fields: str) -> str:
    """Return a form of one button that posts the fields."""
    return _form(path, f"{_hidden(fields)}<button>{escape(text)}</button>")


def _toggle(name: str, text: str, *, on: bool) -> str:
    mark = ' class="on" aria-pressed="true"' if on else ' aria-pressed="false"'
    value = "false" if on else "true"
    return _form(
        "faults", f"{_hidden({name: value})}<button{mark}>{escape(text)}</button>"
    )


def _webhook_switches(webhook: Json) -> str:
    modes = ("good", "wrong", "old", "none")
    dropped = "".join(webhook["drop"][:1])
    return (
        _choice("faults", "webhook.signature", modes, webhook["signature"], "Signature")
        + _choice("faults", "webhook.drop", ("", *EVENTS), dropped, "Drop")
        + _number("webhook.duplicates", webhook["duplicates"], "Copies")
        + _number("webhook.delay_s", webhook["delay_s"], "Delay s")
        + _toggle("webhook.shuffle", "Shuffle", on=webhook["shuffle"])
    )


def _api_fault_form() -> str:
    return _form(
        "faults/api",
        f"<label>API {_select('kind', list(ApiFaultKind), '')}</label>"
        f"<label>for {_select('path', PATHS, '*')}</label>"
        '<input name="times" type="number" value="1" min="1" aria-label="times">'
        "<button>Add</button>",
    )


def _active(api: list[Json]) -> str:
    left = [fault for fault in api if fault["times"] is None or fault["times"] > 0]
    texts = (f"{fault['kind']} on {fault['path']}" for fault in left)
    return "".join(f'<span class="bad">{escape(text)}</span>' for text in texts)


def _choice(
    path: str, name: str, options: Iterable[str], chosen: str, text: str
) -> str:
    select = _select(name, options, chosen)
    return _form(path, f"<label>{text} {select}</label><button>Set</button>")


def _number(name: str, value: float, text: str) -> str:
    field = f'<input name="{name}" type="number" min="0" step="any" value="{value}">'
    return _form("faults", f"<label>{text} {field}</label><button>Set</button>")


def _select(name: str, options: Iterable[str], chosen: str) -> str:
    inner = "".join(
        f'<option value="{escape(each)}"{" selected" if each == chosen else ""}>'
        f"{escape(each) or '(nothing)'}</option>"
        for each in options
    )
    return f'<select name="{name}">{inner}</select>'


def _hidden(fields: dict[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _form(path: str, inner: str) -> str:
    return f'<form method="post" action="/_emulator/{path}">{inner}</form>'
