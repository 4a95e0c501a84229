"""All laws, and the judgement of one soak. Pure."""

from collections.abc import Callable, Iterable

from . import current, money
from .evidence import Evidence
from .violation import Violation

type Law = Callable[[Evidence], Iterable[Violation]]

LAWS: tuple[Law, ...] = (
    money.credited_once,
    money.promised_once,
    money.nothing_open,
    money.owed_is_settled,
    money.refunds_agree,
    current.only_for_an_order,
    current.only_once_captured,
    current.never_more_than_owed,
    current.counted_as_it_was,
)


def judge(evidence: Evidence) -> list[Violation]:
    """Return every broken law."""
    return [violation for law in LAWS for violation in law(evidence)]
