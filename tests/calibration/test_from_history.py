"""`--from-history`: training, evaluation and drift on the history of assessments, by the real command line."""

from __future__ import annotations

import datetime
import json

import pytest

from tests.calibration.house import Project, projects, table
from tests.cli.run import run

DRAWN = projects(120, seed=5, base=-0.5)


@pytest.fixture(scope="module")
def known(tmp_path_factory, rules_folder):
    """A table and a history of the same projects; one goes on, and one was answered only when its end was known."""
    folder = tmp_path_factory.mktemp("known")
    (folder / "table.csv").write_text(table(DRAWN))
    run_on(folder, rules_folder, "history", "import", folder / "table.csv")
    answers = "\n".join(f"  q{place}: yes" for place in range(9))
    for name, day in (("goes on", "2024-01-01"), ("late", "2024-06-01")):
        (folder / "a.yaml").write_text(f"project: {name}\ndate: {day}\nanswers:\n{answers}\n")
        run_on(folder, rules_folder, "history", "add", folder / "a.yaml")
    run_on(folder, rules_folder, "history", "outcome", "late", "succeeded", "--on", "2024-05-01")
    done = run_on(folder, rules_folder, "model", "train", "--from-history", "-o", folder / "h.json")
    (folder / "said.txt").write_text(done.stderr)
    return folder


def run_on(folder, rules, *arguments, code=0):
    done = run(*arguments, "--rules", rules, "--history", folder / "history.db")
    assert done.returncode == code, done.stderr
    return done


def model_of(path):
    return json.loads(path.read_text())


def figures_of(text):
    return {key: value for key, value in json.loads(text).items() if key in ("figures", "ends", "areas", "temporal")}


def test_the_model_is_that_of_the_same_projects_in_a_table(known, rules_folder, tmp_path):
    said = (known / "said.txt").read_text()
    assert run("model", "train", known / "table.csv", "-o", tmp_path / "t.json", "--rules", rules_folder).stdout == ""
    of_history, of_table = model_of(known / "h.json"), model_of(tmp_path / "t.json")
    assert of_history["name"] == of_table["name"] == "history of 120 projects"
    for part in ("factors", "base", "moderation", "ends", "range"):
        assert of_history[part] == of_table[part], part
    assert "1 left out: no outcome yet" in said
    assert "1 left out: answered only on the day of the outcome or later" in said


def test_the_model_and_its_card_say_what_was_left_out_and_what_is_hindsight(known, rules_folder):
    trained = model_of(known / "h.json")["trained_on"]
    # what goes on is not left out
    assert trained["left_out"] == [{"reason": "answered only on the day of the outcome or later", "rows": 1}]
    assert trained["hindsight"] == 120
    card = run("model", "show", known / "h.json", "--card", "--rules", rules_folder).stdout
    assert "Written down only when the outcome was known: 120 projects" in card
    assert "Left out: 1 rows, answered only on the day of the outcome or later" in card


def test_the_evaluation_is_that_of_the_same_projects_in_a_table(known, rules_folder):
    of_history = run_on(known, rules_folder, "model", "evaluate", "--from-history", "--json").stdout
    of_table = run("model", "evaluate", known / "table.csv", "--rules", rules_folder, "--json").stdout
    assert figures_of(of_history) == figures_of(of_table)
    assert "hindsight" in json.loads(of_history)["cautions"][0]


def test_drift_is_looked_for_in_the_same_projects(known, rules_folder):
    of_history = json.loads(run_on(known, rules_folder, "model", "check", "--from-history", "--json").stdout)
    of_table = json.loads(run("model", "check", known / "table.csv", "--rules", rules_folder, "--json").stdout)
    assert of_history["projects"] == of_table["projects"] > 0
    assert of_history["expected"] == pytest.approx(of_table["expected"], abs=1e-6)


def test_answers_of_after_the_outcome_teach_nothing(tmp_path, rules_folder):
    honest = DRAWN[:30]
    (tmp_path / "honest.csv").write_text(table(honest))
    run_on(tmp_path, rules_folder, "history", "import", tmp_path / "honest.csv")
    run_on(tmp_path, rules_folder, "model", "train", "--from-history", "-o", tmp_path / "before.json")
    (tmp_path / "hindsight.csv").write_text(table([_told(one) for one in honest]))
    run_on(tmp_path, rules_folder, "history", "import", tmp_path / "hindsight.csv")
    said = run_on(tmp_path, rules_folder, "model", "train", "--from-history", "-o", tmp_path / "after.json").stderr
    assert "30 later assessments passed over: answered when the outcome was known" in said
    before, after = model_of(tmp_path / "before.json"), model_of(tmp_path / "after.json")
    assert (after["factors"], after["base"]) == (before["factors"], before["base"])


def _told(one: Project) -> Project:
    """Give a project assessed anew after its end, with answers that tell it."""
    yes = "no" if one.outcome == "succeeded" else "yes"
    later = one.ended + datetime.timedelta(days=3)
    return Project(one.name, {**one.answers, "q0": yes, "q1": yes}, later, one.ended, one.p, one.outcome)


@pytest.mark.parametrize("command", ["train", "evaluate", "check"])
def test_a_history_without_a_finished_project_is_refused(tmp_path, rules_folder, command):
    (tmp_path / "a.yaml").write_text("project: a\ndate: 2026-01-05\nanswers:\n  q0: yes\n")
    run_on(tmp_path, rules_folder, "history", "add", tmp_path / "a.yaml")
    (tmp_path / "m.json").write_text("old")
    more = ["-o", tmp_path / "m.json"] if command == "train" else []
    done = run_on(tmp_path, rules_folder, "model", command, "--from-history", *more, code=2)
    assert "RE-603" in done.stderr or "RE-613" in done.stderr
    assert "1 left out: no outcome yet" in done.stderr
    assert (done.stdout, (tmp_path / "m.json").read_text()) == ("", "old")


def test_a_history_of_another_packs_questions_is_refused_and_says_so(known, tmp_path):
    done = run("model", "train", "--from-history", "--history", known / "history.db", "-o", tmp_path / "m.json")
    assert done.returncode == 2
    assert "left out: no answer that this pack can read" in done.stderr
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("given", [("t.csv", "--from-history"), ()])
def test_a_table_and_a_history_or_neither_is_refused(given, rules_folder):
    done = run("model", "evaluate", *given, "--rules", rules_folder)
    assert (done.returncode, "RE-809" in done.stderr) == (2, True)


def test_an_unknown_column_for_subgroups_is_refused(known, rules_folder):
    done = run_on(known, rules_folder, "model", "evaluate", "--from-history", "--by", "departement", code=2)
    assert "RE-403 there is no column `departement`" in done.stderr
