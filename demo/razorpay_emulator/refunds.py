"""Refunds: asked for once per idempotency key, booked, settled."""

from . import errors
from .books import Books, Idempotent
from .errors import ApiError, Json
from .models import Payment, Refund, RefundStatus
from .rules import check_idempotency_key, check_refund
from .shapes import payment_json, refund_json

MAX_AGE_S = 183 * 24 * 3600
CONFLICT = 409


def recall(books: Books, key: str, request: Json) -> Json | None:
    """Return the answer given earlier for this key, None for a new key.

    Raises ApiError 409 while the first request runs or when the body differs
    (Razorpay API reference, "Idempotency" of refunds), 400 for a malformed key.
    """
    check_idempotency_key(key)
    if (known := books.idempotency.get(key)) is None:
        return None
    if known.request != request:
        raise ApiError(errors.IDEMPOTENCY_OTHER_BODY, status=CONFLICT)
    if known.error:
        raise known.error
    if known.answer is None:
        raise ApiError(errors.IDEMPOTENCY_RUNNING, status=CONFLICT)
    return known.answer


def begin(books: Books, key: str, request: Json) -> None:
    """Mark a key as in progress."""
    books.idempotency[key] = Idempotent(request=request)


def finish(books: Books, key: str, answer: Json | ApiError) -> None:
    """Keep the answer; a refusal frees the key unless the quirk keeps it."""
    if not isinstance(answer, ApiError):
        books.idempotency[key].answer = answer
    elif books.quirks.remember_failed_refunds:
        books.idempotency[key].error = answer
    else:
        del books.idempotency[key]


def refund(books: Books, payment: Payment, body: Json) -> Refund:
    """Refund all or part of a captured payment. Raises ApiError."""
    check_refund(body)
    left = payment.amount - payment.amount_refunded
    amount = body.get("amount") or left
    if not payment.captured:
        raise ApiError(errors.REFUND_NOT_CAPTURED)
    if left <= 0:
        raise ApiError(errors.REFUND_DONE)
    if amount > left:
        raise ApiError(errors.REFUND_TOO_MUCH)
    if books.clock.now() - payment.created_at > MAX_AGE_S:
        raise ApiError(errors.REFUND_TOO_OLD)
    _check_balance(books)
    return book_refund(books, payment, body | {"amount": amount})


def book_refund(books: Books, payment: Payment, body: Json) -> Refund:
    """Write the refund down, tell of it, and settle it as the fault knob says."""
    made = Refund(
        id=books.ids.new("rfnd"),
        payment_id=payment.id,
        amount=body["amount"],
        currency=payment.currency,
        created_at=books.clock.now(),
        speed=body.get("speed") or "normal",
        rrn=books.ids.rrn(),
        receipt=body.get("receipt"),
        notes=dict(body.get("notes") or {}),
    )
    books.refunds[made.id] = made
    _count(payment, made.amount)
    _tell(books, "refund.created", made)
    if books.faults.refund_outcome == "processed":
        settle_refund(books, made, "processed")
    return made


def fail_if_told(books: Books, made: Refund) -> None:
    """Fail a refund that was answered as pending, when the fault knob says so."""
    if books.faults.refund_outcome == "failed":
        settle_refund(books, made, "failed")


def settle_refund(books: Books, made: Refund, status: RefundStatus) -> None:
    """Move a pending refund to its end; a failed one frees its amount again."""
    if made.status != "pending" or status == "pending":
        return
    made.status = status
    if status == "failed":
        _count(books.payments[made.payment_id], -made.amount)
    _tell(books, f"refund.{status}", made)


def _count(payment: Payment, amount: int) -> None:
    payment.amount_refunded += amount
    if payment.amount_refunded >= payment.amount:
        payment.status = "refunded"
    elif payment.status == "refunded":
        payment.status = "captured" if payment.captured else "authorized"


def _tell(books: Books, name: str, made: Refund) -> None:
    payment = books.payments[made.payment_id]
    books.emit(name, refund=refund_json(made), payment=payment_json(payment))


def _check_balance(books: Books) -> None:
    if books.faults.refund_no_balance_old_text:
        raise ApiError(errors.REFUND_NO_BALANCE_OLD)
    if books.faults.refund_no_balance:
        raise ApiError(errors.REFUND_NO_BALANCE)
