"""Bad histories: each is refused, or used with a warning, by a message that says what and what to do."""

from __future__ import annotations

import json

import pytest

from riskengine.calibration.history import read_history
from riskengine.calibration.train import train
from riskengine.cli import main
from riskengine.errors import ProblemError
from tests.calibration.house import projects, table
from tests.cli.run import nothing_but, run

HEAD = "project,date,ended,outcome,q0,q1\n"


def codes(problems):
    return [problem.code for problem in problems]


def warned(read, small, text):
    return train(read(text), small, "h.csv").warnings


@pytest.mark.parametrize(("outcome", "says"), [("succeeded", "no project of the history failed"), ("failed", "all")])
def test_a_history_of_one_outcome_is_learned_from_with_a_warning(read, small, outcome, says):
    text = "outcome,q0\n" + f"{outcome},yes\n{outcome},no\n" * 10
    found = [one for one in warned(read, small, text) if one.code == "RE-606"]
    assert len(found) == 1
    assert says in found[0].message
    assert found[0].help


def test_three_rows_are_learned_from_with_a_warning(read, small):
    found = warned(read, small, "outcome,q0\nfailed,yes\nfailed,no\nsucceeded,no\n")
    assert codes(found) == ["RE-609"]
    assert "3 projects" in found[0].message


def test_the_same_answer_everywhere_is_named(read, small):
    found = warned(read, small, "outcome,q0,q1\n" + "failed,yes,no\nsucceeded,no,no\n" * 8)
    assert codes(found) == ["RE-610"]
    assert "`q1`" in found[0].message
    assert "`q0`" not in found[0].message


def test_a_project_that_stands_twice_is_refused_with_both_rows(read):
    with pytest.raises(ProblemError) as refused:
        read(HEAD + "a,,,failed,yes,no\nb,,,succeeded,no,no\na,,,failed,yes,no\n")
    (problem,) = refused.value.problems
    assert (problem.code, problem.source.row) == ("RE-607", 3)
    assert "row 1" in problem.message


def test_a_project_with_two_outcomes_is_refused(read):
    with pytest.raises(ProblemError) as refused:
        read(HEAD + "a,,,failed,yes,no\na,,,succeeded,yes,no\na,,,cancelled,yes,no\n")
    assert codes(refused.value.problems) == ["RE-608", "RE-608"]


def test_an_unknown_end_is_refused_with_the_nearest(read):
    with pytest.raises(ProblemError) as refused:
        read("outcome,q0\ncancled,yes\n")
    (problem,) = refused.value.problems
    assert problem.code == "RE-603"
    assert "cancelled" in problem.help


def test_another_packs_name_is_refused_and_another_state_warned_of(read, small):
    with pytest.raises(ProblemError) as refused:
        read("pack,outcome,q0\nelse,failed,yes\n")
    assert codes(refused.value.problems) == ["RE-611"]
    text = "pack,meaning_hash,outcome,q0\n" + "test-pack,0123,failed,yes\ntest-pack,,succeeded,no\n" * 6
    found = warned(read, small, text)
    assert codes(found) == ["RE-612"]
    assert "6 rows" in found[0].message


def test_answers_given_when_the_end_was_known_are_left_out_and_counted(read, small):
    rows = [
        "a,2024-01-01,2024-06-01,failed,yes,no",
        "b,2024-06-01,2024-06-01,failed,yes,yes",
        "c,2024-09-01T10:00:00,2024-06-01,succeeded,no,yes",
        "d,,2024-06-01,succeeded,no,no",
    ]
    history = read(HEAD + "\n".join(rows) + "\n")
    assert [row.project for row in history.rows] == ["a", "d"]
    assert [one.rows for one in history.left_out] == [(2, 3)]
    trained = train(history, small, "h.csv")
    assert "2 rows were left out" in next(one.message for one in trained.warnings if one.code == "RE-615")
    assert trained.model.trained_on["own_projects"] == 2
    assert trained.model.trained_on["left_out"][0]["rows"] == 2


def test_planted_hindsight_does_not_move_the_model(read, small):
    honest = projects(60, seed=3)
    planted = "".join(f"late{place},2030-01-02,2030-01-01,failed,no,no\n" for place in range(60))
    clean = table(honest)
    lines = clean.splitlines()
    more = [f"late{place},2030-01-02,2030-01-01,failed,{','.join(['no'] * 9)},5" for place in range(60)]
    leaky = "\n".join([*lines, *more]) + "\n"
    assert planted
    with_leak, without = train(read(leaky), small).model, train(read(clean), small).model
    assert with_leak.factors == without.factors
    assert with_leak.base == without.base


def test_nothing_but_hindsight_is_refused(read):
    with pytest.raises(ProblemError) as refused:
        read(HEAD + "a,2024-07-01,2024-06-01,failed,yes,no\n")
    assert codes(refused.value.problems) == ["RE-604"]


@pytest.mark.parametrize(
    ("cell", "column"), [("2024-13-01", "date"), ("soon", "ended"), ("1.2", "probability"), ("x", "probability")]
)
def test_a_cell_that_is_no_date_or_probability_is_refused_with_its_place(read, cell, column):
    with pytest.raises(ProblemError) as refused:
        read(f"{column},outcome,q0\n{cell},failed,yes\n")
    (problem,) = refused.value.problems
    assert (problem.code, problem.source.row, problem.source.field) == ("RE-603", 1, column)


def test_every_mistake_of_a_table_is_reported_at_once(tmp_path, small):
    path = tmp_path / "h.csv"
    path.write_text(HEAD + "a,soon,,failed,maybe,no\na,,,lost,yes,no\nb,,,failed,yes,no\nb,,,succeeded,yes,no\n")
    with pytest.raises(ProblemError) as refused:
        read_history(path, small.pack)
    assert sorted(codes(refused.value.problems)) == ["RE-304", "RE-603", "RE-603", "RE-608"]


