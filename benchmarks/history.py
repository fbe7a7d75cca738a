"""Prints how long training and evaluation take on a large history.

python benchmarks/history.py [--rows 10000]

The history is made up: projects drawn as the reference sample of the shipped pack is, a fifth of their answers left
open, which fail as often as the rules say. Both commands run as processes of their own.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.assessment.reference import draw
from riskengine.assessment.score import contributions, expit
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import NOT_APPLICABLE, Value

SEED = 10_000
OPEN = 0.2
"""The share of answers that are left open."""
TRAIN, EVALUATE = 10.0, 300.0
"""Seconds that 10,000 rows may take."""
_COMMAND = "from riskengine.cli import main; main()"


@dataclass(frozen=True)
class _Took:
    """Seconds of wall time and, for busy machines, of the processor's time."""

    wall: float
    processor: float


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description="Time training and evaluation on a large history.")
    options.add_argument("--rows", type=int, default=10_000)
    rows = options.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder, "history.csv")
        _write(history, load_pack(), rows)
        train = _timed("model", "train", str(history), "-o", str(Path(folder, "model.json")))
        evaluate = _timed("model", "evaluate", str(history), "--json")
    print(f"{rows:,} rows, whole processes; limits for 10,000 rows on two cores")
    for name, took, limit in (("train", train, TRAIN), ("evaluate", evaluate, EVALUATE)):
        print(
            f"model {name:<9} {took.wall:6.1f} s, processor {took.processor:6.1f} s, {rows / took.wall:7.0f} rows/s, "
            f"{100 * took.wall / limit:3.0f} % of the limit of {limit:g} s"
        )
    print(f"an evaluation takes {evaluate.processor / train.processor:.1f} times the processor time of a training")


def _write(path: Path, built: BuiltPack, rows: int) -> None:
    names = ("project", "outcome", "date", "ended", *(question.id for question in built.pack.questions))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(_projects(built, rows))


def _projects(built: BuiltPack, rows: int) -> Iterator[dict[str, object]]:
    chance = random.Random(SEED)
    for number, answers in enumerate(draw(built.pack, rows, SEED)):
        begun = date(2000, 1, 1) + timedelta(days=number % 9_000)
        known = {question: _cell(value) for question, value in answers.items() if chance.random() >= OPEN}
        failed = chance.random() < _probability(built, answers)
        yield {
            "project": f"made-up-{number}",
            "outcome": "failed" if failed else "succeeded",
            "date": begun.isoformat(),
            "ended": (begun + timedelta(days=300)).isoformat(),
            **known,
        }


def _cell(value: Value) -> object:
    return "n/a" if value is NOT_APPLICABLE else value


def _probability(built: BuiltPack, answers: Mapping[str, Value]) -> float:
    """Give the probability by the rules at full weight."""
    states = BUILT_IN.findings(built.pack, answers).rules
    found = contributions(built.pack, built.centre, built.prior.factors, states)
    return expit(built.prior.base + sum(found.exact.values()))


def _timed(*command: str) -> _Took:
    """Run riskengine and give what it took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _COMMAND, *command], check=False, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"riskengine {' '.join(command)} failed:\n{done.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Took(wall, used)


if __name__ == "__main__":
    main()
