"""The page at `/_emulator`: what the emulator knows, and its switches."""

from html import escape
from pathlib import Path
from string import Template

from . import control_rows as rows
from .control_html import table
from .control_switches import switches
from .errors import Json
from .money import moment

PAGE = Template(
    (Path(__file__).parent / "templates" / "desk.html").read_text(encoding="utf-8")
)


def render(state: Json) -> str:
    """Return the page for a state dump, newest rows first."""
    return PAGE.substitute(
        key_id=escape(state["key_id"]),
        now=moment(state["clock"]["now"]),
        switches=switches(state),
        links=table("Link|Reference|Amount|Status|Expires|", rows.links(state)),
        qr_codes=table("QR code|Shown|Amount|Status|Paid|", rows.qr_codes(state)),
        payments=table("Payment|Amount|Status|Refunded|Made|", rows.payments(state)),
        refunds=table("Refund|Payment|Amount|Status|", rows.refunds(state)),
        endpoints=table("URL|State|", rows.endpoints(state)),
        events=table("At|Event|About|Tries|", rows.events(state)),
    )
