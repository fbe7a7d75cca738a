"""Prints how many records a second riskengine works out in memory, against engines that take one at a time.

pip install "zen-engine>=2.1"
python benchmarks/rivals.py [--rows 1000000] [--records 4000] [--times 5]

All get the same random projects, every question answered, and the shipped rules. zen-engine (Rust, by way of its Python
package) finds which rules fire, and no more: two translations of the rules are tried, in each way of calling it that
its documentation has, and the quickest counts. The columnar executor finds the states of the rules, the probability
and its range of answers. The forward executor does on durable-rules, and on the built-in closure, what it does for one
assessment: states, and with `assess` all numbers. That all find the same is checked first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import zen
from measuring import make_tables
from zen_model import ZenModel

from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers, choose_model
from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.engines.columnar import Columnar, rule_column
from riskengine.engines.forward import BUILT_IN, engine_for
from riskengine.engines.protocol import Engine
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack
from riskengine.portfolio.expressions import Scorer

Record = dict[str, Any]
CHECKED = 2_000
LEAST = 1_000
SLOW = 50
"""Records for an executor that takes long for each."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=4_000)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    built = load_pack()
    frame = projects(built.pack, given.rows)
    records = frame.head(max(given.records, CHECKED)).to_dicts()
    model = ZenModel(built.pack)
    check(built.pack, frame.head(CHECKED), records[:CHECKED], model)
    print(f"{len(built.pack.rules)} rules, {len(built.pack.questions)} questions, {os.cpu_count()} cores")
    columns = columnar(built, frame)
    ways = {name: (call, records[: given.records]) for name, call in ways_of_zen(model).items()}
    forward = ways_of_forward(built)
    rates: dict[str, list[float]] = {}
    # by turns, so that whatever else the machine does falls on all of them
    for _ in range(given.times):
        rates.setdefault("columnar", []).append(rate(columns, given.rows))
        for name, (call, some) in ways.items():
            rates.setdefault(name, []).append(rate(lambda call=call, some=some: call(some), len(some)))
        for name, one in forward.items():
            some = records[:SLOW]
            rates.setdefault(name, []).append(rate(lambda one=one, some=some: [one(r) for r in some], SLOW))
    show(rates, "columnar")
    best = max(ways, key=lambda name: statistics.median(rates[name]))
    print(f"against the quickest way of zen-engine: {_ratio(rates, best):,.0f} times (at least {LEAST:,})")


def projects(pack: Pack, rows: int) -> pl.DataFrame:
    """Draw projects; levels are held as Polars holds what has few values."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.parquet"
        make_tables([path], rows, open_=0.0)
        frame = pl.read_parquet(path).drop("project")
    levels = {
        one.id: pl.Enum([*one.level_ids, *([NOT_APPLICABLE_LEVEL] if one.may_not_apply else [])])
        for one in pack.questions
        if one.type != "number"
    }
    return frame.with_columns(pl.col(question).cast(held) for question, held in levels.items())


def rate(call: Callable[[], object], records: int) -> float:
    """Give the records a second."""
    start = time.perf_counter()
    call()
    return records / (time.perf_counter() - start)


def show(rates: Mapping[str, Sequence[float]], ours: str) -> None:
    """Print all rates, and what ours is against each."""
    for name, found in rates.items():
        against = "" if name == ours else f"; columnar is {_ratio(rates, name):,.0f} times as quick"
        print(f"{name}: {statistics.median(found):,.0f} records a second{against}")


def _ratio(rates: Mapping[str, Sequence[float]], name: str) -> float:
    return statistics.median(one / other for one, other in zip(rates["columnar"], rates[name], strict=True))


# --- each engine -------------------------------------------------------------------------------------------


def columnar(built: BuiltPack, frame: pl.DataFrame) -> Callable[[], object]:
    """Compile the pack for these columns: all states, the probability and its range of answers."""
    columns = {question.id: question.id for question in built.pack.questions}
    scorer = Scorer(built, choose_model(built, None))
    worked_out: pl.LazyFrame = scorer.worked_out(nw.from_native(frame.lazy()), columns, {}).to_native()
    states = [rule_column(rule.id) for rule in built.pack.rules]
    query = worked_out.select("failure_probability", "answers_low", "answers_high", *states)
    return lambda: query.collect(engine="streaming")


def ways_of_zen(model: ZenModel) -> dict[str, Callable[[Sequence[Record]], object]]:
    """Give each way of calling zen-engine, of which all keep the compiled model."""
    ways: dict[str, Callable[[Sequence[Record]], object]] = {}
    for name, text in (("expressions", model.expressions), ("tables", model.tables)):
        decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(text))
        engine = zen.ZenEngine({"loader": {"type": "static", "content": {"model": json.loads(text)}}})
        ways[f"zen-engine, {name}"] = lambda records, decision=decision: [decision.evaluate(one) for one in records]
        ways[f"zen-engine, {name}, by key"] = lambda records, engine=engine: [
            engine.evaluate("model", one) for one in records
        ]
        ways[f"zen-engine, {name}, asynchronous"] = lambda records, decision=decision: asyncio.run(
            _all_of(decision, records)
        )
        ways[f"zen-engine, {name}, in one batch"] = lambda records, engine=engine: engine.evaluate_batch(
            [{"key": "model", "context": one} for one in records]
        )
    return ways


async def _all_of(decision: Any, records: Sequence[Record]) -> list[Any]:
    return await asyncio.gather(*(decision.async_evaluate(one) for one in records))


def ways_of_forward(built: BuiltPack) -> dict[str, Callable[[Record], object]]:
    """Give what the forward executor does for one assessment."""
    model, registered = choose_model(built, None), engine_for(built.pack)

    def assess(engine: Engine, record: Record) -> object:
        return assess_answers(Answers(_values(record)), built, model, explain=False, engine=engine)

    return {
        f"forward on {registered.name}, all numbers": lambda record: assess(registered, record),
        "forward on the built-in closure, all numbers": lambda record: assess(BUILT_IN, record),
        "forward on the built-in closure, states": lambda record: BUILT_IN.findings(built.pack, _values(record)),
    }


def _values(record: Record) -> dict[str, Value]:
    return {name: NOT_APPLICABLE if value == NOT_APPLICABLE_LEVEL else value for name, value in record.items()}


def check(pack: Pack, frame: pl.DataFrame, records: Sequence[Record], model: ZenModel) -> None:
    """Make sure that all find the same."""
    executor = Columnar(pack)
    typed = executor.typed(nw.from_native(frame), {one: one for one in frame.columns}, {})
    names = {rule_column(rule.id): rule.id for rule in pack.rules}
    rows = executor.states(typed).to_native().select(*names).iter_rows(named=True)
    decisions = [zen.ZenEngine().create_decision(text) for text in (model.expressions, model.tables)]
    for record, row in zip(records, rows, strict=True):
        fires = {rule for column, rule in names.items() if row[column]}
        for decision in decisions:
            assert model.found(decision.evaluate(record)["result"]) == fires, record
    for record in records[:SLOW]:
        states = BUILT_IN.findings(pack, _values(record)).rules
        assert model.found(decisions[0].evaluate(record)["result"]) == {one for one, held in states.items() if held}
    print(f"all find the same in {len(records):,} records")


if __name__ == "__main__":
    main()
