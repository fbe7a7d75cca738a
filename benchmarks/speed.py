"""Prints how quick riskengine is, as ratios in one run on one machine where that is possible.

python benchmarks/speed.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "data" / "cases" / "zillow-offers.yaml"
SCRIPT = Path(sys.executable).with_name("riskengine")

TWO_COMMANDS = '''
import typer
app = typer.Typer()

@app.command()
def hello(name: str) -> None:
    """Say hello."""

@app.command()
def goodbye(name: str, formal: bool = False) -> None:
    """Say goodbye."""

app()
'''


def wall(command: Sequence[str]) -> float:
    """Run a command once and give its wall time in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "COLUMNS": "80"})
    return time.perf_counter() - start


def paired(first: Sequence[str], second: Sequence[str], runs: int = 15) -> tuple[float, float, float]:
    """Run two commands in turn; give both medians and the median of the paired ratios."""
    wall(first), wall(second)
    pairs = [(wall(first), wall(second)) for _ in range(runs)]
    medians = (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs))
    return (*medians, statistics.median(pair[0] / pair[1] for pair in pairs))


def in_process(call: Callable[[], object], runs: int = 50) -> float:
    """Give the median time of a call, in milliseconds, after some runs to warm up."""
    for _ in range(5):
        call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "two_commands.py"
        app.write_text(TWO_COMMANDS)
        ours, theirs, ratio = paired([str(SCRIPT), "--help"], [sys.executable, str(app), "--help"])
    print(f"--help: {ours:.2f} s, a two-command typer app {theirs:.2f} s, ratio {ratio:.2f} (at most 1.5)")

    assess = statistics.median(wall([str(SCRIPT), "assess", str(CASE)]) for _ in range(7))
    print(f"assess FILE, whole process: {assess:.2f} s (under 1)")

    from riskengine.assessment.answers import read_answers
    from riskengine.assessment.assess import assess_answers, choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.engines.forward import BUILT_IN, engine_for
    from riskengine.pack.facts import rails_of

    built = load_pack()
    answers = read_answers(CASE, built.pack)
    model = choose_model(built, None)
    engine = engine_for(built.pack)
    size = f"{len(built.pack.rules)} rules, {len(rails_of(built.pack).clauses)} clauses"
    plain = in_process(lambda: assess_answers(answers, built, model, explain=False, engine=engine))
    closure = in_process(lambda: assess_answers(answers, built, model, explain=False, engine=BUILT_IN))
    explained = in_process(lambda: assess_answers(answers, built, model), runs=15)
    print(f"one assessment in-process on {engine.name} ({size}): {plain:.1f} ms (under 20)")
    print(f"  on the built-in closure: {closure:.1f} ms, ratio {plain / closure:.1f}")
    print(f"  with proofs and next questions: {explained:.0f} ms")


if __name__ == "__main__":
    main()
