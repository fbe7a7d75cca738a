"""Makes the tables of `docs/simulation.md` from the results of the simulation.

python -m benchmarks.simulation.table [--write] [--results FILE]
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from benchmarks.simulation.methods import METHODS, OURS, RULES
from benchmarks.simulation.run import BOUND, RESULTS, SIZES, Row, read_results
from benchmarks.simulation.worlds import WORLDS

__all__ = ["LEAST_COVERAGE", "MOST_EXCESS", "PAGE", "Estimate", "Results", "renewed"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "simulation.md"
REGION = re.compile(r"(<!--simulation (\w+)-->\n).*?(?=<!--end-->)", re.DOTALL)
MOST_EXCESS, LEAST_COVERAGE = 15.0, 0.85


class Estimate(NamedTuple):
    """A mean over the repetitions, with its standard error."""

    mean: float
    error: float

    def shown(self, decimals: int = 1) -> str:
        """Give it as text; there is no negative zero for a reader."""
        return f"{_zeroed(self.mean, decimals)} ± {self.error:.{decimals}f}"


def _zeroed(value: float, decimals: int) -> str:
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


class Results:
    """What the repetitions found, by world, size of the history and column."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._found: dict[tuple[str, int], list[Row]] = {}
        for row in rows:
            self._found.setdefault((row["world"], int(row["n"])), []).append(row)

    @property
    def repetitions(self) -> int:
        """How many there were."""
        return len(self._found[next(iter(WORLDS)), 0])

    @property
    def methods(self) -> tuple[str, ...]:
        """Which methods were compared."""
        return tuple(METHODS)

    def estimate(self, world: str, size: int, value: Callable[[Mapping[str, float]], float]) -> Estimate:
        """Give the mean of a value over the repetitions.

        Args:
            world: Name of the world.
            size: Projects in the history.
            value: Of a repetition's figures by column.
        """
        values = [value(_Figures(row)) for row in self._found[world, size]]
        return Estimate(fmean(values), stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan)

    def regret(self, world: str, size: int, method: str) -> Estimate:
        """Give a method's regret."""
        return self.estimate(world, size, lambda row: row[method])

    def excess(self, world: str, size: int, method: str) -> Estimate:
        """Give by how much a method's regret is above that of the rules, in the same repetitions."""
        return self.estimate(world, size, lambda row: row[method] - row[RULES])

    def worst_excess(self, size: int, method: str) -> Estimate:
        """Give the excess in the world where its mean is largest."""
        return max(self.excess(world, size, method) for world in WORLDS)

    def distance(self, world: str, size: int) -> Estimate:
        """Give by how much our regret is above that of the world's best method, chosen with hindsight."""
        best = min(METHODS, key=lambda method: self.regret(world, size, method).mean)
        return self.estimate(world, size, lambda row: row[OURS] - row[best])


class _Figures(dict[str, float]):
    def __init__(self, row: Row) -> None:
        super().__init__({name: float(text) for name, text in row.items() if name not in ("world", "repetition", "n")})


def main() -> None:
    """Print the tables, or write them into the page."""
    options = argparse.ArgumentParser(description="Make the tables of docs/simulation.md.")
    options.add_argument("--write", action="store_true", help="write them into the page")
    options.add_argument("--results", type=Path, default=RESULTS, help="the results of the simulation")
    given = options.parse_args()
    results = Results(read_results(given.results))
    if given.write:
        PAGE.write_text(renewed(PAGE.read_text("utf-8"), results), "utf-8")
        return
    for name, table in TABLES.items():
        sys.stdout.write(f"{name}\n\n{table(results)}\n")


def renewed(page: str, results: Results) -> str:
    """Give the page with its tables made anew from the results."""
    return REGION.sub(lambda region: region[1] + TABLES[region[2]](results), page)


