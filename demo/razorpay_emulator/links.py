"""Payment links: made, edited, cancelled, expired."""

from . import checkout
from .books import Books
from .errors import (
    LINK_BAD_MEDIUM,
    LINK_CANCEL_CLOSED,
    LINK_CANCEL_PAID,
    LINK_DUPLICATE_REFERENCE,
    LINK_EDIT_CLOSED,
    Json,
    LinkError,
)
from .link_rules import (
    LINK_FIELDS,
    MAX_EXPIRY_S,
    LinkTerms,
    check_link,
    check_link_edit,
)
from .link_shapes import link_json
from .models import Link

_COPIED = LINK_FIELDS - {"amount", "expire_by", "options"}


def create(books: Books, body: Json) -> Link:
    """Make a link. Raises LinkError when the request breaks a rule."""
    now = books.clock.now()
    check_link(body, _terms(books, now))
    _check_reference(books, body.get("reference_id"))
    link = Link(
        id=books.ids.new("plink"),
        code=books.ids.bare(7),
        amount=body["amount"],
        created_at=now,
        updated_at=now,
        expire_by=body.get("expire_by") or now + MAX_EXPIRY_S,
        lateness=books.ids.rng.random(),
        **{"currency": "INR"} | {k: body[k] for k in _COPIED if body.get(k)},
    )
    books.links[link.id] = link
    return link


def edit(books: Books, link: Link, body: Json) -> None:
    """Change an open link. Raises LinkError."""
    check_link_edit(body, books.clock.now())
    if not link.is_open:
        raise LinkError(LINK_EDIT_CLOSED)
    if body.get("reference_id") != link.reference_id:
        _check_reference(books, body.get("reference_id"))
    for name, value in body.items():
        if value is not None:
            setattr(link, name, value or type(getattr(link, name))())
    link.updated_at = books.clock.now()


def cancel(books: Books, link: Link) -> None:
    """Withdraw an unpaid link. Raises LinkError when it is too late."""
    if books.faults.pay_before_cancel and link.is_open:
        checkout.pay(books, link)
    if link.status in ("paid", "partially_paid"):
        raise LinkError(LINK_CANCEL_PAID)
    if link.status != "created":
        raise LinkError(LINK_CANCEL_CLOSED)
    now = books.clock.now()
    link.status, link.cancelled_at, link.updated_at = "cancelled", now, now
    books.emit("payment_link.cancelled", payment_link=link_json(books, link))


def expire(books: Books, link: Link) -> None:
    """End an offer nobody took; the event's `updated_at` stays the older one."""
    if not link.is_open:
        return
    link.status, link.expired_at = "expired", books.clock.now()
    if not books.faults.silent_expiry:
        books.emit("payment_link.expired", payment_link=link_json(books, link))


def expire_due(books: Books) -> None:
    """Expire every open link whose time is over, some seconds late as in life."""
    now_s = books.clock.time()
    for link in [link for link in books.links.values() if link.is_open]:
        if _noticed_at(books, link) <= now_s:
            expire(books, link)


def next_expiry(books: Books) -> float | None:
    """Return when the next open link expires, in Unix seconds."""
    ends = (_noticed_at(books, link) for link in books.links.values() if link.is_open)
    return min(ends, default=None)


def notify(link: Link, medium: str) -> Json:
    """Pretend to send the link. Raises LinkError for an unknown medium."""
    if medium not in ("sms", "email"):
        raise LinkError(LINK_BAD_MEDIUM)
    if not link.is_open:
        raise LinkError(LINK_EDIT_CLOSED)
    return {"success": True}


def is_payable(books: Books, link: Link) -> bool:
    """Tell whether the page takes a payment; it stops on the second of expiry."""
    return link.is_open and books.clock.now() < link.expire_by


def _check_reference(books: Books, reference_id: str | None) -> None:
    taken = {link.reference_id for link in books.links.values()}
    if reference_id and reference_id in taken:
        raise LinkError(LINK_DUPLICATE_REFERENCE)


def _terms(books: Books, now: int) -> LinkTerms:
    return LinkTerms(
        now=now, test_mode=books.test_mode, max_amount=books.quirks.max_amount
    )


def _noticed_at(books: Books, link: Link) -> float:
    least_s, most_s = books.quirks.expiry_lag_s, books.quirks.expiry_lag_most_s
    return link.expire_by + least_s + max(0, most_s - least_s) * link.lateness
