"""Prints how quick `riskengine score` is on large tables, and what memory it takes: ratios in one run on one machine.

python benchmarks/portfolio.py [--rows 1000000] [--times 3] [--memory] [--quick] [--rules PACK] [--model FILE]

The peer is Polars itself, which copies the scored table: it reads and writes every result once and works nothing out.
Both are run by turns, each time in a process of its own. The forward executor assesses some of the same projects, one
by one. `--memory` also scores 4 and 16 times as many rows, which takes a while and some gigabytes below the folder for
temporary files. `--quick` takes 200,000 rows and Parquet only.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from measuring import OPEN, Used, by_turns, copied, make_tables, measured, middle, ratios, scored

import riskengine
from riskengine.engines.forward import engine_for

GROWTH = (1, 4, 16)
QUICK_ROWS = 200_000
MOST = 2.0
ONE_BY_ONE = 100
LEAST = 1_000

_REPEAT = """
import polars as pl
pl.scan_parquet([{given!r}] * {times}).sink_parquet({out!r})
"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rules")
    parser.add_argument("--model")
    given = parser.parse_args()
    rows = QUICK_ROWS if given.quick else given.rows
    options = [*(["--model", given.model] if given.model else []), *(["--rules", given.rules] if given.rules else [])]
    with tempfile.TemporaryDirectory() as name:
        tables = [Path(name) / f"projects.{kind}" for kind in (["parquet"] if given.quick else ["parquet", "csv"])]
        make_tables(tables, rows, given.rules)
        print(f"{rows:,} projects, {OPEN:.0%} of the answers open, {os.cpu_count()} cores, {given.times} turns each")
        for table in tables:
            took = compare(table, options, given.times, None if given.quick or table.suffix == ".csv" else MOST)
            if table == tables[0] and not options:
                compare_with_forward(table, rows / took.wall)
        if given.memory:
            remember(tables[0], rows, options)


def compare(table: Path, options: Sequence[str], times: int, most: float | None) -> Used:
    """Print the time against Polars copying the scored table, and give it."""
    kind = table.suffix
    out, copy = table.with_name(f"scored{kind}"), table.with_name(f"copy{kind}")
    ours, theirs = by_turns(times, lambda: scored(table, out, options), lambda: copied(out, copy))
    wall, cpu = ratios(ours, theirs)
    bound = "" if most is None else f" (at most {most:g})"
    one, other = middle(ours), middle(theirs)
    print(f"{kind[1:]} to {kind[1:]}: {one.wall:.1f} s; Polars copies the result in {other.wall:.1f} s")
    print(f"  ratio {wall:.2f}{bound}; of CPU time {one.cpu:.1f} s and {other.cpu:.1f} s: ratio {cpu:.2f}")
    print(f"  peak memory {one.peak:,.0f} MB and {other.peak:,.0f} MB; the result has {_megabytes(out):,.0f} MB")
    out.unlink()
    copy.unlink()
    return one


def compare_with_forward(table: Path, rate: float) -> None:
    """Print the rate end to end against that of single assessments, without proofs and next questions."""
    built = riskengine.load_pack()
    records = pl.scan_parquet(table).drop("project").head(ONE_BY_ONE).collect().to_dicts()
    riskengine.assess(records[0], pack=built, explain=False)
    start = time.perf_counter()
    for record in records:
        riskengine.assess(record, pack=built, explain=False)
    one_by_one = len(records) / (time.perf_counter() - start)
    name = engine_for(built.pack).name
    print(f"  {rate:,.0f} projects a second; forward on {name} {one_by_one:,.0f}: {rate / one_by_one:,.0f} times")
    print(f"  (at least {LEAST:,})")


def remember(table: Path, rows: int, options: Sequence[str]) -> None:
    """Print the memory taken as the table grows."""
    found: list[Used] = []
    for times in GROWTH:
        long, out = table.with_name("long.parquet"), table.with_name("grown.parquet")
        measured(_REPEAT.format(given=str(table), times=times, out=str(long)))
        found.append(scored(long, out, options))
        long.unlink()
        out.unlink()
        print(f"{rows * times:,} rows: peak memory {found[-1].peak:,.0f} MB, {found[-1].cpu:.0f} s of CPU time")
    peaks = [one.peak for one in found]
    print(f"  the largest is {max(peaks) / min(peaks):.2f} times the smallest (at most 1.25), all below 2,048 MB")


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


if __name__ == "__main__":
    main()
