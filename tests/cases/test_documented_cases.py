"""The documented cases are coded as the coding book says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import riskengine
from riskengine.assessment.answers import Answers, read_answers
from riskengine.pack.gates import asked

FOLDER = Path(__file__).resolve().parents[2] / "data" / "cases"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml") if not path.stem.endswith(".sources"))
ENDS = ("cancelled", "overrun", "unused", "retired")
READ = ("page", "excerpt", "copy", "not re-read")


@cache
def built() -> riskengine.BuiltPack:
    return riskengine.load_pack()


@cache
def answers(name: str) -> Answers:
    return read_answers(FOLDER / f"{name}.yaml", built().pack)


@cache
def about(name: str) -> Mapping[str, Any]:
    text = (FOLDER / f"{name}.sources.yaml").read_text("utf-8")
    found: Mapping[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return found


@cache
def head(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.load((FOLDER / f"{name}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return found


def test_there_are_thirty_and_about_as_many_failed_as_succeeded() -> None:
    outcomes = [about(name)["outcome"] for name in NAMES]
    assert len(outcomes) >= 30
    assert 0.4 <= outcomes.count("failed") / len(outcomes) <= 0.6


def test_every_case_has_its_two_files() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{name}{end}" for name in NAMES for end in (".yaml", ".sources.yaml")
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_an_answers_file_with_a_reason_and_a_coder_for_each_answer(name: str) -> None:
    form = head(name)
    assert set(form) == {"project", "date", "pack", "answers", "notes", "by"}
    assert form["answers"].keys() == form["notes"].keys() == form["by"].keys()
    datetime.date.fromisoformat(form["date"])
    state = asked(built().pack, answers(name).values)
    assert [question for question in form["answers"] if not state[question]] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_answer_has_cited_sources_and_says_when_it_was_known(name: str) -> None:
    case, form = about(name), head(name)
    assert case["case"] == name
    assert case["coded_for"] == form["date"]
    keys = {source["key"] for source in case["sources"]}
    assert len(keys) == len(case["sources"])
    assert {source["read"] for source in case["sources"]} <= set(READ)
    assert all(source["title"] and source["publisher"] and source["date"] for source in case["sources"])
    assert {question: coded["level"] for question, coded in case["coded"].items()} == form["answers"]
    for question, coded in case["coded"].items():
        assert coded["source"], question
        assert set(coded["source"]) <= keys, question
        assert coded["says"], question
        assert coded["known"] in ("day_one", "hindsight"), question
        cited = form["notes"][question].rpartition("[")[2].rstrip("]").split(", ")
        assert set(cited) <= keys, question
    questions = [one.id for one in built().pack.questions]
    assert set(case["left_unknown"]).isdisjoint(form["answers"])
    assert set(case["left_unknown"]) <= set(questions)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_tells_its_end_after_the_day_that_it_is_coded_for(name: str) -> None:
    case = about(name)
    assert case["outcome"] in ("failed", "succeeded")
    assert (case.get("end") in ENDS) == (case["outcome"] == "failed")
    assert case["end_reason"]
    keys = {source["key"] for source in case["sources"]}
    assert case["outcome_sources"]
    assert set(case["outcome_sources"]) <= keys
    assert case["ended"] > case["coded_for"]
