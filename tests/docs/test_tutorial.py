"""The tutorial: its commands print what it shows, and what its prose says of them holds."""

from __future__ import annotations

import re

import pytest
from tutorial import PAGE, mended

from riskengine.assessment.reference import SAMPLE_SIZE
from riskengine.authoring.coverage.words import HEAD
from riskengine.pack.locate import shipped
from riskengine.pack.read import read_pack
from riskengine.pack.schema import ProjectTestModel

TEXT = PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> str:
    return mended(TEXT, tmp_path_factory.mktemp("tutorial"))


def test_every_command_prints_what_the_page_shows(right: str) -> None:
    assert right == TEXT, "`python tests/docs/tutorial.py --write` puts in what they print now; look at what changed"


def test_the_new_rule_moves_the_probability_up_by_what_explain_says(right: str) -> None:
    before, after = (int(found) for found in re.findall(r"^Probability of failure +(\d+) %", right, re.MULTILINE))
    (effect,) = (float(found) for found in re.findall(r"^ \+(\d+\.\d) pts", right, re.MULTILINE))
    assert before < after
    assert after - before == pytest.approx(effect, abs=1.5)


def test_the_page_names_every_key_of_a_test_and_every_column_of_coverage() -> None:
    for key in ProjectTestModel.model_fields:
        assert f"`{key}" in TEXT, key
    table = TEXT.split("## What coverage counts")[1]
    for column in HEAD[1:]:
        assert column in table, column


def test_figures_of_the_prose_are_those_of_the_code() -> None:
    assert f"{SAMPLE_SIZE:,} ordinary projects" in TEXT
    scale = dict(read_pack(shipped("rules")).sources)["judgement"]
    assert scale.split(": ", 1)[1].strip() in " ".join(TEXT.split())
