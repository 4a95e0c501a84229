"""Money, time and energy as customers read them."""

from collections.abc import Iterable
from datetime import tzinfo

from ...domain.hours import OpeningHours, local_time
from ...domain.meter import MWH_PER_WH
from ...domain.money import Money
from .texts import Texts

_SYMBOLS = {"INR": "₹", "EUR": "€", "GBP": "£", "USD": "$"}


def money(amount: Money) -> str:
    """Return `₹10`, `₹1,00,000.50`, `10 CHF`: grouped as in India for rupees."""
    whole, cents = divmod(abs(amount.minor), 100)
    grouped = _indian(whole) if amount.currency == "INR" else f"{whole:,}"
    text = f"{grouped}.{cents:02}" if cents else grouped
    symbol = _SYMBOLS.get(amount.currency)
    return f"{symbol}{text}" if symbol else f"{text} {amount.currency}"


def _indian(whole: int) -> str:
    """Group the last three digits, then every two."""
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])


def duration(t: Texts, milliseconds: int) -> str:
    """Return `1 h 30 min`, `10 min`, `45 s`: seconds only below ten minutes."""
    seconds = max(0, milliseconds) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "unit_h"), (minutes, "unit_min")]
    if not hours and minutes < 10:  # noqa: PLR2004
        parts.append((seconds, "unit_s"))
    shown = [f"{number} {t(unit)}" for number, unit in parts if number]
    return " ".join(shown) or f"0 {t('unit_s')}"


def countdown(milliseconds: int) -> str:
    """Return `9:59` or `1:09:59`, as the script on the page goes on counting."""
    seconds = -(-max(0, milliseconds) // 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


def energy(milliwatt_hours: int) -> str:
    """Return `500 Wh` or `1.25 kWh`."""
    wh = milliwatt_hours / MWH_PER_WH
    if wh < 1000:  # noqa: PLR2004
        return f"{wh:.0f} Wh"
    return f"{wh / 1000:.2f}".rstrip("0").rstrip(".") + " kWh"


def time_of(at_ms: int, now_ms: int, zone: tzinfo) -> str:
    """Return `14:05`, and on another day `22/11 14:05`, in the owner's time zone."""
    at, now = local_time(at_ms, zone), local_time(now_ms, zone)
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%d/%m %H:%M}"


def date_of(at_ms: int, zone: tzinfo) -> str:
    """Return `22/11/2026 14:05`, for receipts."""
    return f"{local_time(at_ms, zone):%d/%m/%Y %H:%M}"


def hours(t: Texts, opening: OpeningHours) -> str:
    """Return when a bay is open."""
    days = _days(t, opening.days)
    if opening.opens_min == opening.closes_min:
        return t("hours_all_day", days=days)
    return t(
        "hours",
        opens=_clock(opening.opens_min),
        closes=_clock(opening.closes_min),
        days=days,
    )


def _days(t: Texts, days: Iterable[str]) -> str:
    return ", ".join(t(day) for day in days)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
