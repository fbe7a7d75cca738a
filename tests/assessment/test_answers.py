"""Answers of one project, from a file or from Python: read, checked, refused with all their problems."""

from __future__ import annotations

import datetime
import enum
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults import ANSWERS, BASE, FAULTY, expected, found
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.assessment.answers import (
    Answers,
    answers_from_mapping,
    answers_from_text,
    answers_to_json,
    read_answers,
)
from riskengine.errors import Problem, ProblemError
from riskengine.logic.conditions import NOT_APPLICABLE
from riskengine.pack.read import read_pack

PACK = read_pack(BASE)


def read(text: str | bytes, name: str = "answers.yaml") -> Answers:
    return answers_from_text(text.encode() if isinstance(text, str) else text, name, PACK)


def problems(text: str | bytes, name: str = "answers.yaml") -> tuple[Problem, ...]:
    with pytest.raises(ProblemError) as caught:
        read(text, name)
    return caught.value.problems


def mapping_problems(raw: object) -> list[tuple[str, str | None]]:
    with pytest.raises(ProblemError) as caught:
        answers_from_mapping(raw, PACK)  # type: ignore[arg-type]
    return [(one.code, one.source.field) for one in caught.value.problems]


# --- what is read ------------------------------------------------------------------------------------------

FULL = {"stage": "live", "has_owner": "no", "team_size": 3.0, "users": NOT_APPLICABLE}


@pytest.mark.parametrize(
    "text",
    [
        "stage: live\nhas_owner: no\nteam_size: 3\nusers: n/a\n",
        "stage: live\r\nhas_owner: 'no'\r\nteam_size: 3.0\r\nusers: \"n/a\"\r\n",
        "\ufeffstage: live\nhas_owner: no\nteam_size: 0x3\nusers: n/a\n",
        "{stage: live, has_owner: no, team_size: 003, users: n/a}",
        '{"stage": "live", "has_owner": "no", "team_size": 3, "users": "n/a"}',
        '\ufeff\n{"stage":\t"live", "has_owner": "no",\r\n "team_size": 3e0, "users": "n/a"}',
        "answers: {stage: live, has_owner: no, team_size: 3, users: n/a}\n",
        "# a remark\n---\nstage: live\nhas_owner: no\nteam_size: 3\nusers: n/a\n...\n",
        "users: n/a\nteam_size: 3\nhas_owner: no\nstage: live\n",
        "stage: deployed\nowned: no\nteam_size: 3\nusers: n/a\n",
    ],
)
def test_answers_are_read_from_yaml_and_json_in_the_order_of_the_pack(text: str) -> None:
    answers = read(text)
    assert dict(answers.values) == FULL
    assert list(answers.values) == list(FULL)


def test_json_is_read_as_such_under_any_name_and_yaml_never_under_that_of_json() -> None:
    assert dict(read('{"team_size": 3}', "answers.txt").values) == {"team_size": 3}
    assert problems("{team_size: 3}", "answers.json")[0].code == "RE-101"
    assert problems("team_size: 3", "ANSWERS.JSON")[0].code == "RE-101"


@pytest.mark.parametrize("written", ["", "~", "null", "''", '""'])
def test_an_empty_answer_is_unknown(written: str) -> None:
    text = "\n".join(f"{question.id}: {written}" for question in PACK.questions)
    assert dict(read(text).values) == {}
    assert dict(read(f"answers:\n  stage: {written}").values) == {}


@pytest.mark.parametrize("text", ["{}", "answers:", "answers: {}", "answers: ~\nproject: Fox"])
def test_a_project_may_have_no_answers_yet(text: str) -> None:
    assert dict(read(text).values) == {}


def test_the_words_of_yaml_1_1_are_no_truth_values_here() -> None:
    assert dict(read("has_owner: yes").values) == {"has_owner": "yes"}
    assert [one.value for one in problems("has_owner: on")] == ["on"]
    assert problems("has_owner: off")[0].code == "RE-304"


def test_an_envelope_says_whose_answers_they_are_and_why() -> None:
    answers = read(
        """
project: Fox
date: 2026-11-24
pack: tiny
answers: {stage: live, owned: yes}
notes: {stage: "seen it run: today", owned: ~}
by: {stage: Ada, has_owner: 7}
"""
    )
    assert (answers.project, answers.date, answers.pack) == ("Fox", "2026-11-24", "tiny")
    assert dict(answers.notes) == {"stage": "seen it run: today"}
    assert dict(answers.by) == {"stage": "Ada", "has_owner": "7"}


