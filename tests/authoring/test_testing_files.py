"""Files of tests: how they are read, and every mistake in them at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from faults import FAULTY, expected, found, stand_up
from tiny_pack import write_tiny

from riskengine.authoring.testing.project_tests import Bounds, ProjectTest, read_tests
from riskengine.errors import CATALOGUE, Problem, ProblemError
from riskengine.logic.conditions import NOT_APPLICABLE
from riskengine.pack.read import read_pack

CASES = sorted(path.name for path in (FAULTY / "tested").iterdir())


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ProblemError) as caught:
        read_tests(read_pack(folder), folder)
    return caught.value.problems


def read(tmp_path: Path, text: str, name: str = "own.test.yaml") -> list[ProjectTest]:
    folder = stand_up("RE-252-nothing", tmp_path, "tested")
    (folder / "own.test.yaml").unlink()
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return [one for one in read_tests(read_pack(folder), folder) if one.example_of is None]


@pytest.mark.parametrize("case", CASES)
def test_a_faulty_file_is_refused_for_exactly_its_faults(case: str, tmp_path: Path) -> None:
    folder = stand_up(case, tmp_path, "tested")
    assert found(problems(folder), folder) == expected(folder)


@pytest.mark.parametrize("case", CASES)
def test_a_problem_says_what_would_be_right(case: str, tmp_path: Path) -> None:
    for one in problems(stand_up(case, tmp_path, "tested")):
        assert one.help
        assert one.message[0] in "`" or one.message[0].islower()
        assert "\n" not in one.message + one.help
        assert not one.help.endswith(".")


def test_a_misspelt_name_gets_the_nearest_right_one(tmp_path: Path) -> None:
    helps = {one.code: one.help for one in problems(stand_up("RE-250-risk-level", tmp_path / "a", "tested"))}
    helps |= {one.code: one.help for one in problems(stand_up("RE-201-question", tmp_path / "b", "tested"))}
    assert helps == {"RE-250": "did you mean `high`?", "RE-201": "did you mean `team_size`?"}


def test_an_answer_behind_a_closed_gate_names_what_closes_it(tmp_path: Path) -> None:
    (one,) = problems(stand_up("RE-251-closed-gate", tmp_path, "tested"))
    assert "`users` is not asked" in one.message
    assert "`stage`" in one.help


def test_problems_come_in_the_order_of_the_files_and_of_their_lines(tmp_path: Path) -> None:
    folder = stand_up("many-mistakes", tmp_path, "tested")
    (folder / "also.test.yaml").write_text("tests: nothing\n", "utf-8")
    places = [(one.source.file, one.source.line, one.source.column) for one in problems(folder)]
    assert len(places) == 10
    assert places == sorted(places)


def test_every_code_about_tests_has_a_faulty_file() -> None:
    codes = {code for code in CATALOGUE if "RE-250" <= code <= "RE-259"}
    shown = {code for name in CASES for code in re.findall(r"RE-\d{3}", name)}
    assert codes
    assert codes <= shown


# --- what is read ------------------------------------------------------------------------------------------

GOOD = """\
tests:
  - name: a small team
    answers: {team_size: 1, has_owner: no, stage: live, users: n/a}
    fires: [thin-team, lonely-team]
    ruled_out: [live-and-thin]
    probability: {at_least: 0.4}
    risk_level: high
  - name: nothing is known
    answers: {team_size: }
    possible: [thin-team]
"""


def test_answers_are_typed_and_what_is_expected_has_its_place(tmp_path: Path) -> None:
    first, second = read(tmp_path, GOOD)
    assert first.answers.values == {"stage": "live", "has_owner": "no", "team_size": 1.0, "users": NOT_APPLICABLE}
    assert [(one.rule, one.state, one.source.line, one.source.column) for one in first.states] == [
        ("thin-team", "fires", 4, 13),
        ("lonely-team", "fires", 4, 24),
        ("live-and-thin", "ruled_out", 5, 17),
    ]
    assert isinstance(first.probability, Bounds)
    assert (first.probability.at_least, first.probability.at_most) == (0.4, None)
    assert first.risk_level is not None
    assert first.risk_level[0] == "high"
    assert (second.name, second.answers.values, second.source.line) == ("nothing is known", {}, 8)
    assert not second.has_numbers


def test_an_answer_whose_gate_is_open_may_be_given(tmp_path: Path) -> None:
    text = "tests:\n  - name: users before a stage\n    answers: {users: 3}\n    possible: [live-and-thin]\n"
    (one,) = read(tmp_path, text)
    assert one.answers.values == {"users": 3.0}


@pytest.mark.parametrize("name", ["deep/down/own.test.yaml", "own.test.yml"])
def test_files_of_tests_may_lie_in_folders_below(name: str, tmp_path: Path) -> None:
    assert len(read(tmp_path, GOOD, name)) == 2


@pytest.mark.parametrize("name", [".hidden.test.yaml", ".git/own.test.yaml"])
def test_hidden_ones_are_left_alone(name: str, tmp_path: Path) -> None:
    assert read(tmp_path, GOOD, name) == []


def test_those_of_a_pack_in_a_folder_below_are_that_packs(tmp_path: Path) -> None:
    folder = stand_up("RE-252-nothing", tmp_path, "tested")
    (folder / "own.test.yaml").rename(folder / "team.txt")
    inner = folder / "inner"
    inner.mkdir()
    (inner / "pack.yaml").write_text("name: inner\nversion: '1'\nextends: ..\n", "utf-8")
    (inner / "own.test.yaml").write_text(GOOD, "utf-8")
    assert [one.example_of for one in read_tests(read_pack(folder), folder)].count(None) == 0
    assert [one.name for one in read_tests(read_pack(inner), inner)] == ["a small team", "nothing is known"]


def test_examples_are_tests_of_their_rule(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path)
    tests = read_tests(read_pack(folder), folder)
    assert [one.name for one in tests] == [
        "thin-team, example 1",
        "thin-team, example 2",
        "lonely-team, example 1",
        "lonely-team, example 2",
    ]
    assert [one.source.line for one in tests] == [9, 10, 16, 17]
    assert all(one.states[0].rule == one.example_of for one in tests)
