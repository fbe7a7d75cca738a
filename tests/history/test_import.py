"""A table of the past, taken over: whatever its format, its columns' names and its words for outcomes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import riskengine
from riskengine.errors import ProblemError
from riskengine.history.history import History
from riskengine.history.merging import Added
from riskengine.portfolio.column_map import ColumnMap
from riskengine.portfolio.past import PastTable, import_past
from tests.history.projects import Clock, opened

BUILT = riskengine.load_pack()
TABLE = """project,date,outcome,ended,note,stage,team_fte,colour
Churn,2024-02-01,failed,2025-03-31,the budget,idea,2,red
Prices,2024-03-01,cancelled,2025-01-01,,live,"",blue
Search,2024-04-01,succeeded,2025-06-30,,live,4.5,
Chat,2024-05-01,,,,idea,,
"""


@pytest.fixture
def history(file: str) -> History:
    return opened(file, Clock("2026-01-01"))


def take(history: History, path: Path, **options: object) -> Added:
    given = {name: ColumnMap(held) if isinstance(held, dict) else held for name, held in options.items()}
    return import_past(PastTable(path, **given), history, BUILT, BUILT.prior)[0]  # type: ignore[arg-type]


def refused(history: History, path: Path, **options: object) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(ProblemError) as error:
        take(history, path, **options)
    assert history.projects() == []
    assert all(problem.source.file == str(path) for problem in error.value.problems)
    return [(problem.code, problem.source.row, problem.source.field) for problem in error.value.problems]


def table(tmp_path: Path, text: str, name: str = "past.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_taken_over_with_what_became_of_each_project(history: History, tmp_path: Path) -> None:
    added = take(history, table(tmp_path, TABLE))
    assert (len(added.assessments), len(added.outcomes), added.known) == (4, 3, 0)
    courses = {course.project: course for course in history.projects()}
    said = {name: (one.outcome.outcome, one.outcome.end) if one.outcome else None for name, one in courses.items()}
    assert said == {
        "Chat": None,
        "Churn": ("failed", None),
        "Prices": ("failed", "cancelled"),
        "Search": ("succeeded", None),
    }
    (churn,) = courses["Churn"].assessments
    assert (churn.date, churn.origin, dict(churn.answers)) == (
        "2024-02-01",
        "imported",
        {"stage": "idea", "team_fte": 2},
    )
    assert courses["Churn"].outcome is not None and courses["Churn"].outcome.note == "the budget"
    whole = riskengine.assess({"stage": "idea", "team_fte": 2}, model="none", explain=False)
    assert churn.result.probability == whole.probability


def test_the_same_table_twice_adds_nothing(history: History, tmp_path: Path) -> None:
    path = table(tmp_path, TABLE)
    take(history, path)
    assert take(history, path) == Added(known=7)


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "jsonl"])
def test_days_of_spreadsheets_and_typed_tables_are_days(history: History, tmp_path: Path, kind: str) -> None:
    frame = pl.read_csv(table(tmp_path, TABLE), try_parse_dates=True)
    assert frame.schema["date"] == pl.Date
    path = tmp_path / f"past.{kind}"
    match kind:
        case "xlsx":
            frame.write_excel(path)
        case "parquet":
            frame.write_parquet(path)
        case _:
            frame.write_ndjson(path)
    added = take(history, path)
    assert [one.date for one in added.assessments] == ["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]
    assert [one.date for one in added.outcomes] == ["2025-03-31", "2025-01-01", "2025-06-30"]


def test_columns_and_words_are_mapped(history: History, tmp_path: Path) -> None:
    text = "Vorhaben;Beginn;Ergebnis;Ende;Größe;stage\nChurn;01.02.2024;Abgebrochen;31.03.2025;2;idea\n"
    columns = {"Vorhaben": "project", "Beginn": "date", "Ergebnis": "outcome", "Ende": "ended", "Größe": "team_fte"}
    added = take(history, table(tmp_path, text), columns=columns, words={"abgebrochen": "cancelled"}, days="%d.%m.%Y")
    (one,), (outcome,) = added.assessments, added.outcomes
    assert (one.project, one.date, one.answers["team_fte"]) == ("Churn", "2024-02-01", 2)
    assert (outcome.outcome, outcome.end, outcome.date) == ("failed", "cancelled", "2025-03-31")


def test_every_mistake_is_reported_and_nothing_taken_over(history: History, tmp_path: Path) -> None:
    text = (
        "project,date,outcome,ended,stage,team_fte\n"
        ",2024-02-01,failed,2025-03-31,idea,2\n"
        "B,01.02.2024,failed,2025-03-31,idea,2\n"
        "C,2024-02-01,fialed,2025-03-31,idea,2\n"
        "D,2024-02-01,failed,,idea,2\n"
        "E,2024-02-01,failed,2025-03-31,idae,-2\n"
        "F,2024-02-01,,,idea,2\n"
        "f,2024-02-01,,,live,2\n"
    )
    assert refused(history, table(tmp_path, text)) == [
        ("RE-506", 1, "project"),
        ("RE-514", 2, "date"),
        ("RE-509", 3, "outcome"),
        ("RE-514", 4, "ended"),
        ("RE-304", 5, "stage"),
        ("RE-303", 5, "team_fte"),
        ("RE-514", 7, "project"),
    ]


def test_an_outcome_that_has_not_come_is_refused_with_its_row_and_column(history: History, tmp_path: Path) -> None:
    text = (
        "project,date,outcome,End of it,stage\nA,2024-01-01,failed,2025-01-01,idea\nB,2024-02-01,failed,2999-01-01,\n"
    )
    found = refused(history, table(tmp_path, text), columns={"End of it": "ended"})
    assert found == [("RE-509", 2, "End of it")]


def test_contradicting_outcomes_of_one_project_are_refused_with_their_row(history: History, tmp_path: Path) -> None:
    rows = "A,2024-01-01,failed,2025-01-01,idea\nA,2024-02-01,succeeded,2025-01-01,idea\n"
    text = f"project,date,outcome,ended,stage\n{rows}"
    assert refused(history, table(tmp_path, text)) == [("RE-508", 2, "outcome")]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("name,stage\nA,idea\n", {}, "RE-514"),
        ("date,stage\n2024-01-01,idea\n", {}, "RE-514"),
        ("project,date,outcome,stage\nA,2024-01-01,failed,idea\n", {}, "RE-514"),
        ("project,date\nA,2024-01-01\n", {}, "RE-403"),
        ("project,date,stage\nA,2024-01-01,idea\n", {"columns": {"Project name": "project"}}, "RE-403"),
        ("project,date,stage\nA,2024-01-01,idea\n", {"columns": {"stage": "stagge"}}, "RE-301"),
        ("project,date,project,stage\nA,2024-01-01,A,idea\n", {}, "RE-402"),
        ("", {}, "RE-401"),
    ],
)
def test_a_table_that_lacks_something_is_refused(
    history: History, tmp_path: Path, text: str, options: dict[str, object], code: str
) -> None:
    assert [one[0] for one in refused(history, table(tmp_path, text), **options)] == [code]


def test_a_word_for_no_outcome_is_refused(history: History, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as error:
        take(history, table(tmp_path, TABLE), words={"abandoned": "abandonned"})
    assert [problem.code for problem in error.value.problems] == ["RE-509"]


@pytest.mark.slow
def test_ten_thousand_projects_are_taken_over_and_selected(history: History, tmp_path: Path) -> None:
    rows = "".join(f"P{i},2024-02-01,failed,2025-03-31,,idea,{1 + i % 90 / 10},\n" for i in range(10_000))
    added = take(history, table(tmp_path, TABLE.splitlines()[0] + "\n" + rows))
    assert len(added.assessments) == 10_000
    assert len(history.select(BUILT.pack).projects) == 10_000
