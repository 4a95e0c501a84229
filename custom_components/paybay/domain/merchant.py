"""Who sells: what customers are told of the people they pay, and the tax in a price."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
import re
from typing import Any, Final, Self

from .money import Money

MAX_NAME: Final = 60
MAX_ADDRESS: Final = 300
MAX_TEXT: Final = 6000
_LONGEST: Final = {
    "name": MAX_NAME,
    "address": MAX_ADDRESS,
    "terms": MAX_TEXT,
    "refund_policy": MAX_TEXT,
}
FULL_BP: Final = 10_000
"""Basis points in a whole."""
DEFAULT_TAX_BP: Final = 1800
_PHONE = re.compile(r"\+?\(?[0-9](?:[ ().-]{0,3}[0-9]){2,14}")
"""What a `tel:` link takes, as people write it (RFC 3966; E.164 has 15 digits)."""
_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][A-Z][0-9A-Z]")
_SAC = re.compile(r"[0-9]{4,8}")
_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEAST_COUNTRY_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """The people who run a site, in the owner's own words; empty is not told yet.

    `help_phone` is as people dial it, `whatsapp` with its country code. `tax_bp` is the
    tax within each price, in basis points (1800 is 18 %); it counts only with a
    `gstin`. `sac` is the tax code of the service.
    """

    name: str = ""
    help_phone: str = ""
    whatsapp: str = ""
    terms: str = ""
    refund_policy: str = ""
    address: str = ""
    gstin: str = ""
    tax_bp: int = DEFAULT_TAX_BP
    sac: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Return the merchant in a mapping, texts trimmed; unknown keys are left."""
        known = {each.name for each in fields(cls)}
        told: dict[str, Any] = {
            key: value.strip() if isinstance(value, str) else value
            for key, value in stored.items()
            if key in known
        }
        if "gstin" in told:
            told["gstin"] = told["gstin"].upper()
        return cls(**told)

    def stored(self) -> dict[str, Any]:
        """Return what `read` takes."""
        return asdict(self)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what every customer must be told and nobody has written yet."""
        told = {
            "name": self.name,
            "help": self.help_phone or self.whatsapp,
            "terms": self.terms,
            "refund_policy": self.refund_policy,
        }
        return tuple(what for what, text in told.items() if not text)

    @property
    def phone_url(self) -> str | None:
        """Return where a tap on the phone number leads."""
        return f"tel:{_dialled(self.help_phone)}" if self.help_phone else None

    @property
    def whatsapp_url(self) -> str | None:
        """Return where a tap on WhatsApp leads."""
        digits = _dialled(self.whatsapp).lstrip("+")
        return f"https://wa.me/{digits}" if digits else None


def problems(merchant: Merchant) -> Iterator[tuple[str, str]]:
    """Yield what is wrong: the field, and the reason, such as `too_long`."""
    for field, longest in _LONGEST.items():
        if len(getattr(merchant, field)) > longest:
            yield field, "too_long"
    if merchant.help_phone and not _PHONE.fullmatch(merchant.help_phone):
        yield "help_phone", "not_a_phone"
    if merchant.whatsapp and not _is_international(merchant.whatsapp):
        yield "whatsapp", "not_international"
    if merchant.gstin and not is_gstin(merchant.gstin):
        yield "gstin", "not_a_gstin"
    if not 0 <= merchant.tax_bp <= FULL_BP:
        yield "tax_bp", "not_a_percentage"
    if merchant.sac and not _SAC.fullmatch(merchant.sac):
        yield "sac", "not_a_sac"


def is_gstin(text: str) -> bool:
    """Return whether this is a GST number: its shape, and its check character.

    The check is the Luhn mod 36 sum over the first 14 characters (GSTN's rule).
    """
    if not _GSTIN.fullmatch(text):
        return False
    total = 0
    for place, char in enumerate(text[:-1]):
        product = _BASE_36.index(char) * (1 + place % 2)
        total += product // 36 + product % 36
    return _BASE_36[-total % 36] == text[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSplit:
    """The tax within an amount: `taxable` + `cgst` + `sgst` is exactly the amount."""

    taxable: Money
    cgst: Money
    sgst: Money


def tax_split(total: Money, tax_bp: int) -> TaxSplit:
    """Return the tax in a price that includes it; both halves are the same.

    Each half is rounded to the nearest minor unit, what is taxed is the rest.
    """
    whole = FULL_BP + tax_bp
    half = (total.minor * tax_bp + whole) // (2 * whole)
    each = Money(half, total.currency)
    return TaxSplit(
        taxable=Money(total.minor - 2 * half, total.currency),
        cgst=each,
        sgst=each,
    )


def _dialled(number: str) -> str:
    return "".join(char for char in number if char in "+0123456789")


def _is_international(number: str) -> bool:
    digits = len(_dialled(number)) - 1
    right = _PHONE.fullmatch(number) is not None and number.startswith("+")
    return right and digits >= _LEAST_COUNTRY_DIGITS
