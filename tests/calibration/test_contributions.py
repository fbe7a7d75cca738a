"""Contributions of many projects at once: the same, to the last bit, as those of single assessments."""

from __future__ import annotations

import random

import pytest

import riskengine
from riskengine.assessment.build import exact_contributions, sample
from riskengine.assessment.reference import draw
from riskengine.assessment.score import contributions
from riskengine.calibration.arms import reference_of
from riskengine.calibration.contributions import contributions_of
from riskengine.engines.forward import BUILT_IN


@pytest.fixture(scope="module", params=["shipped", "small"])
def built(request):
    return riskengine.load_pack() if request.param == "shipped" else request.getfixturevalue("small")


def test_they_are_those_of_single_assessments_with_answers_left_open(built):
    chance = random.Random(4)
    projects = [
        {question: value for question, value in answers.items() if chance.random() < share}
        for share in (0.0, 0.3, 0.7, 1.0)
        for answers in draw(built.pack, 40, seed=9)
    ]
    factors = dict.fromkeys((rule.id for rule in built.pack.weighed_rules), 1.0)
    for line, answers in zip(contributions_of(built, projects).tolist(), projects, strict=True):
        states = BUILT_IN.findings(built.pack, answers).rules
        assert line == list(contributions(built.pack, built.centre, factors, states).exact.values())


def test_the_reference_sample_is_that_of_the_build(built):
    exact = [exact_contributions(built.pack, built.centre, counts) for counts in sample(built.pack).counts]
    assert reference_of(built).X.tolist() == [list(one.values()) for one in exact]


def test_no_project_gives_no_rows(built):
    assert contributions_of(built, []).shape == (0, len(built.pack.weighed_rules))
