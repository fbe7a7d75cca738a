"""The commands of the history, as users run them."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from riskengine.cli.history import app
from riskengine.history.as_json import records_jsonl
from riskengine.history.history import History
from tests.cli.run import nothing_but
from tests.cli.run import run as run_in_a_process
from tests.history.projects import assessment
from tests.portfolio.command import SMALL, Ran
from tests.portfolio.command import run as run_here

ANSWERS = "project: Churn model\ndate: 2025-02-01\nanswers:\n  stage: idea\n  team_fte: 2\nnotes:\n  stage: the wiki\n"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS)
    return path


def run(*arguments: object, stdin: str = "", **environment: str) -> Ran:
    """Run a command within this process, which is quicker."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        return run_here(*arguments)


def kept(file: str) -> list[dict[str, object]]:
    done = run("history", "list", "--json", "--history", file)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_from_the_first_answers_to_the_table_that_training_reads(answers: Path, file: str, tmp_path: Path) -> None:
    place = {"RISKENGINE_HISTORY": file}
    added = run_in_a_process("history", "add", answers, "--json", **place)
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["notes"] == {"stage": "the wiki"}
    said = run_in_a_process(
        "history", "outcome", "churn MODEL", "failed", "--on", "2026-03-31", "--end", "cancelled", **place
    )
    assert (said.returncode, said.stdout) == (0, "")
    (one,) = kept(file)
    assert {name: one[name] for name in ("project", "assessments", "first", "outcome", "end", "ended")} == {
        "project": "Churn model",
        "assessments": 1,
        "first": "2025-02-01",
        "outcome": "failed",
        "end": "cancelled",
        "ended": "2026-03-31",
    }
    shown = run_in_a_process("history", "show", "Churn model", **place)
    assert "2025-02-01" in shown.stdout and "failed: cancelled on 2026-03-31" in shown.stdout
    table = tmp_path / "table.csv"
    exported = run_in_a_process("history", "export", "-o", table, "--json", **place)
    assert (exported.returncode, json.loads(exported.stdout)["projects"]) == (0, 1)
    assert table.read_text().splitlines()[1].startswith("Churn model,2025-02-01,cancelled,2026-03-31,")


def test_assess_saves_what_it_shows(answers: Path, file: str) -> None:
    done = run("assess", answers, "--json", "--save", "--history", file)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    (one,) = kept(file)
    assert (one["project"], one["probability"]) == ("Churn model", shown["probability"])
    # what was printed can be written down elsewhere
    other = str(Path(file).with_name("other.db"))
    assert run("history", "add", "-", "--history", other, stdin=done.stdout).returncode == 0
    with History.open(file) as ours, History.open(other) as theirs:
        (here,), (there,) = ours.show("Churn model").assessments, theirs.show("Churn model").assessments
    assert (here.answers, here.notes, here.versions, here.result) == (
        there.answers,
        there.notes,
        there.versions,
        there.result,
    )


def test_assess_names_answers_that_have_no_name(answers: Path, file: str, tmp_path: Path) -> None:
    nameless = tmp_path / "nameless.yaml"
    nameless.write_text("stage: idea\n")
    done = run("assess", nameless, "--project", " Churn  model ", "--save", "--json", "--history", file)
    assert (done.returncode, json.loads(done.stdout)["project"]) == (0, "Churn model"), done.stderr
    assert [one["project"] for one in kept(file)] == ["Churn model"]
    # without the history too
    assert json.loads(run("assess", nameless, "--project", "Churn", "--json").stdout)["project"] == "Churn"
    for name in ("Another", "", "\x1b[2J"):
        refused = run("assess", answers, "--project", name, "--save", "--history", file)
        assert (refused.returncode, "RE-506" in refused.stderr) == (2, True)
    assert len(kept(file)) == 1


def test_a_report_that_cannot_be_written_leaves_nothing_in_the_history(answers: Path, file: str) -> None:
    done = run("assess", answers, "--save", "--history", file, "--report", "/dev/null/report.html")
    assert (done.returncode, "RE-801" in done.stderr, Path(file).exists()) == (2, True, False)


def test_assess_saves_answers_without_a_day_as_of_today(file: str) -> None:
    done = run("assess", "-", "--save", "--json", "--history", file, stdin="project: A\nanswers: {stage: idea}\n")
    assert done.returncode == 0, done.stderr
    (one,) = kept(file)
    assert one["first"] == json.loads(done.stdout)["date"] is not None


