"""Print what was measured: each target's figures, then ours as ratios to the others."""

import statistics

OURS = "bridge"
type Rounds = dict[str, list[list[float]]]


def print_all(found: dict[str, Rounds]) -> None:
    """Print figures and ratios; a ratio is taken within a round, then its median."""
    for measure in found[OURS]:
        print(f"\n{measure:20}{'p50':>9}{'p99':>9}{'max':>9}   p50 of the rounds")
        for name, rounds in found.items():
            print(_row(name, rounds[measure]))
        for name in found:
            if name != OURS:
                print(_ratio_row(name, found[OURS][measure], found[name][measure]))


def _row(name: str, rounds: list[list[float]]) -> str:
    together = [value for values in rounds for value in values]
    p50, p99 = percentiles(together)
    each = [percentiles(values)[0] for values in rounds]
    spread = f"{min(each):.2f}-{max(each):.2f}"
    return f"  {name:18}{p50:9.2f}{p99:9.2f}{max(together):9.2f}   {spread}"


def _ratio_row(name: str, ours: list[list[float]], theirs: list[list[float]]) -> str:
    pairs = [
        (percentiles(a), percentiles(b)) for a, b in zip(ours, theirs, strict=True)
    ]
    columns = []
    for index in (0, 1):
        ratios = [a[index] / b[index] if b[index] else float("nan") for a, b in pairs]
        spread = f"({min(ratios):.2f}-{max(ratios):.2f})"
        columns.append(f"{statistics.median(ratios):.2f} {spread}")
    return f"  ours / {name}: p50 {columns[0]}, p99 {columns[1]}"


def percentiles(values: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    if len(values) == 1:
        return values[0], values[0]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return statistics.median(values), cuts[98]
