"""A report says what its numbers were held against, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

import riskengine
from riskengine.assessment.model_file import Model
from riskengine.reports.assessment_page import assessment_page

NEVER = "Nobody has yet compared it with the outcomes"


def page_with(model: Model) -> str:
    built = riskengine.load_pack()
    return assessment_page(riskengine.assess({"stage": "idea"}, pack=built, model=model), built, model)


@pytest.mark.parametrize("own", [0, 120])
def test_only_projects_of_ones_own_make_numbers_compared_with_outcomes(own: int) -> None:
    shipped = riskengine.load_pack().model
    assert shipped is not None and shipped.trained_on is not None
    model = replace(shipped, trained_on={**shipped.trained_on, "own_projects": own})
    assert (NEVER in page_with(model)) is (own == 0)


def test_the_rules_alone_were_compared_with_nothing() -> None:
    page = page_with(riskengine.load_pack().prior)
    assert NEVER in page and "No history." in page
