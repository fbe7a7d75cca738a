"""The same history gives the same model and the same evaluation: in any process, and in any order of its rows."""

from __future__ import annotations

import json
import random

import pytest

from riskengine.calibration.evaluation.evaluate import evaluate
from riskengine.calibration.train import train
from tests.calibration.house import projects, table
from tests.cli.run import run


def test_bytes_depend_on_neither_hash_seed_nor_threads(tmp_path, rules_folder):
    path = tmp_path / "h.csv"
    path.write_text(table(projects(60)))
    made, judged = set(), set()
    for seed, threads in (("0", "1"), ("4711", "2")):
        environment = {"PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        out = tmp_path / f"m{seed}.json"
        assert run("model", "train", path, "-o", out, "--rules", rules_folder, **environment).returncode == 0
        made.add(out.read_bytes())
        judged.add(run("model", "evaluate", path, "--json", "--rules", rules_folder, **environment).stdout)
    assert (len(made), len(judged)) == (1, 1)


def test_a_table_sorted_otherwise_gives_the_same_figures(read, small):
    drawn = projects(80, seed=4)
    mixed = random.Random(0).sample(drawn, len(drawn))
    first, second = (read(table(some)) for some in (drawn, mixed))
    one, other = train(first, small).model, train(second, small).model
    # sums of the same numbers in another order may differ in the last of the six digits
    assert [*one.factors.values()] == pytest.approx([*other.factors.values()], rel=2e-5)
    assert (one.base, one.moderation) == pytest.approx((other.base, other.moderation), rel=2e-5)
    assert one.ends == pytest.approx(other.ends, rel=2e-5)
    assert _numbers(evaluate(first, small)) == pytest.approx(_numbers(evaluate(second, small)), abs=2e-5)


def _numbers(found):
    """All numbers of an evaluation but those of its single projects, which stand in the order of the table."""
    form = json.loads(found.model_dump_json(exclude={"predicted", "history_sha256"}))

    def inside(part):
        if isinstance(part, dict):
            return [number for value in part.values() for number in inside(value)]
        if isinstance(part, list):
            return [number for value in part for number in inside(value)]
        return [float(part)] if isinstance(part, int | float) else []

    return inside(form)
