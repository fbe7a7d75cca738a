"""What such a project should know by now is pointed out, and scored nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from random_packs import choice, rule, write_pack, yes_no

import riskengine
from riskengine.assessment.result import Warned

QUESTIONS = [
    choice("stage", ("idea", "funded", "live"), "none"),
    yes_no("model"),
    yes_no("owner", text="Who answers for it?", due_when={"stage": {"at_least": "funded"}}),
    yes_no("data", text="Are there data?", ask_when={"model": "yes"}, due_when={"stage": "live"}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("due")
    write_pack(where, QUESTIONS, [rule("nobody", {"owner": "no"}), rule("no-data", {"data": "no"})])
    return where


def overdue(folder: Path, answers: dict[str, str]) -> tuple[str, ...]:
    result = riskengine.assess(answers, pack=riskengine.load_pack(folder), explain=False)
    late = [one for one in result.warnings if one.kind == "blind_spot" and one.questions]
    assert all(question_text(one) in one.message for one in late)
    return tuple(question for one in late for question in one.questions)


def question_text(warning: Warned) -> str:
    return {"owner": "Who answers for it?", "data": "Are there data?"}[warning.questions[0]]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, ()),
        ({"stage": "idea"}, ()),
        ({"stage": "funded"}, ("owner",)),
        ({"stage": "funded", "owner": "no"}, ()),
        ({"stage": "live", "model": "yes"}, ("owner", "data")),
        ({"stage": "live", "model": "no"}, ("owner",)),
        ({"stage": "live", "owner": "yes"}, ()),  # whether data are asked for is open itself
        ({"stage": "live", "owner": "yes", "model": "yes", "data": "yes"}, ()),
    ],
)
def test_an_open_question_is_overdue_once_its_condition_holds_and_it_is_asked(
    folder: Path, answers: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert overdue(folder, answers) == expected


def test_what_is_overdue_changes_no_number(folder: Path, tmp_path: Path) -> None:
    without = [{key: value for key, value in one.items() if key != "due_when"} for one in QUESTIONS]
    write_pack(tmp_path, without, [rule("nobody", {"owner": "no"}), rule("no-data", {"data": "no"})])
    one, other = riskengine.load_pack(folder), riskengine.load_pack(tmp_path)
    assert one.meaning_hash == other.meaning_hash
    assert one.hash != other.hash
