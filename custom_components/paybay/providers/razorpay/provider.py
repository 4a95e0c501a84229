"""Razorpay as a payment provider."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import override

from ...domain.money import Money
from ...domain.notices import (
    LinkFact,
    LinkStatus,
    Notice,
    PaymentFact,
    QrFact,
    RefundFact,
)
from ..base import (
    Capability,
    LinkDetails,
    LinkRequest,
    LinkReturn,
    PaymentProvider,
    Poster,
    ProviderRefusedError,
    ProviderUnavailableError,
    QrRequest,
)
from .calls import Calls, Run, Sleep, read
from .client import Clients
from .entities import link_fact, payment_fact
from .errors import is_reference_taken
from .links import link_body
from .lookup import Lookup, path_id
from .parse import read_notice
from .posters import fetch_poster
from .qr_codes import QrCodes
from .refunds import Refunds
from .signature import is_return_signed, is_signed

MIN_LINK_LIFE_S = 16 * 60
"""Razorpay's floor of 15 minutes, and a minute for clocks that differ."""


def is_test_key(key_id: str) -> bool:
    """Return whether a key moves no real money, as its prefix says."""
    return key_id.strip().startswith("rzp_test")


class RazorpayProvider(PaymentProvider):
    """One Razorpay account.

    What changes something is asked once, and looked up where the answer got lost.
    """

    def __init__(
        self,
        *,
        run: Run,
        key_id: str,
        key_secret: str,
        webhook_secrets: Sequence[str],
        base_url: str | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Take the account's keys and its webhook secrets: current, then previous.

        `base_url` points at an emulator: no `/v1`, no slash at the end.
        """
        self._key_secret = key_secret.strip()
        self._webhook_secrets = tuple(webhook_secrets)
        self._test_mode = is_test_key(key_id)
        self._clients = Clients(key_id.strip(), self._key_secret, base_url)
        self._calls = Calls(run, self._clients, sleep)
        self._lookup = Lookup(self._calls)
        self._qr_codes = QrCodes(self._calls)
        self._refunds = Refunds(self._calls)
        self._run = run
        self._base_url = base_url

    @override
    def watch_time(self, on_time: Callable[[int], None]) -> None:
        """Tell the `Date` of each answer; TLS says that it is Razorpay's."""
        self._clients.on_time = on_time

    @property
    @override
    def test_mode(self) -> bool:
        """Whether the key is a test key."""
        return self._test_mode

    @property
    @override
    def capabilities(self) -> frozenset[Capability]:
        """Razorpay offers everything; printed QR codes only on demand."""
        return frozenset(Capability)

    @property
    @override
    def min_link_life_s(self) -> int:
        """How long a link must live at least, in seconds."""
        return MIN_LINK_LIFE_S

    @override
    async def check(self) -> None:
        """List one payment: the cheapest call that bad keys are refused."""
        await self._calls.get(lambda sdk: sdk.payment.all({"count": 1}))

    @override
    async def create_link(self, request: LinkRequest) -> LinkFact:
        """Create a link, or find the one that an earlier try has made."""
        body = link_body(request)
        try:
            entity = await self._calls.once(lambda sdk: sdk.payment_link.create(body))
            return read(link_fact, entity)
        except ProviderUnavailableError as err:
            doubt = err
        except ProviderRefusedError as err:
            if not is_reference_taken(err):
                raise
            doubt = ProviderUnavailableError(err.description)
        return await self._lookup.created_link(request.reference_id, doubt)

    @override
    async def fetch_link(self, link_id: str) -> LinkDetails:
        """Return a link with its payments."""
        return await self._lookup.link(link_id)

    @override
    async def find_link(
        self, *, reference_id: str | None = None, payment_id: str | None = None
    ) -> LinkDetails | None:
        """Return the link with this reference, or the one a payment was made on."""
        if reference_id is not None:
            return await self._lookup.link_of_reference(reference_id)
        if payment_id is not None:
            return await self._lookup.link_of_payment(payment_id)
        raise ValueError("find_link needs a reference id or a payment id")

    @override
    async def cancel_link(self, link_id: str) -> LinkDetails:
        """Cancel a link; when that is refused or unsure, see where it stands."""
        safe_id = path_id(link_id)
        try:
            entity = await self._calls.once(
                lambda sdk: sdk.payment_link.cancel(safe_id)
            )
        except ProviderRefusedError:
            return await self._lookup.link(link_id)
        except ProviderUnavailableError:
            details = await self._lookup.link(link_id)
            if details.link.status is LinkStatus.CREATED:
                raise
            return details
        return await self._lookup.details(entity)

    @override
    async def create_qr(self, request: QrRequest) -> QrFact:
        """Create a printed QR code, or find the one that this try has made."""
        return await self._qr_codes.create(request)

    @override
    async def fetch_qr(self, qr_id: str) -> QrFact:
        """Return a printed QR code as it stands now."""
        return await self._qr_codes.fetch(qr_id)

    @override
    async def find_qr(
        self, *, key: str | None = None, payment_id: str | None = None
    ) -> QrFact | None:
        """Return the QR code with our key, or the one a payment was made on."""
        if key is not None:
            return await self._qr_codes.of_key(key)
        if payment_id is not None:
            return await self._qr_codes.of_payment(payment_id)
        raise ValueError("find_qr needs a key or a payment id")

    @override
    async def list_qrs(self) -> list[QrFact]:
        """Return all QR codes of the account, other shops' too."""
        return await self._qr_codes.all()

    @override
    async def close_qr(self, qr_id: str) -> QrFact:
        """Close a QR code; see where it stands when that is refused or unsure."""
        return await self._qr_codes.close(qr_id)

    @override
    async def qr_payments(
        self, qr_id: str, from_s: int, to_s: int
    ) -> list[PaymentFact]:
        """Return what was paid on a QR code in this span of Unix time."""
        return await self._qr_codes.payments(qr_id, from_s, to_s)

    @override
    async def fetch_poster(self, image_url: str) -> Poster:
        """Return the picture behind a QR code's short link."""
        poster: Poster = await self._run(fetch_poster, image_url, self._base_url)
        return poster

    @override
    async def payments_between(self, from_s: int, to_s: int) -> list[PaymentFact]:
        """Return all payments created in this span of Unix time, any state."""
        return await self._lookup.payments_between(from_s, to_s)

    @override
    async def refund(self, payment_id: str, amount: Money, key: str) -> RefundFact:
        """Refund `amount`; safe to ask again with the same `key` and amount."""
        return await self._refunds.make(payment_id, amount, key)

    @override
    async def fetch_payment(self, payment_id: str) -> PaymentFact:
        """Return a payment as it stands now."""
        safe_id = path_id(payment_id)
        entity = await self._calls.get(lambda sdk: sdk.payment.fetch(safe_id, {}))
        return read(payment_fact, entity)

    @override
    async def fetch_refund(self, refund_id: str) -> RefundFact:
        """Return a refund as it stands now."""
        return await self._refunds.fetch(refund_id)

    @override
    async def refunds_of(self, payment_id: str) -> list[RefundFact]:
        """Return all refunds of a payment, whoever asked for them."""
        return await self._refunds.of_payment(payment_id)

    @override
    def verify(self, body: bytes, signature: str) -> bool:
        """Return whether the raw body is signed with one of the webhook secrets."""
        return is_signed(body, signature, self._webhook_secrets)

    @override
    def parse(self, body: bytes, event_id: str | None) -> Notice:
        """Read a verified webhook body; raise MalformedEventError."""
        return read_notice(body, event_id)

    @override
    def read_return(self, query: Mapping[str, str]) -> LinkReturn | None:
        """Read the parameters of the callback URL; None unless Razorpay signed them."""
        if not is_return_signed(query, self._key_secret):
            return None
        return LinkReturn(
            link_id=query.get("razorpay_payment_link_id", ""),
            reference_id=query.get("razorpay_payment_link_reference_id", ""),
        )
