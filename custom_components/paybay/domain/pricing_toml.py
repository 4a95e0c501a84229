"""`pricing.toml`: the plans of a shop in one small file.

currency = "INR"           # three capitals; INR when left out

[plans.ten_min]
amount = 10                # major units, at most two decimals; 0 is free
duration = 10              # minutes, or `duration_seconds`
name = "Ten minutes"       # optional
energy_wh = 500            # optional; needs a meter
"""

from collections.abc import Mapping
from decimal import Decimal
import re
import tomllib

from .plans import Plan
from .pricing_plan import WrongValueError, check_keys, read_plan
from .toml_lines import TomlLines

MAX_BYTES = 64 * 1024
DEFAULT_CURRENCY = "INR"

_FILE_KEYS = ("currency", "plans")
_CURRENCY = re.compile(r"[A-Z]{3}")


class PricingError(ValueError):
    """A pricing file that cannot be used: where it is wrong, and how.

    `line` counts from 1, `key` is dotted (`plans.ten_min.amount`); None is unknown.
    """

    def __init__(self, line: int | None, key: str | None, message: str) -> None:
        """Remember the place apart from the message."""
        place = ", ".join(p for p in (f"line {line}" if line else "", key or "") if p)
        super().__init__(f"{place}: {message}" if place else message)
        self.line = line
        self.key = key
        self.message = message


def read_pricing(raw: bytes) -> tuple[Plan, ...]:
    """Read the bytes of a pricing file; raise PricingError."""
    if len(raw) > MAX_BYTES:
        raise PricingError(None, None, f"the file is over {MAX_BYTES // 1024} KiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        raise PricingError(line, None, "the file is not UTF-8 text") from err
    return parse_pricing(text)


def parse_pricing(text: str) -> tuple[Plan, ...]:
    """Read the text of a pricing file; raise PricingError."""
    if len(text) > MAX_BYTES:
        raise PricingError(None, None, f"the file is over {MAX_BYTES // 1024} KiB")
    try:
        return _plans(_load(text))
    except WrongValueError as err:
        line = TomlLines(text).find(err.path)
        key = ".".join(err.path) or None
        raise PricingError(line, key, err.message) from err


def _load(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as err:
        raise PricingError(err.lineno, None, err.msg) from err
    except (ValueError, ArithmeticError, RecursionError) as err:
        # A number with thousands of digits, or brackets nested thousands deep.
        raise PricingError(None, None, "the file holds an absurd value") from err


def _plans(data: Mapping[str, object]) -> tuple[Plan, ...]:
    check_keys((), data, _FILE_KEYS)
    currency = data.get("currency", DEFAULT_CURRENCY)
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise WrongValueError(
            ("currency",), 'must be three capital letters, such as "INR"'
        )
    tables = data.get("plans")
    if not isinstance(tables, dict) or not tables:
        raise WrongValueError(("plans",), "at least one [plans.<code>] is needed")
    return tuple(read_plan(code, table, currency) for code, table in tables.items())
