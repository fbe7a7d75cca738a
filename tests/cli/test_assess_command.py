"""`riskengine assess` where nothing can be asked, and options that contradict each other."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from random_packs import choice, number, rule, write_pack, yes_no
from run import nothing_but, run

from riskengine.assessment.answers import MAX_TEXT, Answers, answers_from_text
from riskengine.cli.questionnaire import begin
from riskengine.cli.read import read_begun, write_answers
from riskengine.cli.screen import one_line
from riskengine.errors import ProblemError
from riskengine.logic.conditions import NOT_APPLICABLE


@pytest.mark.parametrize("options", [[], ["--quick"], ["--json"], ["--answers-out", "out.yaml"]])
def test_without_a_terminal_nothing_is_asked(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("assess", *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "RE-803" in done.stderr
    assert "riskengine template" in done.stderr
    assert nothing_but(tmp_path)


def test_a_file_that_can_not_be_gone_on_with_is_left_as_it_is(tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text("answers: {stage: ideal, motif: problem, team_fte: 9999}")
    done = run("assess", "--resume", path)
    assert done.returncode == 2
    assert done.stdout == ""
    for code in ("RE-304", "RE-301", "RE-303"):
        assert code in done.stderr
    assert path.read_text() == "answers: {stage: ideal, motif: problem, team_fte: 9999}"
    assert nothing_but(tmp_path, "answers.yaml")


def test_a_file_to_go_on_with_that_is_missing_is_an_error(tmp_path):
    done = run("assess", "--resume", tmp_path / "missing.yaml")
    assert done.returncode == 2
    assert "RE-308" in done.stderr


@pytest.mark.parametrize("option", [["--quick"], ["--resume", "b.yaml"]])
def test_a_file_of_answers_and_asking_contradict_each_other(option, tmp_path):
    done = run("assess", tmp_path / "a.yaml", *option)
    assert done.returncode == 2
    assert done.stdout == ""
    assert option[0] in done.stderr
    assert "leave one of the two out" in done.stderr


def test_two_forms_at_once_contradict_each_other(tmp_path):
    done = run("assess", tmp_path / "a.yaml", "--json", "--markdown")
    assert done.returncode == 2
    assert "choose one of the two" in done.stderr


# --- files that are gone on with ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    questions = [
        choice("kind", ["null", "no", "n_a"], "none", renamed_from=["sort"]),
        yes_no("data", "no", may_not_apply=True),
        number("months", 0.5, 24, "low"),
    ]
    return write_pack(tmp_path_factory.mktemp("pack"), questions, [rule("no-data", {"data": "no"})])


@pytest.mark.parametrize("name", ["answers.yaml", "answers.json"])
@pytest.mark.parametrize(
    "values",
    [{}, {"kind": None}, {"kind": "null", "data": NOT_APPLICABLE, "months": 0.7}, {"kind": "no", "data": None}],
)
def test_what_is_saved_is_gone_on_with_as_it_was(pack, tmp_path, name, values):
    answers = Answers(values, "A", "2026-02-28", "test-pack", {"data": "a: b"}, {"data": "Ann"})
    write_answers(tmp_path / name, answers)
    read, not_known = read_begun(tmp_path / name, pack)
    assert {**read.values, **dict.fromkeys(not_known)} == values
    assert (read.project, read.date, read.notes, read.by) == ("A", "2026-02-28", answers.notes, answers.by)


@pytest.mark.parametrize(
    ("text", "not_known"),
    [
        ("kind:\ndata: null\nmonths: ~", {"data", "months"}),
        ("answers:\n  kind:\n  data: NULL", {"data"}),
        ("sort: null", {"kind"}),
        ("kind: 'null'", set()),
        ('{"answers": {"kind": null}, "notes": {"data": null}}', {"kind"}),
        ("answers:", set()),
        ("{}", set()),
    ],
)
def test_null_in_words_is_not_known_and_nothing_is_not_answered(pack, tmp_path, text, not_known):
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    assert read_begun(path, pack)[1] == not_known


def test_a_template_has_every_question_still_to_be_asked(pack, tmp_path):
    from riskengine.forms.template import answers_template

    path = tmp_path / "template.yaml"
    path.write_text(answers_template(pack))
    read, not_known = read_begun(path, pack)
    assert begin(pack, values={**read.values, **dict.fromkeys(not_known)}).current == "kind"


@given(st.text(max_size=200).map(one_line), st.text(min_size=1, max_size=200).map(one_line))
def test_names_and_notes_survive_being_saved(pack, tmp_path_factory, project, note):
    path = tmp_path_factory.mktemp("texts") / "answers.yaml"
    write_answers(path, Answers({}, project=project or None, notes={"data": note} if note else {}))
    read = answers_from_text(path.read_bytes(), "answers.yaml", pack)
    assert read.project == (project or None)
    assert read.notes == ({"data": note} if note else {})


def test_the_longest_note_can_be_read_back(pack, tmp_path):
    path = tmp_path / "answers.yaml"
    write_answers(path, Answers({}, notes={"data": "x" * MAX_TEXT}))
    assert len(yaml.safe_load(path.read_text())["notes"]["data"]) == MAX_TEXT
    read_begun(path, pack)
    write_answers(path, Answers({}, notes={"data": "x" * (MAX_TEXT + 1)}))
    with pytest.raises(ProblemError, match="RE-302"):
        read_begun(path, pack)
