"""The page at `/_emulator`: what the emulator knows, and its switches."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from .control_switches import button, switches
from .errors import Json
from .money import moment, rupees

PAGE = Template(
    (Path(__file__).parent / "templates" / "desk.html").read_text(encoding="utf-8")
)
SHOWN = 60
GOOD = ("paid", "captured", "processed")
BAD = ("failed", "expired", "cancelled", "closed")


def render(state: Json) -> str:
    """Return the page for a state dump, newest rows first."""
    return PAGE.substitute(
        key_id=escape(state["key_id"]),
        now=moment(state["clock"]["now"]),
        switches=switches(state["faults"]),
        links=_table("Link|Reference|Amount|Status|Expires|", _links(state)),
        qr_codes=_table("QR code|Shown|Amount|Status|Paid|", _qr_codes(state)),
        payments=_table("Payment|Amount|Status|Refunded|Made|", _payments(state)),
        refunds=_table("Refund|Payment|Amount|Status|", _refunds(state)),
        endpoints=_table("URL|State|", _endpoints(state)),
        deliveries=_table("At|Event|Try|Answer|To|", _deliveries(state)),
    )


def _links(state: Json) -> Iterable[Sequence[str]]:
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
    if link["status"] not in ("created", "partially_paid"):
        return button("pay", "Pay in flight", link=link["id"], in_flight="true")
    return (
        button("pay", "Pay", link=link["id"])
        + button("pay", "Fail", link=link["id"], outcome="fail")
        + button(f"links/{link['id']}/expire", "Expire")
    )


def _qr_codes(state: Json) -> Iterable[Sequence[str]]:
    for qr in _newest(state["qr_codes"]):
        image = escape(qr["image_url"])
        path = f"qr_codes/{qr['id']}/close"
        is_open = qr["status"] == "active"
        yield (
            f'<a href="{image}"><code>{qr["id"]}</code></a>',
            escape(qr["description"]),
            rupees(qr["payment_amount"]) if qr["payment_amount"] else "any",
            _status(qr["status"]),
            f"{qr['payments_count_received']} x",
            f'<a href="{image}/scan">Scan</a> {button(path, "Close")}'
            if is_open
            else "",
        )


def _payments(state: Json) -> Iterable[Sequence[str]]:
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
            return button(f"{base}/refund", "Refund") + button(
                f"{base}/dispute", "Dispute"
            )
        case "failed" | "created":
            return button(f"{base}/settle", "Capture after all")
    return ""


def _refunds(state: Json) -> Iterable[Sequence[str]]:
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


def _endpoints(state: Json) -> Iterable[Sequence[str]]:
    for index, endpoint in enumerate(state["endpoints"]):
        on = endpoint["enabled"]
        word, value = ("Disable", "false") if on else ("Enable", "true")
        yield (
            escape(endpoint["url"]),
            '<span class="good">enabled</span>'
            if on
            else '<span class="bad">disabled</span>',
            button(f"endpoints/{index}", word, enabled=value),
        )


def _deliveries(state: Json) -> Iterable[Sequence[str]]:
    for attempt in _newest(state["deliveries"]):
        mark = "good" if attempt["accepted"] else "bad"
        answer = attempt["status"] or attempt["error"]
        yield (
            moment(attempt["at"]),
            attempt["event"],
            str(attempt["number"]),
            f'<span class="{mark}">{answer}</span>',
            escape(attempt["url"]),
            button(f"events/{attempt['event_id']}/resend", "Send again"),
        )


def _newest(rows: Sequence[Json]) -> list[Json]:
    return list(reversed(rows[-SHOWN:]))


def _status(status: str) -> str:
    mark = "good" if status in GOOD else "bad" if status in BAD else ""
    return f'<span class="{mark}">{status}</span>'


def _table(titles: str, rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{title}</th>" for title in titles.split("|"))
    body = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows
    )
    nothing = '<p class="soft">Nothing yet.</p>'
    return f"<table><tr>{head}</tr>{body}</table>" if body else nothing
