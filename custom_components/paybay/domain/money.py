"""Money as an integer of minor units with a currency."""

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Self, override

MINOR_UNITS_PER_MAJOR = 100
MAX_MAJOR_DIGITS = 12
NOT_CENTESIMAL = frozenset(
    [
        "BHD",
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "IQD",
        "ISK",
        "JOD",
        "JPY",
        "KMF",
        "KRW",
        "KWD",
        "LYD",
        "OMR",
        "PYG",
        "RWF",
        "TND",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
"""Currencies of ISO 4217 whose minor unit is not a hundredth: not taken."""
_EXACT = Context(
    prec=28,
    Emax=MAX_MAJOR_DIGITS + 1,  # the exponent of the first digit, in minor units
    traps=[Inexact, InvalidOperation, Overflow],
)
"""Arithmetic that fails where the usual one would round."""


class MoneyError(ValueError):
    """An amount that is not money PayBay can handle."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` units (paise) of an ISO 4217 `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse anything that is not a whole number of a named currency."""
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            message = f"amount must be an integer of minor units, not {self.minor!r}"
            raise MoneyError(message)
        letters = self.currency.isascii() and self.currency.isalpha()
        if len(self.currency) != 3 or not letters:  # noqa: PLR2004
            message = f"currency must be three letters, not {self.currency!r}"
            raise MoneyError(message)
        if not self.currency.isupper():
            message = f"currency must be in capitals, not {self.currency!r}"
            raise MoneyError(message)
        if self.currency in NOT_CENTESIMAL:
            message = f"{self.currency} does not have two decimals"
            raise MoneyError(message)

    @classmethod
    def from_major(cls, amount: Decimal | int | str, currency: str) -> Self:
        """Read major units (`10`, `"10.50"`); raise MoneyError past two decimals."""
        try:
            scaled = _EXACT.multiply(Decimal(amount), MINOR_UNITS_PER_MAJOR)
            whole = int(scaled)
        except (ArithmeticError, ValueError) as err:
            message = f"{amount!r} is not an amount"
            raise MoneyError(message) from err
        if whole != scaled:
            message = f"{amount} has more than two decimals"
            raise MoneyError(message)
        return cls(whole, currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with two decimals."""
        return Decimal(self.minor).scaleb(-2)

    @override
    def __str__(self) -> str:
        """Show as people write it: `10.00 INR`."""
        return f"{self.major:.2f} {self.currency}"

    def __add__(self, other: Self) -> Self:
        """Add money of the same currency."""
        return type(self)(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        """Subtract money of the same currency."""
        return type(self)(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Self) -> bool:
        """Compare money of the same currency."""
        return self.minor < self._same(other)

    def __le__(self, other: Self) -> bool:
        """Compare money of the same currency."""
        return self.minor <= self._same(other)

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            message = f"{self.currency} and {other.currency} do not mix"
            raise MoneyError(message)
        return other.minor
