"""Prints how the time of scoring grows with rows and with rules, and draws it to `docs/pictures/growth.svg`.

python benchmarks/growth.py [--rows 250000 500000 1000000 2000000 4000000] [--rules 50 100 200 400] [--times 3]

Rows: `riskengine score` from Parquet to Parquet, each size in a process of its own. Rules: one table in memory with all
result columns, and packs of that many rules, made from the shipped one: its first rules in the order of their chains,
or all of them several times under other names. Time is CPU time, of which other work on the machine changes least.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import altair as alt
import narwhals as nw
import polars as pl
import vl_convert
from measuring import make_tables, scored

from riskengine.assessment.build import build, load_pack
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not
from riskengine.pack.model import Pack, Rule
from riskengine.portfolio.expressions import Scorer

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "growth.svg"
TABLE = 200_000
"""Rows of the table that packs of several sizes score."""


def main() -> None:
    """Print the figures and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 500_000, 1_000_000, 2_000_000, 4_000_000])
    parser.add_argument("--rules", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    found = {"rows": by_rows(given.rows, given.times), "rules": by_rules(given.rules, given.times)}
    for what, times in found.items():
        for size, seconds in times.items():
            print(f"{size:,} {what}: {seconds:.2f} s of CPU time")
        print(f"  time grows as {what} to the power of {exponent(times):.2f} (no worse than 1)")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(found), encoding="utf-8")
    print(f"drawn to {PICTURE}")


def exponent(times: Mapping[int, float]) -> float:
    """Give the slope of time against size, both as logarithms."""
    sizes = [math.log(size) for size in times]
    return statistics.linear_regression(sizes, [math.log(seconds) for seconds in times.values()]).slope


def by_rows(sizes: Sequence[int], times: int) -> dict[int, float]:
    """Measure the whole command on tables of several lengths."""
    found: dict[int, list[float]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = {size: folder / f"{size}.parquet" for size in sizes}
        for size, table in tables.items():
            make_tables([table], size)
        for _ in range(times):
            for size, table in tables.items():
                found[size].append(scored(table, folder / "out.parquet", []).cpu)
    return {size: statistics.median(all_) for size, all_ in found.items()}


def by_rules(sizes: Sequence[int], times: int) -> dict[int, float]:
    """Measure one table in memory with packs of several sizes."""
    shipped = load_pack().pack
    with tempfile.TemporaryDirectory() as name:
        table = Path(name) / "table.parquet"
        make_tables([table], TABLE)
        frame = pl.read_parquet(table)
    columns = {question.id: question.id for question in shipped.questions}
    queries: dict[int, pl.LazyFrame] = {}
    for size in sizes:
        built = build(with_rules(shipped, size))
        scorer = Scorer(built, built.prior)
        queries[size] = scorer.scored(nw.from_native(frame.lazy()), columns, {}).to_native()
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(times):
        for size, query in queries.items():
            start = _cpu()
            query.collect(engine="streaming")
            found[size].append(_cpu() - start)
    return {size: statistics.median(all_) for size, all_ in found.items()}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# --- packs of any size -------------------------------------------------------------------------------------


def with_rules(pack: Pack, size: int) -> Pack:
    """Give a pack of so many rules: the first of them, or all of them again and again under other names."""
    ordered = [pack.rule[rule] for rule in pack.rule_order]
    rules: list[Rule] = []
    for turn in count():
        rules += [_renamed(rule, f"-{turn}" if turn else "") for rule in ordered[: size - len(rules)]]
        if len(rules) == size:
            return replace(pack, rules=tuple(rules))
    raise AssertionError


def _renamed(rule: Rule, mark: str) -> Rule:
    return replace(
        rule,
        id=f"{rule.id}{mark}",
        when=_marked(rule.when, mark),
        concludes=None if rule.concludes is None else f"{rule.concludes}{mark}",
        group=None if rule.group is None else f"{rule.group}{mark}",
    )


def _marked(condition: Condition, mark: str) -> Condition:
    match condition:
        case Conclusion(name):
            return Conclusion(f"{name}{mark}")
        case Not(part):
            return Not(_marked(part, mark))
        case All(parts):
            return All(tuple(_marked(part, mark) for part in parts))
        case Any(parts):
            return Any(tuple(_marked(part, mark) for part in parts))
        case AtLeast(needed, parts):
            return AtLeast(needed, tuple(_marked(part, mark) for part in parts))
        case _:
            return condition


# --- the picture -------------------------------------------------------------------------------------------


def drawn(found: Mapping[str, Mapping[int, float]]) -> str:
    """Draw seconds against size, both from 0, so that what grows evenly is a straight line."""
    charts = []
    for what, times in found.items():
        points = [{what: size, "seconds": seconds} for size, seconds in times.items()]
        title = f"{what} (grows to the power of {exponent(times):.2f})"
        line = alt.Chart(alt.Data(values=points)).mark_line(point=True, color="#2a5d84")
        charts.append(
            line.encode(
                alt.X(f"{what}:Q", title=title, axis=alt.Axis(format="~s", tickCount=5)),
                alt.Y("seconds:Q", title="CPU time, seconds", scale=alt.Scale(zero=True)),
            ).properties(width=300, height=220)
        )
    chart = alt.hconcat(*charts).configure(background="white")
    return vl_convert.vegalite_to_svg(chart.to_dict())


if __name__ == "__main__":
    main()
