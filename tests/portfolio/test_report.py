"""What a report rests on: the number of failures, and what findings are worth, against plain computations."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_packs import random_answers, random_pack

import riskengine
from riskengine.assessment.build import BuiltPack, build
from riskengine.assessment.model_file import Model
from riskengine.assessment.score import contributions, expit, logit
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.portfolio.avoided import Avoided, Shared
from riskengine.portfolio.cells import WRONG, Cells
from riskengine.portfolio.column_map import ColumnMap, match
from riskengine.portfolio.failures import Moments, approximate, bounds, poisson_binomial
from tests.portfolio.command import SMALL

PROBABILITIES = st.lists(st.floats(0, 1), max_size=9)


def by_every_outcome(probabilities: Sequence[float]) -> list[float]:
    """The distribution of the number of failures, from every combination of failures and successes."""
    chances = [0.0] * (len(probabilities) + 1)
    for failed in itertools.product((0, 1), repeat=len(probabilities)):
        parts = [p if one else 1 - p for p, one in zip(probabilities, failed, strict=True)]
        chances[sum(failed)] += math.prod(parts)
    return chances


@given(PROBABILITIES)
def test_the_distribution_of_failures_is_that_of_all_outcomes(probabilities: list[float]) -> None:
    found = poisson_binomial(np.array(probabilities))
    assert found == pytest.approx(by_every_outcome(probabilities), abs=1e-14)


def test_of_equal_projects_failures_are_binomial() -> None:
    found = poisson_binomial(np.full(300, 0.3))
    assert found == pytest.approx([math.comb(300, k) * 0.3**k * 0.7 ** (300 - k) for k in range(301)], rel=1e-9)


def test_nobody_and_the_certain_are_counted_as_such() -> None:
    assert poisson_binomial(np.array([])).tolist() == [1.0]
    assert poisson_binomial(np.array([1.0, 0.0, 1.0])).tolist() == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("low", "high", "size"),
    [(0.01, 0.93, 20_000), (0.01, 0.05, 20_000), (0.3, 0.9, 500), (0.001, 0.003, 20_000), (1e-4, 3e-4, 20_000)],
)
def test_the_approximation_is_as_close_to_the_exact_distribution_as_its_page_says(
    low: float, high: float, size: int
) -> None:
    source = random.Random(f"{low} {high}")
    probabilities = np.array([source.uniform(low, high) for _ in range(size)])
    moments = moments_of(probabilities)
    exact, (first, chances) = poisson_binomial(probabilities), approximate(moments)
    padded = np.zeros(size + 1)
    padded[first : first + len(chances)] = chances
    assert chances.min() >= 0
    off = np.abs(np.cumsum(padded) - np.cumsum(exact)).max()
    assert off < 0.03 / moments.variance
    assert bounds(first, chances) == bounds(0, exact)


def moments_of(p: np.ndarray) -> Moments:
    return Moments(len(p), math.fsum(p), math.fsum(p * (1 - p)), math.fsum(p * (1 - p) * (1 - 2 * p)))


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_the_approximation_of_what_is_certain_is_certain(p: float) -> None:
    first, chances = approximate(moments_of(np.full(30_000, p)))
    assert (first, chances.tolist()) == (30_000 * p, [1.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.sampled_from([0.5, 0.9, 0.99]), st.integers(0, 50))
def test_the_bounds_hold_their_share_and_are_no_wider_than_that(
    probabilities: list[float], share: float, first: int
) -> None:
    chances = poisson_binomial(np.array(probabilities))
    low, high = (place - first for place in bounds(first, chances, share))
    tail = (1 - share) / 2 + 1e-12
    assert chances[:low].sum() <= tail and chances[high + 1 :].sum() <= tail
    # one step further in, more than the tail lies outside
    assert chances[: low + 1].sum() >= tail - 2e-12 and chances[high:].sum() >= tail - 2e-12


# --- findings ----------------------------------------------------------------------------------------------


def scored_again(built: BuiltPack, model: Model, states: dict[str, bool | None]) -> float:
    parts = contributions(built.pack, built.centre, model.factors, states)
    return expit(model.moderation * (model.base + math.fsum(parts.learned.values())))


def avoided(built: BuiltPack, model: Model, states: dict[str, bool | None]) -> dict[str, float]:
    """What each finding that fires in a project is worth, by scoring it again with that finding ruled out."""
    now = scored_again(built, model, states)
    fires = [rule.id for rule in built.pack.weighed_rules if states[rule.id]]
    return {rule: now - scored_again(built, model, states | {rule: False}) for rule in fires}


def check_avoided(built: BuiltPack, model: Model, projects: Sequence[dict[str, Value]]) -> int:
    found = found_in(built, model, projects)
    singly = [avoided(built, model, dict(BUILT_IN.findings(built.pack, one).rules)) for one in projects]
    for rule in built.pack.weighed_rules:
        worth = [one[rule.id] for one in singly if rule.id in one]
        assert found[rule.id].projects == len(worth), rule.id
        assert found[rule.id].avoided == pytest.approx(math.fsum(worth), abs=1e-12 * len(projects)), rule.id
    return sum(map(len, singly))


def found_in(built: BuiltPack, model: Model, projects: Sequence[dict[str, Value]]) -> Mapping[str, Shared]:
    """What the report counts, from a table of these projects."""
    pack = built.pack
    texts = {
        one.id: [None if (value := project.get(one.id)) is None else _cell(value) for project in projects]
        for one in pack.questions
    }
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    cells = Cells(frame.schema, pack, match(Path("table"), frame.schema, built, ColumnMap()))
    rows = cells.read(frame)
    assert not rows[WRONG].any()
    states = [dict(BUILT_IN.findings(pack, one).rules) for one in projects]
    log_odds = pl.Series([logit(scored_again(built, model, one)) for one in states])
    return Avoided(built, model).of(rows, cells, log_odds)


def _cell(value: Value) -> str:
    return "n/a" if value is NOT_APPLICABLE else str(value)


@pytest.mark.parametrize("seed", range(4))
def test_what_findings_are_worth_is_what_scoring_without_them_gives(seed: int, tmp_path: Path) -> None:
    built = build(random_pack(seed, tmp_path))
    assert check_avoided(built, built.prior, random_answers(built.pack, seed, 40)) > 100


def test_what_findings_of_the_shipped_pack_are_worth_under_the_shipped_model() -> None:
    built = riskengine.load_pack()
    assert built.model is not None
    assert check_avoided(built, built.model, random_answers(built.pack, "avoided", 60)) > 500


def test_a_finding_is_worth_what_answering_it_away_brings() -> None:
    built = riskengine.load_pack(SMALL)
    bad: dict[str, Value] = {"people": 1.0, "work": 60.0, "users_met": "never", "labels": "nobody"}
    now = riskengine.assess(bad, pack=built, explain=False)
    better = riskengine.assess({**bad, "labels": "one"}, pack=built, explain=False)
    worth = found_in(built, built.prior, [bad])["labels-unchecked"]
    assert (worth.projects, worth.avoided) == (1, pytest.approx(now.probability - better.probability, abs=1e-12))


def test_what_protects_avoids_less_than_nothing_by_being_absent() -> None:
    built = riskengine.load_pack(SMALL)
    now, worse = (
        riskengine.assess({"owner": "yes", "users_met": level}, pack=built, explain=False).probability
        for level in ("monthly", "once")
    )
    worth = found_in(built, built.prior, [{"owner": "yes", "users_met": "monthly"}])["users-see-it"]
    # with an owner, nothing else depends on the meetings
    assert worth.avoided == pytest.approx(now - worse, abs=1e-12)
    assert worth.avoided < 0


def test_of_a_group_only_what_would_count_else_is_left() -> None:
    built = riskengine.load_pack(SMALL)
    found = found_in(built, built.prior, [{"people": 1.0, "work": 60.0}])
    long = riskengine.assess({"people": 1, "work": 9}, pack=built, explain=False)
    very_long = riskengine.assess({"people": 1, "work": 60}, pack=built, explain=False)
    # without the heavier one the lighter one counts, and without the lighter one nothing changes
    assert found["very-long-haul"].avoided == pytest.approx(very_long.probability - long.probability, abs=1e-12)
    assert (found["long-haul"].projects, found["long-haul"].avoided) == (1, 0.0)
