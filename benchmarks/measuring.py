"""What the benchmarks share: code measured in processes of its own, and tables of random projects."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

OPEN = 0.3
"""The share of answers that are left open."""

_MEASURED = """
import json, resource, time
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
_MAKE = """
import polars as pl
from riskengine.assessment.build import load_pack
rows = {rows}
columns = [pl.format("P{{}}", pl.int_range(rows)).alias("project")]
for number, question in enumerate(load_pack({pack!r}).pack.questions):
    drawn = pl.int_range(rows).shuffle(seed=number).mod(1000)
    closed = pl.int_range(rows).shuffle(seed=number + 1000).mod(1000) >= {open} * 1000
    if question.type == "number":
        value = drawn / 1000 * (question.maximum - question.minimum) + question.minimum
    else:
        levels = [level.id for level in question.levels] + ["n/a"] * question.may_not_apply
        value = drawn.mod(len(levels)).replace_strict(list(range(len(levels))), levels, return_dtype=pl.String)
    columns.append(pl.when(closed).then(value).alias(question.id))
frame = pl.select(columns)
for path in {paths!r}:
    frame.write_csv(path) if path.endswith(".csv") else frame.write_parquet(path)
"""


@dataclass(frozen=True)
class Used:
    """What a process took: seconds of wall and of CPU time, peak memory in MB."""

    wall: float
    cpu: float
    peak: float


def measured(code: str) -> Used:
    """Run code in a process of its own."""
    command = [sys.executable, "-c", _MEASURED.format(code=code)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Used(**json.loads(done.stdout.splitlines()[-1]))


def make_tables(paths: Sequence[Path], rows: int, pack: str | None = None, open_: float = OPEN) -> None:
    """Write one table of random projects under each name, as CSV or Parquet."""
    measured(_MAKE.format(pack=pack, rows=rows, open=open_, paths=[str(path) for path in paths]))


def scored(given: Path, out: Path, options: Sequence[str]) -> Used:
    """Measure `riskengine score`."""
    return measured(_SCORE.format(arguments=["score", str(given), "-o", str(out), *options]))


def copied(given: Path, out: Path) -> Used:
    """Measure Polars copying a table, with its own defaults, which riskengine writes with as well."""
    return measured(_COPY.format(kind=given.suffix[1:], given=str(given), out=str(out)))


def by_turns(times: int, *measures: Callable[[], Used]) -> list[list[Used]]:
    """Measure several things by turns, so that whatever else the machine does falls on all of them."""
    rounds = [[measure() for measure in measures] for _ in range(times)]
    return [list(one) for one in zip(*rounds, strict=True)]


def middle(found: Sequence[Used]) -> Used:
    """Give the medians."""
    return Used(*(statistics.median(getattr(one, what) for one in found) for what in ("wall", "cpu", "peak")))


def ratios(ours: Sequence[Used], theirs: Sequence[Used]) -> tuple[float, float]:
    """Give the medians of the paired ratios, of wall and of CPU time."""
    pairs = list(zip(ours, theirs, strict=True))
    wall = statistics.median(one.wall / other.wall for one, other in pairs)
    return wall, statistics.median(one.cpu / other.cpu for one, other in pairs)
