"""Printed QR codes at Razorpay: UPI only, on demand, never changed once made."""

from http import HTTPStatus
from typing import Any

from ...domain.notices import PaymentFact, QrFact
from ...domain.qr_codes import QrTag
from ..base import (
    ProviderFeatureError,
    ProviderRefusedError,
    ProviderUnavailableError,
    QrRequest,
)
from .calls import Calls, read
from .entities import (
    BAY_NOTE,
    QR_NOTE,
    SITE_NOTE,
    Entity,
    entities,
    payment_fact,
    qr_fact,
)
from .errors import is_feature_missing
from .links import notes_of
from .lookup import LOOKUP_PAUSES_S, path_id
from .pages import PAGE, all_pages, readable, time_range

_MAX_TEXT = 255


class QrCodes:
    """Makes QR codes, closes them and finds out about them."""

    def __init__(self, calls: Calls) -> None:
        """Take the way to the account."""
        self._calls = calls

    async def create(self, request: QrRequest) -> QrFact:
        """Create a QR code, or find the one that this try has made."""
        body = qr_body(request)
        try:
            entity = await self._calls.once(lambda sdk: sdk.qrcode.create(body))
            return read(qr_fact, entity)
        except ProviderUnavailableError as err:
            doubt = err
        except ProviderRefusedError as err:
            raise _typed(err) from err
        return await self._created(request.tag.key, doubt)

    async def fetch(self, qr_id: str) -> QrFact:
        """Return a QR code as it stands now."""
        safe_id = path_id(qr_id)
        entity = await self._get(lambda sdk: sdk.qrcode.fetch(safe_id))
        return read(qr_fact, entity)

    async def of_key(self, key: str) -> QrFact | None:
        """Return the QR code with our key among the newest ones."""
        answer = await self._get(lambda sdk: sdk.qrcode.all({"count": PAGE}))
        found = readable(entities(answer, "items"), qr_fact)
        return next((qr for qr in found if qr.tag and qr.tag.key == key), None)

    async def of_payment(self, payment_id: str) -> QrFact | None:
        """Return the QR code that a payment was made on.

        The payment must be seen on it: were the filter ever ignored, a stranger's
        money would be taken for ours.
        """
        query = {"payment_id": payment_id}
        answer = await self._get(lambda sdk: sdk.qrcode.all({**query}))
        for qr in readable(entities(answer, "items"), qr_fact)[:1]:
            if await self._was_paid_on(qr.id, payment_id):
                return qr
        return None

    async def _was_paid_on(self, qr_id: str, payment_id: str) -> bool:
        safe_id = path_id(payment_id)
        entity = await self._get(lambda sdk: sdk.payment.fetch(safe_id, {}))
        made_s = read(payment_fact, entity).created_s
        paid = await self.payments(qr_id, made_s, made_s)
        return any(payment.id == payment_id for payment in paid)

    async def all(self) -> list[QrFact]:
        """Return all QR codes of the account."""

        async def page(query: dict[str, int]) -> list[Entity]:
            answer = await self._get(lambda sdk: sdk.qrcode.all({**query}))
            return entities(answer, "items")

        return await all_pages(page, qr_fact, {})

    async def close(self, qr_id: str) -> QrFact:
        """Close a QR code; when that is refused or unsure, see where it stands.

        Razorpay's help says that one for many payments cannot be closed, its API
        samples show closed ones.
        """
        safe_id = path_id(qr_id)
        try:
            entity = await self._calls.once(lambda sdk: sdk.qrcode.close(safe_id))
        except ProviderRefusedError, ProviderUnavailableError:
            qr = await self.fetch(qr_id)
            if qr.active:
                raise
            return qr
        return read(qr_fact, entity)

    async def payments(self, qr_id: str, from_s: int, to_s: int) -> list[PaymentFact]:
        """Return what was paid on a QR code in this span of Unix time."""
        safe_id, span = path_id(qr_id), time_range(from_s, to_s)
        return await all_pages(
            lambda query: self._page_of(safe_id, query), payment_fact, span
        )

    async def _page_of(self, safe_id: str, query: dict[str, int]) -> list[Entity]:
        answer = await self._get(
            lambda sdk: sdk.qrcode.fetch_all_payments(safe_id, {**query})
        )
        return entities(answer, "items")

    async def _created(self, key: str, doubt: ProviderUnavailableError) -> QrFact:
        """Return the code that was created after all; else raise what went wrong.

        A live account without the feature answers 500 (razorpay-ruby issue 159).
        """
        for pause_s in LOOKUP_PAUSES_S:
            await self._calls.pause(pause_s)
            if qr := await self.of_key(key):
                return qr
        if doubt.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderFeatureError(str(doubt), doubt.status, None) from doubt
        raise doubt

    async def _get(self, ask: Any) -> Entity:
        try:
            return await self._calls.get(ask)
        except ProviderRefusedError as err:
            raise _typed(err) from err


def qr_body(request: QrRequest) -> dict[str, Any]:
    """Return a fresh request body. Unknown fields would be refused.

    Source: razorpay/markdown-docs, api/qr-codes/create.md.
    """
    body: dict[str, Any] = {
        "type": "upi_qr",
        "usage": "multiple_use",
        "fixed_amount": request.amount is not None,
        "name": request.name[:_MAX_TEXT],
        "description": request.description[:_MAX_TEXT],
        "notes": notes_of({**_tag_notes(request.tag), **request.notes}),
    }
    if request.amount is not None:
        body["payment_amount"] = request.amount.minor
    return body


def _tag_notes(tag: QrTag) -> dict[str, str]:
    notes = {QR_NOTE: tag.key, BAY_NOTE: tag.bay_id, SITE_NOTE: tag.site_id}
    return {name: value for name, value in notes.items() if value}


def _typed(err: ProviderRefusedError) -> ProviderRefusedError:
    if not is_feature_missing(err):
        return err
    return ProviderFeatureError(err.description, err.status, err.field_name)
