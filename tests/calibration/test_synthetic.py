"""Histories that are made up say so, in the model's name, its card and its evaluation."""

from __future__ import annotations

import pytest

from riskengine.calibration.evaluation.evaluate import evaluate
from riskengine.calibration.evaluation.verdict import verdict
from riskengine.calibration.model_card import markdown
from riskengine.calibration.train import train
from riskengine.errors import ProblemError
from tests.calibration.house import projects, table


def marked(n, word, column="synthetic"):
    head, *rows = table(projects(n)).splitlines()
    return "\n".join([f"{column},{head}", *(f"{word},{row}" for row in rows)]) + "\n"


@pytest.mark.parametrize("word", ["yes", "TRUE", "1", "synthetic"])
def test_a_history_that_is_made_up_is_called_synthetic(read, small, word):
    history = read(marked(20, word))
    model = train(history, small).model
    assert model.name == "history of 20 synthetic projects"
    assert "**Synthetic**: 20" in markdown(model, small)
    found = evaluate(history, small)
    assert found.synthetic == 20
    assert "synthetic" in found.cautions[0]
    assert "nothing here is about real ones" in verdict(found)[0]


def test_a_column_made_up_says_the_same_as_in_portfolios(read, small):
    assert train(read(marked(20, "yes", "Made_up")), small).model.name == "history of 20 synthetic projects"


@pytest.mark.parametrize("word", ["no", "", "False", "0"])
def test_real_projects_are_not(read, small, word):
    model = train(read(marked(20, word)), small).model
    assert model.name == "history of 20 projects"
    assert "ynthetic" not in markdown(model, small)


def test_some_made_up_projects_are_counted(read, small):
    text = marked(20, "no") + "yes,x,,,failed,yes,,,,,,,,,\n"
    assert train(read(text), small).model.name == "history of 21 projects, 1 of them synthetic"


def test_another_word_is_refused_with_its_place(read):
    with pytest.raises(ProblemError) as refused:
        read(marked(2, "perhaps"))
    first, _ = refused.value.problems
    assert (first.code, first.source.row, first.source.field) == ("RE-603", 1, "synthetic")
