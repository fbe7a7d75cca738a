"""Prints how quick `riskengine score` is on large tables, and what memory it takes: ratios in one run on one machine.

python benchmarks/portfolio.py [--rows 1000000] [--growth] [--rules PACK]

Everything it compares with is installed with riskengine: the peer is Polars itself, which copies the scored table. Each
measurement runs in a process of its own. `--growth` also scores 4 and 16 times as many rows, which takes a while and
some gigabytes below the folder for temporary files.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

GROWTH = (1, 4, 16)
OPEN = 0.1
"""The share of answers that are left open."""

_MEASURED = """
import json, os, resource, sys, time
start = time.perf_counter()
{code}
used = resource.getrusage(resource.RUSAGE_SELF)
found = {{"wall": time.perf_counter() - start, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}}
print(json.dumps(found))
"""
_SCORE = """
from riskengine.cli import main
try:
    main({arguments!r})
except SystemExit as done:
    assert not done.code, done.code
"""
_COPY = """
import polars as pl
pl.scan_{kind}({given!r}).sink_{kind}({out!r})
"""
_REPEAT = """
import polars as pl
pl.scan_parquet([{given!r}] * {times}).sink_parquet({out!r})
"""
_MAKE = """
import random
from pathlib import Path
import polars as pl
from riskengine.assessment.build import load_pack
pack = load_pack({pack!r}).pack
rows = {rows}
columns = [pl.format("P{{}}", pl.int_range(rows)).alias("project")]
for number, question in enumerate(pack.questions):
    drawn = pl.int_range(rows).shuffle(seed=number).mod(1000)
    closed = pl.int_range(rows).shuffle(seed=number + 1000).mod(1000) >= {open} * 1000
    if question.type == "number":
        value = drawn / 1000 * (question.maximum - question.minimum) + question.minimum
    else:
        levels = [level.id for level in question.levels] + ["n/a"] * question.may_not_apply
        value = drawn.mod(len(levels)).replace_strict(list(range(len(levels))), levels, return_dtype=pl.String)
    columns.append(pl.when(closed).then(value).alias(question.id))
frame = pl.select(columns)
frame.write_parquet({parquet!r})
frame.write_csv({csv!r})
"""


def measured(code: str) -> dict[str, float]:
    """Run code in a process of its own; give its wall time, CPU time and peak memory in MB."""
    command = [sys.executable, "-c", _MEASURED.format(code=code)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def scored(given: Path, out: Path, options: Sequence[str]) -> dict[str, float]:
    """Measure `riskengine score`."""
    return measured(_SCORE.format(arguments=["score", str(given), "-o", str(out), *options]))


def make(folder: Path, rows: int, pack: str | None) -> Path:
    """Write a table of random projects, as Parquet and as CSV."""
    path = folder / "projects.parquet"
    measured(_MAKE.format(pack=pack, rows=rows, open=OPEN, parquet=str(path), csv=str(path.with_suffix(".csv"))))
    return path


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--rules")
    parser.add_argument("--model", default="none")
    given = parser.parse_args()
    options = ["--model", given.model, *(["--rules", given.rules] if given.rules else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = make(folder, given.rows, given.rules)
        print(f"{given.rows:,} projects, {os.cpu_count()} cores, model: {given.model}")
        for kind in ("parquet", "csv"):
            compare(table.with_suffix(f".{kind}"), folder / f"scored.{kind}", kind, options)
        if given.growth:
            grow(table, given.rows, options)


def compare(given: Path, out: Path, kind: str, options: Sequence[str]) -> None:
    """Print the time against Polars copying the scored table."""
    ours = scored(given, out, options)
    copy = measured(_COPY.format(kind=kind, given=str(out), out=str(out.with_name(f"copy.{kind}"))))
    wall, cpu = ours["wall"] / copy["wall"], ours["cpu"] / copy["cpu"]
    print(f"{kind} to {kind}: {ours['wall']:.1f} s; Polars copies the result in {copy['wall']:.1f} s: ratio {wall:.2f}")
    print(f"  of CPU time: {ours['cpu']:.1f} s and {copy['cpu']:.1f} s: ratio {cpu:.2f}")
    print(f"  peak memory: {ours['peak']:.0f} MB and {copy['peak']:.0f} MB")
    out.unlink()
    out.with_name(f"copy.{kind}").unlink()


def grow(table: Path, rows: int, options: Sequence[str]) -> None:
    """Print time and memory as the table grows."""
    found = {}
    for times in GROWTH:
        long, out = table.with_name("long.parquet"), table.with_name("grown.parquet")
        measured(_REPEAT.format(given=str(table), times=times, out=str(long)))
        found[times] = scored(long, out, options)
        long.unlink()
        out.unlink()
        now, first = found[times], found[1]
        time, memory = now["cpu"] / first["cpu"] / times, now["peak"] / first["peak"]
        print(f"{rows * times:,} rows: {now['wall']:.0f} s; CPU time a row, against the first: {time:.2f}")
        print(f"  peak memory: {now['peak']:.0f} MB, against the first: {memory:.2f} (at most 1.25, under 2 GiB)")


if __name__ == "__main__":
    main()
