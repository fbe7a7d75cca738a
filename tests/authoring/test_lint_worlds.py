"""Many projects at once, against one at a time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_packs import Shape, random_answers, random_pack

from riskengine.assessment.reference import draw
from riskengine.authoring.projects import edges, ordinary, unusual
from riskengine.authoring.worlds import Worlds, sums
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import NOT_APPLICABLE, Value, holds, walk
from riskengine.logic.conditions import Test as Comparison
from riskengine.pack.gates import asked
from riskengine.pack.model import Pack

SEEDS = range(8)


@pytest.fixture(scope="module", params=SEEDS)
def pack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return random_pack(request.param, tmp_path_factory.mktemp("pack"), Shape(questions=10, below=None))


def complete(pack: Pack, count: int) -> list[dict[str, Value]]:
    """Draw projects that answer every question, from all over and from the edges."""
    return [*unusual(pack, count), *ordinary(pack, count)]


def test_a_bit_says_what_the_engine_says_of_its_project(pack: Pack) -> None:
    projects = complete(pack, 40)
    worlds = Worlds(pack, projects)
    for place, project in enumerate(projects):
        findings = BUILT_IN.findings(pack, project)
        assert {rule.id: worlds.rule(rule.id) >> place & 1 for rule in pack.rules} == {
            rule: int(bool(state)) for rule, state in findings.rules.items()
        }
        gates = asked(pack, project)
        assert {one: worlds.asked(one) >> place & 1 for one in gates} == {one: int(bool(x)) for one, x in gates.items()}


def test_other_answers_give_what_they_would_give_from_the_start(pack: Pack) -> None:
    projects, chance = complete(pack, 20), random.Random(1)
    worlds = Worlds(pack, projects)
    for rule in chance.sample(pack.rules, 5):
        worlds.rule(rule.id)
    for _ in range(10):
        other = chance.choice(complete(pack, 3))
        changed = {one: other[one] for one in chance.sample(list(other), chance.choice((1, 1, 2)))}
        anew = Worlds(pack, [{**project, **changed} for project in projects])
        child = worlds.answering(changed)
        assert [child.rule(rule.id) for rule in pack.rules] == [anew.rule(rule.id) for rule in pack.rules]
        assert [child.asked(one.id) for one in pack.questions] == [anew.asked(one.id) for one in pack.questions]


def test_of_a_group_the_heaviest_that_fires_counts(pack: Pack) -> None:
    projects = complete(pack, 40)
    worlds = Worlds(pack, projects)
    for members in pack.groups:
        counted = worlds.counted([rule.id for rule in members])
        for place in range(len(projects)):
            firing = [rule.id for rule in members if worlds.rule(rule.id) >> place & 1]
            assert [rule for rule, bits in counted.items() if bits >> place & 1] == firing[:1]


def test_ordinary_projects_are_those_of_the_reference_sample(pack: Pack) -> None:
    for mine, theirs in zip(ordinary(pack, 30), draw(pack, 30), strict=True):
        assert list(mine) == [question.id for question in pack.questions]
        assert {one: mine[one] for one in theirs} == theirs


def test_unusual_projects_answer_every_question_within_its_bounds(pack: Pack) -> None:
    for project in unusual(pack, 50):
        for question in pack.questions:
            value = project[question.id]
            if value is NOT_APPLICABLE:
                assert question.may_not_apply
            elif question.type == "number":
                assert question.minimum is not None and question.maximum is not None
                assert isinstance(value, float) and question.minimum <= value <= question.maximum
            else:
                assert value in question.level_ids


def test_between_two_edges_no_test_changes(pack: Pack) -> None:
    tests = [node for rule in pack.rules for node in walk(rule.when) if isinstance(node, Comparison)]
    answers = [project for seed in range(3) for project in random_answers(pack, seed, 30)]
    for question, values in edges(pack).items():
        about = [test for test in tests if test.about == question and not test.levels]
        seen = {tuple(holds(test, value) for test in about) for value in values}
        for value in (one[question] for one in answers if isinstance(one.get(question), float)):
            assert not about or tuple(holds(test, value) for test in about) in seen


@given(
    st.lists(st.tuples(st.integers(-10_000_000, 10_000_000), st.integers(0, 2**20 - 1)), max_size=30),
    st.integers(1, 20),
)
@settings(max_examples=60, deadline=None)
def test_sums_are_those_of_each_project_alone(terms: list[tuple[int, int]], size: int) -> None:
    every = (1 << size) - 1
    found = sums([(weight / 1_000_000, bits & every) for weight, bits in terms], size)
    for place in range(size):
        assert round(found[place] * 1_000_000) == sum(weight for weight, bits in terms if bits >> place & 1)


def test_no_terms_are_a_sum_of_nothing(tmp_path: Path) -> None:
    assert sums([], 3) == [0.0, 0.0, 0.0]