def test_assess_opens_the_history_before_it_asks_and_saves_only_what_it_could_read(file: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("project: A\nanswers: {stage: idae}\n")
    refused = run("assess", tmp_path / "bad.yaml", "--save", "--history", file)
    assert (refused.returncode, "RE-304" in refused.stderr, Path(file).exists()) == (2, True, False)
    unasked = run("assess", "--save", "--history", tmp_path)
    assert (unasked.returncode, "RE-502" in unasked.stderr) == (2, True)


def test_a_history_goes_out_and_in_again(answers: Path, file: str, tmp_path: Path) -> None:
    run("history", "add", answers, "--history", file)
    run("history", "outcome", "Churn model", "succeeded", "--on", "2026-01-01", "--history", file)
    lines, copy, other = tmp_path / "all.jsonl", tmp_path / "copy.db", str(tmp_path / "other.db")
    assert run("history", "export", "--everything", "-o", lines, "--history", file).returncode == 0
    restored = run("history", "restore", lines, "--json", "--history", other)
    assert json.loads(restored.stdout) == {"assessments": 1, "outcomes": 1, "known": 0}
    assert run("history", "backup", copy, "--history", file).returncode == 0
    assert kept(other) == kept(str(copy)) == kept(file)


@pytest.mark.parametrize("command", [["export"], ["export", "--everything"], ["backup"]], ids=" ".join)
@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_the_history_is_not_written_over(answers: Path, file: str, command: list[str], ending: str) -> None:
    run("history", "add", answers, "--history", file)
    target = ("-o", file + ending) if command[0] == "export" else (file + ending,)
    done = run("history", *command, *target, "--history", file)
    assert (done.returncode, "RE-512" in done.stderr) == (2, True)
    assert len(kept(file)) == 1


def changed_line(**changes: object) -> str:
    with History.open("history.db") as history:
        history.add(assessment())
        (line,) = records_jsonl(history.records()).splitlines()
    Path("history.db").unlink()
    return json.dumps({**json.loads(line), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "1"},
        {"project": ""},
        {"project": 7},
        {"date": "soon"},
        {"recorded_at": "2025-01-01T00:00:00"},
        {"origin": "dreamt"},
        {"answers": {"team_fte": float("nan")}},
        {"answers": {"team_fte": 10**400}},
        {"answers": {"team_fte": True}},
        {"answers": []},
        {"versions": {}},
        {"versions": {"pack": {"name": "a", "version": 1, "hash": "b"}}},
        {"probability": 5},
        {"probability": float("nan")},
        {"range": {"answers": [0.1], "model": [0, 1]}},
        {"kind": "outcome"},
        {"kind": "dream"},
    ],
    ids=str,
)
def test_a_line_that_is_no_record_is_refused_with_its_number(
    changes: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = tmp_path / "all.jsonl"
    lines.write_text(f"{changed_line()}\n{changed_line(**changes)}\n")
    done = run("history", "restore", lines, "--history", "other.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{lines}:2: RE-513" in done.stderr
    assert nothing_but(tmp_path, "all.jsonl")


def test_texts_that_no_file_in_utf_8_holds_go_out_and_in_again(file: str, tmp_path: Path) -> None:
    lines, other = tmp_path / "all.jsonl", str(tmp_path / "other.db")
    with History.open(file) as history:
        history.add(assessment().model_copy(update={"notes": {"stage": "a\ud800b\0"}}))
    assert run("history", "export", "--everything", "-o", lines, "--history", file).returncode == 0
    assert run("history", "restore", lines, "--history", other).returncode == 0
    with History.open(file) as ours, History.open(other) as theirs:
        assert ours.records() == theirs.records()


def test_the_course_shows_each_number_what_changed_and_what_became_of_it(answers: Path, file: str) -> None:
    place = ("--history", file)
    run("history", "add", answers, *place)
    later = "project: churn model\ndate: 2025-06-01\nanswers: {stage: live, team_fte: 2}\n"
    added = run("history", "add", "-", "--json", *place, stdin=later)
    run("history", "outcome", "Churn model", "failed", "--on", "2025-12-01", "--note", "no budget", *place)
    run("history", "outcome", "Churn model", "failed", "--on", "2025-12-01", "--end", "unused", "--correct", *place)
    shown = run("history", "show", "Churn model", *place).stdout
    assert f"{100 * json.loads(added.stdout)['probability']:.0f} %" in shown
    assert "2025-06-01: stage: idea -> live" in shown
    assert "team_fte:" not in shown
    assert "failed on 2025-12-01 (corrected): no budget" in shown
    assert "failed: unused on 2025-12-01 (written down" in shown
    course = json.loads(run("history", "show", "Churn model", "--json", *place).stdout)
    assert [one["changed"] for one in course["assessments"]] == [{}, {"stage": ["idea", "live"]}]
    assert [one["counts"] for one in course["outcomes"]] == [False, True]


def test_another_pack_is_named_when_its_projects_are_taken_for_training(file: str, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("project: Churn\ndate: 2025-02-01\nanswers: {owner: no}\n")
    assert run("history", "add", answers, "--rules", SMALL, "--history", file).returncode == 0
    run("history", "outcome", "Churn", "failed", "--on", "2025-12-01", "--history", file)
    export = ("history", "export", "-o", tmp_path / "table.csv", "--history", file)
    own = json.loads(run(*export, "--rules", SMALL, "--json").stdout)
    assert (own["projects"], own["other_packs"]) == (1, {})
    shipped = json.loads(run(*export, "--json").stdout)
    assert (shipped["projects"], shipped["counts"]["no_answers"]) == (0, 1)
    house = tmp_path / "house"
    shutil.copytree(SMALL, house)
    pack = house / "pack.yaml"
    pack.write_text(pack.read_text().replace("name: worked-example", "name: house"))
    done = run(*export, "--rules", house)
    assert (done.returncode, "1 were assessed with another pack, `worked-example`" in done.stderr) == (0, True)
    assert json.loads(run(*export, "--rules", house, "--json").stdout)["other_packs"] == {"worked-example": 1}


GROUP: Any = typer.main.get_command(app)


@pytest.mark.parametrize("command", sorted(GROUP.commands))
def test_the_help_says_what_a_command_does_and_what_each_option_is_for(command: str) -> None:
    done = run("history", command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    # however the terminal breaks the lines
    said = " ".join(done.stdout.split())
    assert said.startswith(f"Usage: riskengine history {command} ")
    known = GROUP.commands[command]
    assert known.help.endswith(".") and " ".join(known.help.split()) in said
    assert "--history" in said
    for parameter in known.params:
        assert parameter.help.endswith("."), parameter.name
        assert " ".join(parameter.help.split()) in said


def test_a_table_of_the_past_is_imported(file: str, tmp_path: Path) -> None:
    table = tmp_path / "past.csv"
    table.write_text("Name,date,Result,ended,stage,stagge\nChurn,2024-02-01,dead,2025-03-31,idea,x\n")
    (tmp_path / "columns.yaml").write_text("Result: outcome\n")
    (tmp_path / "words.yaml").write_text("dead: cancelled\n")
    options = ("--columns", tmp_path / "columns.yaml", "--outcomes", tmp_path / "words.yaml", "--history", file)
    done = run("history", "import", table, *options, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"assessments": 1, "outcomes": 1, "known": 0}


def test_deleting_asks_first(answers: Path, file: str) -> None:
    run("history", "add", answers, "--history", file)
    refused = run("history", "delete", "Churn model", "--history", file)
    assert (refused.returncode, "RE-515" in refused.stderr) == (2, True)
    assert len(kept(file)) == 1
    done = run("history", "delete", "churn model", "--yes", "--history", file)
    assert (done.returncode, kept(file)) == (0, [])
    assert run("history", "delete", "--traces", "--history", file).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["history", "list"], "RE-501"),
        (["history", "add", "nameless.yaml"], "RE-506"),
        (["history", "add", "nameless.yaml", "--project", "A"], "RE-506"),
        (["history", "add", "nameless.yaml", "--project", "A", "--date", "soon"], "RE-506"),
        (["history", "add", "answers.yaml", "--project", "Another"], "RE-506"),
        (["history", "add", "cut.json"], "RE-511"),
        (["history", "add", "old.json"], "RE-511"),
        (["history", "add", "old.json", "--model", "none"], "RE-804"),
        (["history", "add", "missing.yaml"], "RE-308"),
        (["history", "restore", "answers.yaml"], "RE-513"),
        (["history", "outcome", "A", "failed", "--on", "2025-01-01", "--end", "cancled"], "RE-509"),
        (["assess", "nameless.yaml", "--save"], "RE-506"),
        (["history", "list", "--history", "nosuch://x/y"], "RE-500"),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one[1:4]),
)
def test_what_is_wrong_is_refused_and_nothing_written(arguments: list[str], code: str, tmp_path: Path) -> None:
    files = {
        "answers.yaml": ANSWERS,
        "nameless.yaml": "stage: idea\n",
        "cut.json": json.dumps({"probability": 0.5, "versions": {}}),
        "old.json": json.dumps(assessment().model_copy(update={"answers": {}}).as_json()),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    given = [str(tmp_path / one) if one in (*files, "missing.yaml") else one for one in arguments]
    done = run(*given, RISKENGINE_HISTORY=str(tmp_path / "history.db"))
    assert (done.returncode, done.stdout) == (2, "")
    assert code in done.stderr
    assert nothing_but(tmp_path, *files)


@pytest.mark.parametrize(
    "arguments",
    [
        ["history", "outcome", "A", "lost", "--on", "2025-01-01"],
        ["history", "outcome", "A", "failed"],
        ["history", "delete"],
        ["history", "delete", "A", "--traces"],
        ["assess", "answers.yaml", "--history", "x.db"],
    ],
    ids=" ".join,
)
def test_what_is_wrong_on_the_command_line_is_a_usage_error(arguments: list[str], tmp_path: Path) -> None:
    done = run(*arguments, RISKENGINE_HISTORY=str(tmp_path / "history.db"))
    assert (done.returncode, done.stdout) == (2, "")
    assert nothing_but(tmp_path)


def test_hostile_texts_do_not_steer_the_terminal(file: str) -> None:
    note = "\x1b]0;owned\x07\x1b[2J"
    hostile = assessment(project="=cmd()").model_copy(update={"risk_level": note})
    with History.open(file) as history:
        history.add(hostile)
        history.outcome("=cmd()", "failed", on="2025-02-01", end=note, note=note)
    for command in (["list"], ["show", "=cmd()"]):
        done = run("history", *command, "--history", file)
        assert done.returncode == 0, done.stderr
        assert "=cmd()" in done.stdout
        assert "\x1b" not in done.stdout + done.stderr
