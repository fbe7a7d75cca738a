"""Answers of after the outcome, planted by the commands that users have: counted, and nothing learnt from them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run as run_in_a_process
from tests.portfolio.command import SMALL, Ran, run

COUNT, PLANTED = 24, 8
TOLD = {"failed": ("no", 9.0), "succeeded": ("yes", 1.0)}
"""Answers that give the outcome away: who answers for the result, and how many people work on it."""


def command(*arguments: object) -> Ran:
    done = run(*arguments, "--rules", SMALL)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Finished projects whose answers, from before the end, say next to nothing of it."""
    table = tmp_path / "past.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["project", "date", "outcome", "ended", "owner", "people", "work"])
        for number in range(COUNT):
            outcome, owner = ("failed", "succeeded")[number % 2], ("yes", "no")[number % 3 == 0]
            rows.writerow([f"P{number}", "2024-01-15", outcome, "2024-12-01", owner, 1 + number % 5, 12])
    command("history", "import", table, "--history", tmp_path / "history.db")
    return tmp_path / "history.db"


def plant(history: Path, project: str, day: str, outcome: str) -> None:
    """Have a project assessed on a day, by answers that tell how it ended."""
    owner, people = TOLD[outcome]
    path = history.with_name("planted.yaml")
    path.write_text(f"project: {project}\ndate: {day}\nanswers: {{owner: {owner}, people: {people}, work: 3}}\n")
    command("assess", path, "--save", "--history", history)


def trained(history: Path, *options: str) -> tuple[bytes, str]:
    model = history.with_name("model.json")
    said = command("model", "train", "--from-history", "--history", history, "-o", model, *options).stderr
    return model.read_bytes(), said


@pytest.mark.parametrize("stage", ["start", "latest", "2024-11-30"])
def test_a_model_is_the_same_to_the_byte_with_later_answers_and_without(history: Path, stage: str) -> None:
    before, said = trained(history, "--stage", stage)
    assert "passed over" not in said
    for number in range(PLANTED):
        # on the day of the outcome, and after it
        plant(history, f"P{number}", ("2024-12-01", "2025-02-01")[number % 2], ("failed", "succeeded")[number % 2])
    after, said = trained(history, "--stage", stage)
    assert after == before
    assert f"{PLANTED} later assessments passed over: answered when the outcome was known" in said
    # and the history has them all the same
    shown = json.loads(run("history", "show", "P1", "--json", "--history", history).stdout)
    assert [one["date"] for one in shown["assessments"]] == ["2024-01-15", "2025-02-01"]


def test_projects_that_were_only_answered_late_are_counted_and_change_nothing_else(history: Path) -> None:
    before = json.loads(trained(history)[0])
    for number, day in enumerate(("2024-12-01", "2024-12-02", "2025-06-01")):
        plant(history, f"Late {number}", day, "failed")
        command("history", "outcome", f"Late {number}", "failed", "--on", "2024-12-01", "--history", history)
    content, said = trained(history)
    after = json.loads(content)
    assert "3 left out: answered only on the day of the outcome or later" in said
    left_out = [{"reason": "answered only on the day of the outcome or later", "rows": 3}]
    assert without_count(after) == (without_count(before)[0], left_out)


def without_count(model: dict[str, Any]) -> tuple[dict[str, Any], object]:
    """Give a model without what says how much was left out, and that."""
    kept = {name: value for name, value in model.items() if name != "hash"}
    about = dict(kept["trained_on"])
    left_out = about.pop("left_out", None)
    return {**kept, "trained_on": about}, left_out


def test_a_table_with_later_answers_is_treated_alike(history: Path) -> None:
    table, model = history.with_name("table.csv"), history.with_name("model.json")
    command("history", "export", "-o", table, "--history", history)
    command("model", "train", table, "-o", model)
    before = json.loads(model.read_bytes())
    with table.open("a") as file:
        columns = table.read_text().splitlines()[0].split(",")
        late = {"project": "Late", "date": "2024-12-01", "ended": "2024-12-01", "outcome": "failed", "owner": "no"}
        file.write(",".join(late.get(column, "") for column in columns) + "\n")
    done = command("model", "train", table, "-o", model)
    after = json.loads(model.read_bytes())
    assert after["factors"] == before["factors"]
    assert after["trained_on"]["left_out"] == [{"reason": "answered when the outcome was known", "rows": 1}]
    assert "RE-615 1 rows were left out" in done.stderr


def test_in_a_process_of_its_own_the_whole_way_is_the_same(history: Path) -> None:
    before, _ = trained(history)
    plant(history, "P0", "2025-01-01", "failed")
    model = history.with_name("model.json")
    arguments = ("model", "train", "--from-history", "-o", model, "--rules", SMALL)
    done = run_in_a_process(*arguments, RISKENGINE_HISTORY=str(history))
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 later assessments passed over" in done.stderr
    assert model.read_bytes() == before
