"""Runs the simulation; what is done is kept in a table, so that repetitions can be added, or one method run again.

python -m benchmarks.simulation.run [--repetitions 10] [--again METHOD] [--results FILE]
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.simulation.methods import METHODS, OURS, best_additive, judge, regret
from benchmarks.simulation.packs import MadeUp, draw_pack
from benchmarks.simulation.worlds import WORLDS, Projects, draw_world
from riskengine.assessment.build import write_output

__all__ = ["BOUND", "RESULTS", "SIZES", "read_results"]

RESULTS = Path(__file__).with_name("results.csv")
SIZES = (0, 10, 30, 100, 300, 1000, 5000)
SMALL, SMALL_HISTORIES = 30, 4
"""Chance is large in small histories: up to this size, the mean of so many is taken in each repetition."""
SEED = 20_260_101
BOUND = "best sum of findings"
COLUMNS = ("repetition", "world", "n", *METHODS, BOUND, "covered", "width")

Row = dict[str, str]


def main() -> None:
    """Run what is not in the results yet."""
    options = argparse.ArgumentParser(description="Run the simulation of the recipe.")
    options.add_argument("--repetitions", type=int, default=10, help="how many there shall be in all")
    options.add_argument("--again", choices=tuple(METHODS), help="a method to run anew in all repetitions")
    options.add_argument("--results", type=Path, default=RESULTS, help="the table, which is kept and added to")
    given = options.parse_args()
    done = read_results(given.results) if given.results.exists() else []
    kept = {number: [row for row in done if row["repetition"] == str(number)] for number in _numbers(done)}
    for number in sorted({*kept, *range(given.repetitions)}):
        known = kept.get(number, [])
        methods = (given.again,) if known and given.again else tuple(METHODS) if not known else ()
        if not methods:
            continue
        with threadpool_limits(1):  # the fits are small: threads would wait for each other
            found = repeat(number, methods)
        kept[number] = [before | new for before, new in zip(known or [{}] * len(found), found, strict=True)]
        _write(given.results, [row for one in sorted(kept) for row in kept[one]])
        sys.stderr.write(f"repetition {number + 1}\n")


def read_results(path: Path) -> list[Row]:
    """Read what was run: a row for each repetition, world and size."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbers(rows: Sequence[Row]) -> set[int]:
    return {int(row["repetition"]) for row in rows}


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_output(path, text.getvalue())


def repeat(repetition: int, methods: Collection[str]) -> list[Row]:
    """Run one repetition: one pack in all worlds, with histories of all sizes.

    Args:
        repetition: Its number, which decides all that chance does.
        methods: Which methods.

    Returns:
        A row for each world and size.
    """
    pack = draw_pack(np.random.default_rng([SEED, repetition]))
    rows: list[Row] = []
    for number, (world, wrongs) in enumerate(WORLDS.items(), start=1):
        history, future = draw_world(pack, wrongs, np.random.default_rng([SEED, repetition, number]))
        about = {"repetition": str(repetition), "world": world, BOUND: f"{best_additive(future):.2f}"}
        rows += [about | row for row in _compared(methods, pack, history, future)]
    return rows


def _compared(methods: Collection[str], pack: MadeUp, history: Projects, future: Projects) -> Iterator[Row]:
    for size in SIZES:
        parts = range(SMALL_HISTORIES if 0 < size <= SMALL else 1)
        judged = [_judged(methods, pack, history.part(number, size), future) for number in parts]
        yield {"n": str(size)} | {name: f"{fmean(one[name] for one in judged):.4f}" for name in judged[0]}


def _judged(methods: Collection[str], pack: MadeUp, history: Projects, future: Projects) -> dict[str, float]:
    truth, found = future.probability, {}
    for name in methods:
        judged = judge(name, pack, history, future.findings)
        found[name] = regret(truth, judged.probability)
        if name == OURS and judged.low is not None and judged.high is not None:
            found["covered"] = float(((judged.low <= truth) & (truth <= judged.high)).mean())
            found["width"] = float((judged.high - judged.low).mean())
    return found


if __name__ == "__main__":
    main()