def test_a_bad_history_leaves_the_old_model_alone(tmp_path, rules_folder):
    path, out = tmp_path / "h.csv", tmp_path / "m.json"
    path.write_text(HEAD + "a,,,failed,yes,no\na,,,succeeded,yes,no\n")
    out.write_text("old")
    done = run("model", "train", path, "-o", out, "--rules", rules_folder)
    assert done.returncode == 2
    assert "RE-608" in done.stderr
    assert "correct it" in done.stderr
    assert out.read_text() == "old"
    assert nothing_but(tmp_path, "h.csv", "m.json")


@pytest.mark.parametrize("command", ["train", "evaluate", "check"])
def test_terminal_escapes_in_a_history_stay_text(tmp_path, rules_folder, command):
    path = tmp_path / "h.csv"
    path.write_text("project,outcome,q0\n\x1b[31ma,failed,yes\n\x1b[31ma,succeeded,no\n")
    more = ["-o", tmp_path / "m.json"] if command == "train" else []
    done = run("model", command, path, *more, "--rules", rules_folder)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("command", ["evaluate", "check"])
def test_published_counts_alone_are_nothing_to_judge_by(tmp_path, rules_folder, command):
    path = tmp_path / "h.csv"
    path.write_text("study,outcome,count,q0\ns,failed,9,yes\ns,succeeded,9,no\n")
    done = run("model", command, path, "--rules", rules_folder, "--json")
    assert done.returncode == 2
    assert [one["code"] for one in json.loads(done.stderr)["errors"]] == ["RE-613"]


def test_evaluation_needs_both_outcomes_and_whole_counts(tmp_path, rules_folder):
    path = tmp_path / "h.csv"
    path.write_text("outcome,count,q0\nfailed,9,yes\nfailed,2.5,no\n")
    done = run("model", "evaluate", path, "--rules", rules_folder)
    assert "row 2:count: RE-613" in done.stderr
    path.write_text("outcome,q0\nfailed,yes\nfailed,no\n")
    assert "RE-613 all of the 2 projects failed" in run("model", "evaluate", path, "--rules", rules_folder).stderr


def test_an_unknown_column_for_subgroups_is_refused_with_the_nearest(tmp_path, rules_folder):
    path = tmp_path / "h.csv"
    path.write_text("department,outcome,q0\nA,failed,yes\nB,succeeded,no\n")
    done = run("model", "evaluate", path, "--by", "departement", "--rules", rules_folder)
    assert done.returncode == 2
    assert "RE-403" in done.stderr
    assert "department" in done.stderr


LEARNED = {
    "no failures": ("outcome,q0\n" + "succeeded,yes\nsucceeded,no\n" * 6, "RE-606 no project of the history failed"),
    "all failures": ("outcome,q0\n" + "failed,yes\nfailed,no\n" * 6, "RE-606 all projects of the history failed"),
    "three rows": ("outcome,q0\nfailed,yes\nfailed,no\nsucceeded,no\n", "RE-609 3 projects"),
    "constant column": ("outcome,q0,q1\n" + "failed,yes,no\nsucceeded,no,no\n" * 6, "the same answer to `q1`"),
    "another state": ("meaning_hash,outcome,q0\n" + "0123,failed,yes\n,succeeded,no\n" * 6, "RE-612 6 rows"),
}
REFUSED = {
    "duplicate": (HEAD + "a,,,failed,yes,no\na,,,failed,yes,no\n", "row 2:project: RE-607 `a` stands in row 1"),
    "contradictory": (
        HEAD + "a,,,failed,yes,no\na,,,succeeded,yes,no\n",
        "RE-608 `a` ends otherwise here than in row 1",
    ),
    "unknown end": ("outcome,q0\ncancled,yes\n", "unknown outcome `cancled`"),
    "another pack": ("pack,outcome,q0\nelse,failed,yes\n", "RE-611 this project was assessed with the pack `else`"),
    "header only": ("outcome,q0\n", "RE-603 the history has no rows"),
    "no outcome": ("q0\nyes\n", "RE-603 there is no column `outcome`"),
}


def trained_on(text, folder, rules, capsys):
    """Run `model train` where there is a model already; give exit code and standard error."""
    (folder / "h.csv").write_text(text)
    (folder / "m.json").write_text("old")
    with pytest.raises(SystemExit) as left:
        main(["model", "train", str(folder / "h.csv"), "-o", str(folder / "m.json"), "--rules", str(rules)])
    said = capsys.readouterr()
    assert said.out == ""
    return left.value.code or 0, said.err


@pytest.mark.parametrize("case", LEARNED)
def test_what_a_history_can_not_teach_is_said_with_what_to_do(tmp_path, rules_folder, capsys, case):
    text, says = LEARNED[case]
    code, said = trained_on(text, tmp_path, rules_folder, capsys)
    assert code == 0
    assert f"warning: {tmp_path / 'h.csv'}" in said
    assert says in said
    assert "help: " in said
    assert json.loads((tmp_path / "m.json").read_text())["hash"]


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_learned_from_is_refused_and_the_old_model_stays(tmp_path, rules_folder, capsys, case):
    text, says = REFUSED[case]
    code, said = trained_on(text, tmp_path, rules_folder, capsys)
    assert code == 2
    assert says in said
    assert "help: " in said
    assert (tmp_path / "m.json").read_text() == "old"
    assert nothing_but(tmp_path, "h.csv", "m.json")
