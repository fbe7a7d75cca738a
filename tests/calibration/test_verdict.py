"""The verdict: what somebody reads who reads no further."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskengine.calibration.evaluation.evaluate import evaluate
from riskengine.calibration.evaluation.verdict import verdict
from riskengine.calibration.train import train
from tests.calibration.house import projects, table

DATA_MATTERS = (0.1, 0.1, 0.1, 0.8, 0.8, 0.8, 2.6, 2.6, 2.6)


@pytest.fixture(scope="module")
def sixty_four():
    return projects(64, base=-0.6)


def test_sixty_four_projects_make_the_number_yours(read, small, sixty_four):
    found = evaluate(read(table(sixty_four)), small)
    said = verdict(found)
    assert said[0] == "With your 64 finished projects the number is now yours."
    text = " ".join(said)
    assert f"expected {found.figures.expected:.1f} failures, and there were {found.figures.failed}" in text
    assert "than giving every project the same rate" in text
    assert "Still too little to say: how well it tells failures from successes" in text
    assert "for about 36 more outcomes" in text


def test_an_area_that_matters_more_is_named_with_its_title(read, small):
    found = evaluate(read(table(projects(600, weights=DATA_MATTERS))), small)
    said = " ".join(verdict(found, {"data": "Data and labels"}))
    assert "Data and labels matters more in your house than the rules think, " in said
    assert "No area" not in said
    assert "too little" not in said


def test_an_ordinary_project_before_and_after_is_what_an_assessment_says(read, small, sixty_four):
    history = read(table(sixty_four))
    found, model = evaluate(history, small).ordinary, train(history, small).model
    for one, of in ((found.before, small.prior), (found.now, model)):
        low, high = of.range.bounds([1.0] + [0.0] * (len(of.range.variances) - 1))
        assert one.range == pytest.approx((low, high), abs=2e-3)
        assert one.range[0] < one.probability < one.range[1]
    assert found.now.probability < found.before.probability
    assert found.now.range[1] - found.now.range[0] < found.before.range[1] - found.before.range[0]


def test_nine_projects_are_still_the_rules(read, small):
    said = verdict(evaluate(read(table(projects(9))), small))
    assert said[0].startswith("9 finished projects are very little")
    assert "AUC" not in " ".join(said)


def test_the_verdict_in_the_docs_is_what_is_printed(read, small):
    weights = (0.8,) * 6 + (2.0,) * 3
    said = " ".join(verdict(evaluate(read(table(projects(64, base=-0.6, weights=weights))), small)))
    page = Path(__file__).parents[2] / "docs" / "evaluation.md"
    quoted = [line[2:] for line in page.read_text("utf-8").splitlines() if line.startswith("> ")]
    assert " ".join(quoted) == said
