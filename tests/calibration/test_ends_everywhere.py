"""A model whose ends were learnt: one assessment and a table say the same of how a project would fail."""

from __future__ import annotations

import csv
import json

import pytest

from tests.calibration.house import QUESTIONS, projects, table
from tests.cli.run import run

ENDS = ("cancelled", "overrun", "unused")


def test_assess_and_score_give_the_same_ends(tmp_path, rules_folder):
    (tmp_path / "h.csv").write_text(table(projects(80, seed=3)))
    model = ("--rules", rules_folder, "--model", tmp_path / "m.json")
    run("model", "train", tmp_path / "h.csv", "-o", tmp_path / "m.json", "--rules", rules_folder)
    learnt = json.loads((tmp_path / "m.json").read_text())["ends"]
    assert learnt.keys() == set(ENDS)
    # one project with all answers, one with some, one with none but its size
    new = [one.answers for one in projects(3, seed=9)]
    asked = [new[0], {q: new[1][q] for q in QUESTIONS[:4]}, {"size": new[2]["size"]}]
    with (tmp_path / "new.csv").open("w", newline="") as out:
        rows = csv.DictWriter(out, ["project", *QUESTIONS, "size"])
        rows.writeheader()
        rows.writerows({"project": f"p{place}", **one} for place, one in enumerate(asked))
    done = run("score", tmp_path / "new.csv", "-o", tmp_path / "out.csv", *model)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out.csv").open(newline="") as scored:
        for answers, row in zip(asked, csv.DictReader(scored), strict=True):
            given = [f"{question}={value}" for question, value in answers.items()]
            assessed = _assess(given, tmp_path, model)
            for end in ENDS:
                assert float(row[f"end_{end}"]) == pytest.approx(assessed["ends"][end], abs=1e-9)
            assert sum(assessed["ends"].values()) == pytest.approx(assessed["probability"], abs=1e-9)


def _assess(given, folder, model):
    path = folder / "answers.yaml"
    path.write_text("answers:\n" + "".join(f"  {one.replace('=', ': ', 1)}\n" for one in given))
    done = run("assess", path, *model, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
