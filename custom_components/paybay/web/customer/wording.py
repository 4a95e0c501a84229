"""Money, time and energy as customers read them, by CLDR (through Babel)."""

from datetime import datetime, time, tzinfo
from decimal import Decimal
from typing import Final

from babel import dates, numbers

from ...domain.hours import OpeningHours, local_time
from ...domain.meter import MWH_PER_WH
from ...domain.money import Money
from .texts import DIGITS, Texts, rules_of

_RUPEES: Final = rules_of("en_IN")
_OTHERS: Final = rules_of("en_US")
_NARROW_SPACE, _SPACE = "\u202f", "\u00a0"


def money(amount: Money) -> str:
    """Return `₹10`, `₹1,00,000.50`, `CHF 10`: no decimals where there are none.

    The same in every language, as payment apps of India write it; CLDR groups rupees
    by thousands in some of them.
    """
    rules = _RUPEES if amount.currency == "INR" else _OTHERS
    pattern = rules.currency_formats["standard"].pattern
    if numbers.get_currency_symbol(amount.currency, rules)[-1].isalpha():
        pattern = pattern.replace("¤", f"¤{_SPACE}")
    return numbers.format_currency(
        Decimal(amount.minor).scaleb(-2),
        amount.currency,
        format=pattern if amount.minor % 100 else pattern.replace(".00", ""),
        locale=rules,
        currency_digits=False,
        numbering_system=DIGITS,
    )


def duration(t: Texts, milliseconds: int) -> str:
    """Return `1 h 30 min`, `10 min`, `45 s`: seconds only below ten minutes."""
    return " ".join(t(unit, count=number) for number, unit in _parts(milliseconds))


def how_many(milliseconds: int) -> int:
    """Return the number that the words around a duration must agree with."""
    return sum(number for number, _ in _parts(milliseconds))


def _parts(milliseconds: int) -> list[tuple[int, str]]:
    seconds = max(0, milliseconds) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "unit_h"), (minutes, "unit_min")]
    if not hours and minutes < 10:  # noqa: PLR2004
        parts.append((seconds, "unit_s"))
    return [part for part in parts if part[0]] or [(0, "unit_s")]


def countdown(milliseconds: int) -> str:
    """Return `9:59` or `1:09:59`, as the script on the page goes on counting."""
    seconds = -(-max(0, milliseconds) // 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


def energy(milliwatt_hours: int) -> str:
    """Return `500 Wh` or `1.25 kWh`; the units are the same in every script."""
    wh = milliwatt_hours / MWH_PER_WH
    if wh < 1000:  # noqa: PLR2004
        return f"{wh:.0f} Wh"
    return f"{wh / 1000:.2f}".rstrip("0").rstrip(".") + " kWh"


def time_of(t: Texts, at_ms: int, now_ms: int, zone: tzinfo) -> str:
    """Return `2:05 pm`, and on another day `22 Nov, 2:05 pm`, in the owner's zone."""
    at, now = local_time(at_ms, zone), local_time(now_ms, zone)
    if at.date() == now.date():
        return _clock(t, at.time())
    day = dates.format_skeleton("MMMd", at, locale=t.locale)
    return _day_and_time(t, day, at)


def date_of(t: Texts, at_ms: int, zone: tzinfo) -> str:
    """Return `22 Nov 2026, 2:05 pm`, for receipts."""
    at = local_time(at_ms, zone)
    return _day_and_time(t, dates.format_date(at, locale=t.locale), at)


def _day_and_time(t: Texts, day: str, at: datetime) -> str:
    return str(t.locale.datetime_formats["medium"]).format(_clock(t, at.time()), day)


def _clock(t: Texts, at: time) -> str:
    """Return a time of day on one line; old phones may have no narrow space."""
    shown = dates.format_time(at, "short", locale=t.locale)
    return shown.replace(_NARROW_SPACE, _SPACE).replace(" ", _SPACE)


def hours(t: Texts, opening: OpeningHours) -> str:
    """Return when a bay is open."""
    names = dates.get_day_names("abbreviated", "stand-alone", t.locale)
    days = ", ".join(names[day] for day in sorted(opening.weekdays))
    if opening.opens_min == opening.closes_min:
        return t("hours_all_day", days=days)
    return t(
        "hours",
        opens=_clock(t, _time(opening.opens_min)),
        closes=_clock(t, _time(opening.closes_min)),
        days=days,
    )


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