def _table(first: str, columns: Iterable[object], lines: Mapping[str, Sequence[str]]) -> str:
    head = [first, *map(str, columns)]
    rows = [[name, *cells] for name, cells in lines.items()]
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ruler, *rows))


def _sizes(cells: Callable[[int], str], sizes: Sequence[int] = SIZES) -> list[str]:
    return [cells(size) for size in sizes]


def _regrets(results: Results) -> str:
    lines = {}
    for world in WORLDS:
        floor = results.estimate(world, 0, lambda row: row[BOUND]).mean
        rules = results.regret(world, 0, RULES).mean
        ours = _sizes(lambda size, world=world: results.regret(world, size, OURS).shown())
        lines[world] = [_zeroed(rules, 1), *ours, _zeroed(floor, 1)]
    return _table("world", ["rules only", *(f"n = {size}" for size in SIZES), BOUND], lines)


def _excesses(results: Results) -> str:
    lines = {world: _sizes(lambda size, world=world: results.excess(world, size, OURS).shown()) for world in WORLDS}
    lines["**worst**"] = _sizes(lambda size: f"**{results.worst_excess(size, OURS).shown()}**")
    return _table("world", (f"n = {size}" for size in SIZES), lines)


def _methods(results: Results) -> str:
    sizes = SIZES[1:]
    lines = {
        method: _sizes(lambda size, method=method: results.worst_excess(size, method).shown(), sizes)
        for method in METHODS
    }
    return _table("method", (f"n = {size}" for size in sizes), lines)


def _means(results: Results) -> str:
    lines = {}
    for method in METHODS:
        cells = _sizes(lambda size, method=method: _zeroed(_over_worlds(results, size, method), 1))
        lines[method] = cells if method in (RULES, OURS, "base rate only") else ["", *cells[1:]]
    return _table("method", (f"n = {size}" for size in SIZES), lines)


def _over_worlds(results: Results, size: int, method: str) -> float:
    return fmean(results.regret(world, size, method).mean for world in WORLDS)


def _distances(results: Results) -> str:
    lines = {world: _sizes(lambda size, world=world: results.distance(world, size).shown()) for world in WORLDS}
    lines["**largest**"] = _sizes(lambda size: f"**{max(results.distance(world, size) for world in WORLDS).shown()}**")
    return _table("world", (f"n = {size}" for size in SIZES), lines)


def _ranges(results: Results) -> str:
    def cell(world: str, size: int) -> str:
        covered = results.estimate(world, size, lambda row: 100 * row["covered"])
        width = results.estimate(world, size, lambda row: 100 * row["width"])
        return f"{covered.shown()} ({width.mean:.0f})"

    lines = {world: _sizes(lambda size, world=world: cell(world, size)) for world in WORLDS}
    return _table("world", (f"n = {size}" for size in SIZES), lines)


def _verdict(results: Results) -> str:
    over, under = [], []
    for world in WORLDS:
        for size in SIZES:
            excess = results.excess(world, size, OURS)
            covered = results.estimate(world, size, lambda row: row["covered"])
            if excess.mean > MOST_EXCESS:
                over.append(f"{world} at n = {size} ({excess.shown()})")
            if covered.mean < LEAST_COVERAGE - 2 * covered.error:
                under.append(f"{world} at n = {size} ({100 * covered.mean:.1f} %)")
    return (
        f"{results.repetitions} repetitions. Mean excess over the rules above {MOST_EXCESS:g}: "
        f"{', '.join(over) or 'nowhere'}. Range that holds fewer than {100 * LEAST_COVERAGE:g} % of the true "
        f"probabilities (less two standard errors): {', '.join(under) or 'nowhere'}.\n"
    )


TABLES: Mapping[str, Callable[[Results], str]] = {
    "verdict": _verdict,
    "regret": _regrets,
    "excess": _excesses,
    "methods": _methods,
    "means": _means,
    "distance": _distances,
    "ranges": _ranges,
}

if __name__ == "__main__":
    main()