def test_answers_written_and_read_back_are_the_same() -> None:
    answers = read("project: Fox\nanswers: {stage: live, users: n/a, team_size: 1.5}\nnotes: {stage: seen}")
    assert answers_from_mapping(answers_to_json(answers), PACK) == answers


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ANSWERS)
def test_a_faulty_file_is_refused_for_exactly_its_faults_in_their_order(case: str) -> None:
    path = FAULTY / "answers" / case
    with pytest.raises(ProblemError) as caught:
        read_answers(path, PACK)
    faults = caught.value.problems
    folder = path if path.is_dir() else path.parent
    assert found(faults, folder) == expected(path)
    places = [(one.source.line or 0, one.source.column or 0) for one in faults]
    assert places == sorted(places)
    for one in faults:
        assert one.help
        assert "\n" not in one.message + one.help


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("teem_size: 3", "did you mean `team_size`?"),
        ("stage: biulding", "did you mean `building`?"),
        ("stage: xyz", "one of `idea`, `building`, `live`"),
        ("has_owner: true", "write `yes`"),
        ("has_owner: False", "write `no`"),
        ("team_size: many", "a number from 0.5 to 50 people"),
        ("team_size: 51", "a number from 0.5 to 50 people"),
        ("users: N/A", "a number from 0 to 100000"),
        ("stage: n/a", "leave it out if you don't know"),
        ("project: Fox\nstage: idea", "beside `project`, put the answers below `answers:`"),
        ("answers: {}\nstage: idea", "move it below `answers:`"),
        ("answers: {}\nproyect: Fox", "did you mean `project`?"),
        ("stage: idea\n\tteam_size: 3", "indent with spaces, not with tabs"),
        ('{"team_size": NaN}', "JSON has no such number; leave an unknown answer out"),
    ],
)
def test_a_problem_says_what_would_be_right(text: str, right: str) -> None:
    assert problems(text)[0].help == right


def test_a_file_of_just_a_megabyte_is_read_and_a_larger_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_bytes(b"stage: idea\n#" + b"x" * (1_000_000 - 13))
    assert dict(read_answers(path, PACK).values) == {"stage": "idea"}
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ProblemError) as caught:
        read_answers(path, PACK)
    assert [one.code for one in caught.value.problems] == ["RE-306"]


@pytest.mark.parametrize("name", ["missing.yaml", "file.yaml/below.yaml", "loop.yaml", "x" * 300, "a\0b", "."])
def test_a_file_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "file.yaml").write_text("stage: idea")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(ProblemError) as caught:
        read_answers(tmp_path / name, PACK)
    assert [one.code for one in caught.value.problems] == ["RE-308"]


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="modes mean something else there")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_one_may_not_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("stage: idea")
    path.chmod(0)
    with pytest.raises(ProblemError) as caught:
        read_answers(path, PACK)
    assert [one.code for one in caught.value.problems] == ["RE-308"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices have other names there")
def test_a_pipe_or_an_endless_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    script = (
        "import sys; from pathlib import Path; from riskengine.pack.source import read_bytes\n"
        "from riskengine.errors import ProblemError\n"
        "for path in sys.argv[1:]:\n"
        "    try: read_bytes(Path(path), code='RE-308')\n"
        "    except ProblemError as error: print(error.problems[0].code)\n"
    )
    # in a process of its own, so that a hang would fail this test alone
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "pipe"), "/dev/zero"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.split() == ["RE-308", "RE-308"]


@pytest.mark.parametrize(
    "content",
    [
        b"".join(b"unknown_%d: 1\n" % number for number in range(20_000)),
        b"stage: idea\n" * 20_000,
        b"[" * 900_000,
        b"{a: " * 200_000,
        b'{"a":' * 150_000,
        b"stage: " + b"x" * 900_000,
        b'"' + b"\\" * 900_000,
        b"&a " * 300_000,
        b"stage: " + b"9" * 900_000,
        b"? " * 400_000,
        b"\x00" * 900_000,
        b"!" * 900_000,
    ],
    ids=lambda content: content[:12].decode(),
)
def test_no_file_takes_long_however_it_is_made(content: bytes) -> None:
    start = time.monotonic()
    for name in ("answers.yaml", "answers.json"):
        assert all(len(one.message) < 300 for one in problems(content, name)[:10])
    assert time.monotonic() - start < 20


