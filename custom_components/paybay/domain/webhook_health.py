"""Whether a webhook does its job, judged by the payments it should have told of.

What a stranger can send proves nothing: a payment that the provider itself lists does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

JUDGED = 10
"""How many of the latest payments are judged."""
MISSED = 3
"""How many of them may not be missed. One or two are a bad moment, not a habit."""
HEALED = 3
"""How many in a row, the latest ones, show that all is well again."""
BAD_SIGNATURES = 3
"""How many bad signatures are a habit: one payment alone makes three or four events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """What is known of a webhook.

    `told` says of each of the latest payments, the newest first, whether it was told
    of. `bad_signatures` and `missed_since_good` (payments) count since the last event
    that was verified. `expected` is False where polling alone is meant to do it.
    """

    expected: bool
    told: Sequence[bool] = ()
    bad_signatures: int = 0
    missed_since_good: int = 0

    @property
    def missed(self) -> int:
        """How many of the latest payments it did not tell of."""
        return sum(not told for told in self.told)


def signatures_fail(facts: WebhookFacts) -> bool:
    """Return whether the provider signs with another secret than ours.

    Bad signatures alone are anybody's; together with a payment that nobody told of
    they are the provider's own.
    """
    return (
        facts.expected
        and facts.bad_signatures >= BAD_SIGNATURES
        and facts.missed_since_good > 0
    )


def is_silent(facts: WebhookFacts) -> bool:
    """Return whether the webhook steadily fails to arrive, for whatever reason."""
    if not facts.expected or facts.missed < MISSED:
        return False
    return not all(facts.told[:HEALED])
