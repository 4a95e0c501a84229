"""The pins, recorded by a program of its own that nobody kills.

    python -m bench.crash.pin_trace BOARD TRACE

Each line of the trace is a change: pin, level, Unix seconds.
"""

from collections.abc import Iterable
from pathlib import Path
import sys
import threading

from demo.recorder import watch

from .evidence import On


def main(board: str, trace: str) -> None:
    """Record until killed."""
    with Path(trace).open("a", encoding="ascii", buffering=1) as out:
        for changes in watch(Path(board), threading.Event()):
            out.writelines(
                f"{change.pin} {int(change.high)} {change.at:.6f}\n"
                for change in changes
            )


def read(trace: Path) -> list[On]:
    """Return each time a pin was high, in the order they began."""
    return list(_join(trace.read_text(encoding="ascii").splitlines()))


def _join(lines: Iterable[str]) -> Iterable[On]:
    high: dict[int, float] = {}
    found: list[On] = []
    for line in lines:
        pin, level, at = line.split()
        if level == "1":
            high[int(pin)] = float(at)
        elif int(pin) in high:
            began_s = high.pop(int(pin))
            found.append(On(pin=int(pin), start_s=began_s, end_s=float(at)))
    found += [On(pin=pin, start_s=at, end_s=None) for pin, at in high.items()]
    return sorted(found, key=lambda on: on.start_s)


if __name__ == "__main__":
    main(*sys.argv[1:])
