"""Sign a catalogue of the customer's pages; script/sign-language calls it."""

from datetime import UTC, datetime
import sys

from custom_components.paybay.web.customer.signatures import sign
from custom_components.paybay.web.customer.texts import DEFAULT, FOLDER, is_known


def main(code: str, name: str) -> int:
    """Return what the shell is to return."""
    if code == DEFAULT or not is_known(code):
        print(f"there is no language {code!r} to sign in {FOLDER}", file=sys.stderr)
        return 1
    try:
        sign(FOLDER / f"{code}.json", name, datetime.now(UTC).date())
    except ValueError as err:
        print(err, file=sys.stderr)
        return 1
    print(f"{code} is signed by {name.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
