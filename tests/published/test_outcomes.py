"""The published counts say of each row what it is, and keep to the weights that the page beside them declares."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "data" / "README.md").read_text("utf-8")
EVIDENCE = yaml.safe_load((ROOT / "data" / "evidence.yaml").read_text("utf-8"))
SCRIPT = ROOT / "benchmarks" / "published_counts.py"

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with (ROOT / "data" / "outcomes.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


@pytest.fixture(scope="module")
def studies(rows: list[Row]) -> dict[str, list[Row]]:
    of: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of[row["study"]].append(row)
    return of


def answers(row: Row) -> list[str]:
    names = list(row)
    questions = names[names.index("project_kind") + 1 : names.index("grade")]
    return [f"{name}={row[name]}" for name in questions if row[name]]


def weight(rows: list[Row]) -> float:
    return sum(int(row["count"]) * float(row["weight"]) for row in rows)


def test_there_are_enough_rows_from_enough_studies(rows: list[Row], studies: dict[str, list[Row]]) -> None:
    assert len(rows) >= 40
    assert len(studies) >= 14


def test_every_row_says_what_was_counted_how_it_was_read_and_what_it_stands_for(rows: list[Row]) -> None:
    for row in rows:
        assert row["grade"] in EVIDENCE["grades"], row
        assert row["grade"] != "D", row
        assert row["read"] in EVIDENCE["read"], row
        assert re.search(r"(19|20)\d\d", row["source"]), row
        found = answers(row)
        if found:
            (answer,) = found
            assert row["fit"] in ("near", "fair", "far"), row
            assert f"Stands for {answer}" in row["note"], row
        else:
            assert row["fit"] == "", row


def test_both_outcomes_of_an_arm_say_the_same_of_it(studies: dict[str, list[Row]]) -> None:
    for of_study in studies.values():
        said = defaultdict(set)
        for row in of_study:
            rest = tuple(value for name, value in row.items() if name not in ("outcome", "count"))
            said[tuple(answers(row))].add(rest)
        assert all(len(one) == 1 for one in said.values())


def test_a_study_weighs_what_its_rows_say_and_no_more_than_is_allowed(studies: dict[str, list[Row]]) -> None:
    for name, of_study in studies.items():
        total = weight(of_study)
        assert total <= 200, name
        declared = {float(one) for row in of_study for one in re.findall(r"weighs (\d+) in all", row["note"])}
        assert len(declared) <= 1, name
        for one in declared:
            assert total == pytest.approx(one, rel=0.01), name
            assert one <= 50, name


def test_shares_are_written_as_counts_per_hundred_with_a_low_weight(studies: dict[str, list[Row]]) -> None:
    for name, of_study in studies.items():
        if not any("counts per hundred" in row["note"] for row in of_study):
            continue
        arms: dict[tuple[str, ...], int] = defaultdict(int)
        for row in of_study:
            arms[tuple(answers(row))] += int(row["count"])
        assert set(arms.values()) == {100}, name
        assert weight(of_study) <= 10.1 * len(arms), name


def test_the_page_lists_the_studies_as_they_are(studies: dict[str, list[Row]]) -> None:
    listed = re.findall(
        r"^\| `([\w-]+-\d{4}|world-bank-ieg)` \|.*\| ([^|]+) \| (\d+) \| ([ABC][+-]?) \|$", README, re.M
    )
    assert {name for name, *_ in listed} == set(studies)
    for name, failed, total, grade in listed:
        of_study = studies[name]
        assert weight(of_study) == pytest.approx(float(total), abs=0.5), name
        assert {row["grade"] for row in of_study} == {grade}, name
        if failed != "as per cent":
            lost = sum(int(row["count"]) for row in of_study if row["outcome"] == "failed")
            assert failed == f"{lost:,} of {sum(int(row['count']) for row in of_study):,}", name


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, cwd=ROOT, check=False)


def test_counting_again_finds_a_table_that_says_otherwise(tmp_path: Path) -> None:
    columns = (
        "Project Client.code Project.type Actual.start.date Actual.duration Actual.effort Adjusted.function.points"
        " Estimated.completion.date First.estimate First.estimate.method"
    )
    head = "".join(f"@attribute {name} string\n" for name in columns.split())
    late = "1,1,D,1997-01-01,100,500,10,1997-02-01,500,EO\n"
    fine = "2,1,D,1997-01-01,30,500,10,?,500,EO\n"
    (tmp_path / "kitchenham.arff").write_text(f"@relation k\n{head}@data\n{late}{fine}")
    done = run(tmp_path)
    assert done.returncode == 1, done.stderr
    assert re.search(r"problem_scale=small +1 of +2 +but the file says \(\d+, \d+\)", done.stdout)
    assert "seera.csv is not in" in done.stdout


def test_counting_again_asks_for_the_folder() -> None:
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert "published_counts.py FOLDER" in done.stderr
