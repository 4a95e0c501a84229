"""One plan of a pricing file, value by value."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
import re

from .money import Money, MoneyError
from .plans import Plan, PlanError

MAX_NAME_LENGTH = 60

_PLAN_KEYS = ("amount", "duration", "duration_seconds", "name", "energy_wh")
# Far above any price or duration, far below what makes exact arithmetic slow.
_LARGEST_NUMBER = 10**9
_MAX_DECIMALS = 9
_SECONDS_PER_MINUTE = 60

type _Path = tuple[str, ...]


class WrongValueError(ValueError):
    """What is wrong with the value at `path`; its line is not looked up yet."""

    def __init__(self, path: _Path, message: str) -> None:
        """Keep both apart."""
        super().__init__(message)
        self.path = path
        self.message = message


def check_keys(path: _Path, table: Mapping[str, object], known: Iterable[str]) -> None:
    """Refuse keys nobody knows, and guess what was meant; raise WrongValueError."""
    for key in table:
        if key not in known:
            close = get_close_matches(key.lower(), known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise WrongValueError((*path, key), f"unknown key{hint}")


def friendly_name(code: str) -> str:
    """Turn `ten_min` into `Ten min`."""
    return re.sub(r"[_-]+", " ", code).strip().capitalize() or code


def read_plan(code: str, table: object, currency: str) -> Plan:
    """Read `[plans.<code>]`; raise WrongValueError."""
    path = ("plans", code)
    if not isinstance(table, dict):
        raise WrongValueError(path, f"must be a table: [plans.{code}]")
    check_keys(path, table, _PLAN_KEYS)
    duration_key, duration_s = _duration(path, table)
    try:
        return Plan(
            code=code,
            name=_name(path, table),
            price=_price(path, table, currency),
            duration_s=duration_s,
            energy_wh=_energy(path, table),
        )
    except PlanError as err:
        keys = {"code": path, "duration": (*path, duration_key)}
        raise WrongValueError(keys.get(err.key, (*path, err.key)), str(err)) from err


def _price(path: _Path, table: Mapping[str, object], currency: str) -> Money:
    if "amount" not in table:
        raise WrongValueError(path, "amount is missing")
    path = (*path, "amount")
    try:
        return Money.from_major(_number(path, table["amount"]), currency)
    except MoneyError as err:
        raise WrongValueError(path, str(err)) from err


def _duration(path: _Path, table: Mapping[str, object]) -> tuple[str, int]:
    given = [key for key in ("duration", "duration_seconds") if key in table]
    if not given:
        raise WrongValueError(path, "duration (minutes) is missing")
    if len(given) > 1:
        raise WrongValueError(
            (*path, given[1]), "give duration or duration_seconds, not both"
        )
    key = given[0]
    value = _number((*path, key), table[key])
    seconds = value * _SECONDS_PER_MINUTE if key == "duration" else value
    if seconds != int(seconds):
        raise WrongValueError((*path, key), f"{value} is not a whole number of seconds")
    return key, int(seconds)


def _name(path: _Path, table: Mapping[str, object]) -> str:
    name = table.get("name", friendly_name(path[-1]))
    if not isinstance(name, str) or not name.isprintable():
        raise WrongValueError((*path, "name"), "must be a text on one line")
    if not 0 < len(name.strip()) <= MAX_NAME_LENGTH:
        message = f"must be 1 to {MAX_NAME_LENGTH} characters long"
        raise WrongValueError((*path, "name"), message)
    return name.strip()


def _energy(path: _Path, table: Mapping[str, object]) -> int | None:
    if "energy_wh" not in table:
        return None
    value = _number((*path, "energy_wh"), table["energy_wh"])
    if value != int(value):
        raise WrongValueError(
            (*path, "energy_wh"), "must be a whole number of watt-hours"
        )
    return int(value)


def _number(path: _Path, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise WrongValueError(path, "must be a number, without quotes")
    number = Decimal(value)
    if not number.is_finite() or abs(number) > _LARGEST_NUMBER:
        raise WrongValueError(path, "is not a sensible number")
    if round(number, _MAX_DECIMALS) != number:
        raise WrongValueError(path, f"{value} has too many decimals")
    return number
