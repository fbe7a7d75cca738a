"""The page on the simulation shows what was run, and what was run is what the code does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks.simulation.methods import OURS, RULES, judge, regret
from benchmarks.simulation.packs import MadeUp, draw_pack
from benchmarks.simulation.run import RESULTS, SIZES, read_results, repeat
from benchmarks.simulation.table import LEAST_COVERAGE, MOST_EXCESS, PAGE, Results, renewed
from benchmarks.simulation.worlds import WORLDS, Projects, draw_world


@cache
def results() -> Results:
    return Results(read_results(RESULTS))


@cache
def pack() -> MadeUp:
    return draw_pack(np.random.default_rng(0))


def world(name: str) -> tuple[Projects, Projects]:
    return draw_world(pack(), WORLDS[name], np.random.default_rng(1))


def test_the_tables_are_those_of_the_results() -> None:
    page = PAGE.read_text("utf-8")
    assert renewed(page, results()) == page, "`python -m benchmarks.simulation.table --write` renews them"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WORLDS)
def test_the_recipe_keeps_its_limits(name: str, size: int) -> None:
    assert results().excess(name, size, OURS).mean <= MOST_EXCESS
    covered = results().estimate(name, size, lambda row: row["covered"])
    assert covered.mean >= LEAST_COVERAGE - 2 * covered.error


@pytest.mark.parametrize("size", [10, 30, 100])
def test_with_little_history_no_other_method_is_as_near_to_the_rules_in_its_worst_world(size: int) -> None:
    ours = results().worst_excess(size, OURS)
    others = set(results().methods) - {OURS, RULES}
    assert all(ours.mean < results().worst_excess(size, method).mean for method in others)


@pytest.mark.slow
def test_the_results_are_what_the_code_gives_now() -> None:
    shown = [row for row in read_results(RESULTS) if row["repetition"] == "0"]
    for then, now in zip(shown, repeat(0, (RULES, OURS)), strict=True):
        for column in (RULES, OURS, "covered", "width"):
            # libraries and processors differ in the last digits
            assert float(now[column]) == pytest.approx(float(then[column]), abs=0.02, rel=0.02), (then, column)


def test_where_the_weights_are_right_the_rules_are_what_nobody_can_beat() -> None:
    history, future = world("weights right")
    rules = judge(RULES, pack(), history.part(0, 100), future.findings)
    assert regret(future.probability, rules.probability) < 0.5


def test_a_wrong_base_rate_is_learned_from_thirty_projects() -> None:
    history, future = world("base rate off by two")
    ours = judge(OURS, pack(), history.part(0, 30), future.findings)
    rules = judge(RULES, pack(), history.part(0, 30), future.findings)
    assert regret(future.probability, ours.probability) < regret(future.probability, rules.probability) / 2


def test_a_history_with_one_outcome_leaves_stock_methods_to_the_rules() -> None:
    _, future = world("all at once")
    failures = np.flatnonzero(future.failed)[:5]
    one_outcome = Projects(*(one[failures] for one in (future.findings, future.probability, future.failed)))
    stock = judge("isotonic", pack(), one_outcome, future.findings)
    rules = judge(RULES, pack(), one_outcome, future.findings)
    assert stock.probability == pytest.approx(rules.probability, abs=1e-3)
    assert (judge(OURS, pack(), one_outcome, future.findings).probability > 0).all()


def test_worlds_are_the_same_each_time() -> None:
    first, second = world("all at once"), world("all at once")
    assert (first[0].findings == second[0].findings).all()
    assert (first[1].probability == second[1].probability).all()
