"""The lists of the page at `/_emulator`, each row with what can be done to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape

from .control_html import button, entry, form
from .errors import Json
from .money import moment, rupees

SHOWN = 60
GOOD = ("paid", "captured", "processed", "enabled")
BAD = ("failed", "expired", "cancelled", "closed", "disabled")

type Rows = Iterable[Sequence[str]]


def links(state: Json) -> Rows:
    """Return the links, newest first."""
    for link in _newest(state["links"]):
        yield (
            f'<a href="{escape(link["short_url"])}"><code>{link["id"]}</code></a>',
            escape(link["reference_id"]),
            rupees(link["amount"]),
            _status(link["status"]),
            moment(link["expire_by"]),
            _link_buttons(link),
        )


def _link_buttons(link: Json) -> str:
    name = link["id"]
    if link["status"] not in ("created", "partially_paid"):
        return button("pay", "Pay in flight", link=name, in_flight="true")
    outcomes = {
        "Pay": "success",
        "Fail": "fail",
        "Fail, then pay": "fail_then_capture",
        "Bank silent": "pending",
        "Authorise": "authorize",
    }
    pays = (button("pay", t, link=name, outcome=o) for t, o in outcomes.items())
    late = button("pay", "Pay 2 days late", link=name, hours_late="48")
    return "".join(pays) + late + button(f"links/{name}/expire", "Expire")


def qr_codes(state: Json) -> Rows:
    """Return the printed QR codes, newest first."""
    for qr in _newest(state["qr_codes"]):
        image = escape(qr["image_url"])
        close = button(f"qr_codes/{qr['id']}/close", "Close")
        scan = f'<a href="{image}/scan">Scan</a> {close}'
        yield (
            f'<a href="{image}"><code>{qr["id"]}</code></a>',
            escape(qr["description"]),
            rupees(qr["payment_amount"]) if qr["payment_amount"] else "any",
            _status(qr["status"]),
            f"{qr['payments_count_received']} x",
            scan if qr["status"] == "active" else "",
        )


def payments(state: Json) -> Rows:
    """Return the payments, newest first."""
    for payment in _newest(state["payments"]):
        yield (
            f"<code>{payment['id']}</code>",
            rupees(payment["amount"]),
            _status(payment["status"]),
            rupees(payment["amount_refunded"]),
            moment(payment["created_at"]),
            _payment_buttons(payment),
        )


def _payment_buttons(payment: Json) -> str:
    base = f"payments/{payment['id']}"
    match payment["status"]:
        case "captured":
            part = entry("amount", "", kind="number", label="paise")
            return (
                button(f"{base}/refund", "Refund")
                + form(f"{base}/refund", f"{part}<button>Refund a part</button>")
                + button(f"{base}/dispute", "Dispute")
            )
        case "created":
            return button(f"{base}/settle", "Capture") + button(f"{base}/fail", "Fail")
        case "failed":
            return button(f"{base}/settle", "Capture after all")
    return ""


def refunds(state: Json) -> Rows:
    """Return the refunds, newest first."""
    for refund in _newest(state["refunds"]):
        path = f"refunds/{refund['id']}/settle"
        pending = refund["status"] == "pending"
        ends = [button(path, end, status=end) for end in ("processed", "failed")]
        yield (
            f"<code>{refund['id']}</code>",
            f"<code>{refund['payment_id']}</code>",
            rupees(refund["amount"]),
            _status(refund["status"]),
            "".join(ends) if pending else "",
        )


def endpoints(state: Json) -> Rows:
    """Return the webhooks that are set up, and a form for one more."""
    for index, endpoint in enumerate(state["endpoints"]):
        path, on = f"endpoints/{index}", endpoint["enabled"]
        word, value = ("Disable", "false") if on else ("Enable", "true")
        url, secret = (entry(name, "", label=f"new {name}") for name in _ENDPOINT)
        yield (
            escape(endpoint["url"]),
            _status("enabled" if on else "disabled"),
            button(path, word, enabled=value)
            + form(path, f"{secret}<button>Rotate</button>")
            + form(path, f"{url}<button>Move</button>"),
        )
    fields = "".join(entry(name, "", label=name) for name in _ENDPOINT)
    yield form("endpoints", f"{fields}<button>Add</button>"), "", ""


_ENDPOINT = ("url", "secret")


def events(state: Json) -> Rows:
    """Return what happened, newest first, with every try to tell of it."""
    tries: defaultdict[str, list[str]] = defaultdict(list)
    for attempt in state["deliveries"]:
        tries[attempt["event_id"]].append(_try(attempt))
    for event in _newest(state["events"]):
        about = event["entities"].values()
        yield (
            moment(event["at"]),
            escape(event["event"]),
            " ".join(f"<code>{escape(each)}</code>" for each in about),
            " ".join(tries[event["id"]]) or '<span class="soft">not sent</span>',
            button(f"events/{event['id']}/resend", "Replay"),
        )


def _try(attempt: Json) -> str:
    mark = "good" if attempt["accepted"] else "bad"
    answer = escape(str(attempt["status"] or attempt["error"]))
    signed = "" if attempt["signature"] == "good" else f" {attempt['signature']}"
    title = f"try {attempt['number']} at {moment(attempt['at'])}, {attempt['url']}"
    took = f"{answer}{signed} <small>{attempt['took_ms']} ms</small>"
    return f'<span class="{mark}" title="{escape(title)}">{took}</span>'


def _newest(rows: Sequence[Json]) -> list[Json]:
    return list(reversed(rows[-SHOWN:]))


def _status(status: str) -> str:
    mark = "good" if status in GOOD else "bad" if status in BAD else ""
    return f'<span class="{mark}">{status}</span>'