@settings(deadline=None)
@given(st.binary(max_size=100) | st.text(alphabet="stagehno_wr: {}[],-'\"\n\t&*!#|1.", max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_a_problem(content: bytes) -> None:
    for name in ("answers.yaml", "answers.json"):
        try:
            read(content, name)
        except ProblemError as error:
            str(error).encode()


# --- from Python -------------------------------------------------------------------------------------------


class Stage(enum.StrEnum):
    LIVE = "live"


class Scalar:
    """What a number of an array library looks like: it has no dimensions, and gives the number on request."""

    shape = ()

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        return self._value


def test_python_values_are_taken_as_they_are() -> None:
    raw = {"stage": Stage.LIVE, "has_owner": None, "team_size": Scalar(3), "users": NOT_APPLICABLE}
    answers = answers_from_mapping(raw, PACK)
    assert dict(answers.values) == {"stage": "live", "team_size": 3.0, "users": NOT_APPLICABLE}
    assert [type(value) for value in answers.values.values()][:2] == [str, float]


def test_numbers_and_texts_of_numpy_are_taken_as_those_of_python() -> None:
    numpy = pytest.importorskip("numpy")
    for value in (numpy.int64(3), numpy.float32(3), numpy.float64(3), numpy.array(3)):
        assert dict(answers_from_mapping({"team_size": value}, PACK).values) == {"team_size": 3.0}
    answers = answers_from_mapping({"stage": numpy.str_("live")}, PACK)
    assert type(answers.values["stage"]) is str
    assert mapping_problems({"has_owner": numpy.bool_(True)}) == [("RE-302", "has_owner")]
    assert mapping_problems({"team_size": numpy.float64("nan")}) == [("RE-302", "team_size")]
    assert mapping_problems({"team_size": numpy.array([3])}) == [("RE-302", "team_size")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"has_owner": True}, "RE-302"),
        ({"team_size": True}, "RE-302"),
        ({"team_size": "3"}, "RE-302"),
        ({"team_size": float("nan")}, "RE-302"),
        ({"team_size": float("-inf")}, "RE-302"),
        ({"team_size": 10**400}, "RE-303"),
        ({"team_size": -(10**5000)}, "RE-303"),
        ({"stage": 1}, "RE-302"),
        ({"stage": ["idea"]}, "RE-302"),
        ({"stage": ("idea",)}, "RE-302"),
        ({"stage": {"idea"}}, "RE-302"),
        ({"stage": {"is": "idea"}}, "RE-302"),
        ({"stage": b"idea"}, "RE-304"),
        ({"stage": object()}, "RE-304"),
        ({"stage": "ideal"}, "RE-304"),
        ({"stage": "\ud800"}, "RE-304"),
        ({"stage": NOT_APPLICABLE}, "RE-305"),
        ({"teem_size": 3}, "RE-301"),
        ({1: 3}, "RE-301"),
        ({None: 3}, "RE-301"),
    ],
)
def test_python_values_that_are_no_answers_are_refused_with_their_question(
    raw: dict[object, object], code: str
) -> None:
    assert mapping_problems(raw) == [(code, str(next(iter(raw))))]


@pytest.mark.parametrize("raw", [None, [], "stage", 3, [("stage", "idea")]])
def test_what_is_no_mapping_is_refused(raw: object) -> None:
    assert mapping_problems(raw) == [("RE-307", "answers")]


def test_an_envelope_may_come_from_python_and_hold_a_date() -> None:
    raw = {"project": "Fox", "date": datetime.date(2026, 11, 24), "answers": {"stage": "live"}, "by": {"stage": "Ada"}}
    answers = answers_from_mapping(raw, PACK)
    assert (answers.project, answers.date, dict(answers.by)) == ("Fox", "2026-11-24", {"stage": "Ada"})


def test_all_problems_of_a_mapping_come_at_once() -> None:
    raw = {
        "answers": {"stage": "ideal", "team_size": 99, "teem_size": 1, "users": [1]},
        "notes": {"stage": "x" * 20_000, "has_owner": "half \ud800"},
        "project": "half a character \udc00",
        "date": "yesterday",
        "budget": 3,
    }
    assert sorted(mapping_problems(raw)) == [
        ("RE-103", "budget"),
        ("RE-301", "teem_size"),
        ("RE-302", "date"),
        ("RE-302", "has_owner"),
        ("RE-302", "project"),
        ("RE-302", "stage"),
        ("RE-302", "users"),
        ("RE-303", "team_size"),
        ("RE-304", "stage"),
    ]


def test_a_mapping_that_holds_itself_is_refused() -> None:
    raw: dict[str, object] = {}
    raw["answers"] = raw
    assert mapping_problems(raw) == [("RE-301", "answers")]
    raw = {"stage": None}
    raw["stage"] = raw
    assert mapping_problems(raw) == [("RE-302", "stage")]


def test_old_and_new_name_of_a_question_are_one_question() -> None:
    assert dict(answers_from_mapping({"owned": "yes"}, PACK).values) == {"has_owner": "yes"}
    assert mapping_problems({"owned": "yes", "has_owner": "yes"}) == [("RE-102", "has_owner")]
