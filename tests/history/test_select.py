"""What training gets to see: finished projects, as they were known before their outcome, and a count of the rest."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskengine
from riskengine.calibration.history import read_history
from riskengine.errors import ProblemError
from riskengine.history.entries import new_entry
from riskengine.history.history import History
from riskengine.history.merging import Past
from riskengine.history.record import Course, Outcome, Recorded
from riskengine.history.selection import select_projects
from riskengine.history.training_table import training_csv, training_rows
from riskengine.logic.conditions import NOT_APPLICABLE
from tests.history.projects import Clock, assessment, opened

PACK = riskengine.load_pack().pack
ENDED = "2026-03-31"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(file: str, clock: Clock) -> History:
    return opened(file, clock)


def record(history: History, clock: Clock, days: Sequence[str], project: str = "Churn", **answers: object) -> None:
    """Write down an assessment on each of some days, on the day itself."""
    for day in days:
        clock.day = day
        history.add(assessment(project=project, date=day, **answers))


def end(history: History, clock: Clock, project: str = "Churn") -> None:
    clock.day = ENDED
    history.outcome(project, "failed", on=ENDED, end="cancelled")


def test_the_assessment_at_the_start_counts_unless_another_stage_is_chosen(history: History, clock: Clock) -> None:
    record(history, clock, ["2025-02-01", "2025-06-01", "2025-12-01"])
    end(history, clock)
    days = {stage: history.select(PACK, stage).projects[0].date for stage in ("start", "latest", "2025-11-30")}
    assert days == {"start": "2025-02-01", "latest": "2025-12-01", "2025-11-30": "2025-06-01"}


def test_answers_given_when_the_outcome_was_known_are_left_out_and_counted(history: History, clock: Clock) -> None:
    # planted: on the day of the outcome, and after it
    record(history, clock, ["2025-02-01"], "Known before")
    end(history, clock, "Known before")
    record(history, clock, [ENDED, "2026-06-01"], "Known before", stage="live")
    for project, day in (("Same day", ENDED), ("Later", "2026-04-01")):
        record(history, clock, [day], project)
        clock.day = ENDED
        history.outcome(project, "failed", on=ENDED)
    for stage in ("start", "latest", "2027-01-01"):
        found = history.select(PACK, stage)
        assert [(one.project, one.date) for one in found.projects] == [("Known before", "2025-02-01")]
        assert found.counts == {"after_outcome": 2}
        assert {one.project for one in found.left_out} == {"Same day", "Later"}
        assert found.passed_over == 2
    assert any("2 left out: answered only on the day of the outcome or later" in note for note in found.notes())


def test_a_day_claimed_later_does_not_replace_what_was_written_down_in_time(history: History, clock: Clock) -> None:
    record(history, clock, ["2025-02-01"], stage="idea")
    end(history, clock)
    # planted: a correction and an earlier day, both written down when the outcome was known
    first = history.show("Churn").assessments[0]
    clock.day = "2026-05-01"
    history.add(assessment(stage="live"), corrects=first.id)
    history.add(assessment(date="2025-01-01", stage="live"))
    (found,) = history.select(PACK).projects
    assert (found.date, found.answers["stage"], found.hindsight) == ("2025-02-01", "idea", False)
    assert found.probability == first.result.probability


def test_a_correction_in_time_counts(history: History, clock: Clock) -> None:
    record(history, clock, ["2025-02-01"], stage="idea")
    history.add(assessment(date="2025-01-15", stage="live"), corrects=history.show("Churn").assessments[0].id)
    end(history, clock)
    (found,) = history.select(PACK).projects
    assert (found.date, found.answers["stage"]) == ("2025-01-15", "live")


def test_a_table_of_the_past_is_used_and_called_hindsight(history: History, clock: Clock) -> None:
    clock.day = "2026-06-01"
    history.import_past([Past(assessment(project=name), "failed", None, ENDED) for name in ("A", "B")])
    found = history.select(PACK)
    assert found.hindsight == len(found.projects) == 2
    assert {one.probability for one in found.projects} == {None}
    assert any("hindsight" in note for note in found.notes())


def test_every_project_is_selected_or_left_out_for_a_reason(history: History, clock: Clock) -> None:
    record(history, clock, ["2025-02-01"], "Running")
    record(history, clock, ["2025-02-01"], "Finished")
    record(history, clock, ["2025-06-01"], "Late")
    for project in ("Finished", "Late"):
        end(history, clock, project)
    found = history.select(PACK, "2025-03-01")
    assert [one.project for one in found.projects] == ["Finished"]
    assert found.counts == {"open": 1, "later_than_stage": 1}


def test_answers_that_a_later_pack_has_no_question_for_are_unknown_and_counted(history: History, clock: Clock) -> None:
    record(history, clock, ["2025-02-01"], stage="idea", team_fte=2)
    record(history, clock, ["2025-02-01"], "Other", team_fte=2)
    for project in ("Churn", "Other"):
        end(history, clock, project)
    smaller = replace(PACK, questions=tuple(one for one in PACK.questions if one.id != "team_fte"))
    found = select_projects(history.projects(), smaller, "start")
    assert [dict(one.answers) for one in found.projects] == [{"stage": "idea"}]
    assert found.counts == {"no_answers": 1}
    assert found.misfits == {"team_fte": 2}


@pytest.mark.parametrize("stage", ["", "first", "2025-13-01", "begin"])
def test_a_stage_that_is_none_is_refused(history: History, stage: str) -> None:
    with pytest.raises(ProblemError) as error:
        history.select(PACK, stage)
    assert [problem.code for problem in error.value.problems] == ["RE-516"]


_DAYS = st.dates(datetime.date(2025, 1, 1), datetime.date(2025, 1, 12)).map(datetime.date.isoformat)


@settings(max_examples=150, deadline=None)
@given(
    entries=st.lists(st.tuples(_DAYS, _DAYS, st.integers(0, 3)), max_size=6),
    ended=_DAYS,
    stage=st.one_of(st.sampled_from(["start", "latest"]), _DAYS),
)
def test_no_answer_from_the_day_of_the_outcome_on_is_ever_selected(
    entries: list[tuple[str, str, int]], ended: str, stage: str
) -> None:
    course = _course(entries, ended)
    found = select_projects([course], PACK, stage)
    assert len(found.projects) + len(found.left_out) == 1
    timely = [one for one in course.assessments if one.day_recorded < ended]
    for one in found.projects:
        assert one.date < ended
        assert stage in ("start", "latest") or one.date <= stage
        # what was written down in time is never outdone by what was not
        assert one.hindsight is (not timely)


def _course(entries: list[tuple[str, str, int]], ended: str) -> Course:
    records: list[Recorded] = []
    for date, recorded, corrects in entries:
        entry = new_entry(assessment(date=date), "assessed", datetime.datetime.fromisoformat("2030-01-01T00:00:00Z"))
        earlier = records[corrects].id if corrects < len(records) else None
        records.append(replace(entry, recorded_at=f"{recorded}T12:00:00+00:00", corrects=earlier))
    outcome = Outcome("0" * 32, "Churn", "failed", None, ended, "", f"{ended}T12:00:00+00:00", None)
    return Course("Churn", tuple(records), (outcome,))


def test_the_table_is_what_training_reads(history: History, clock: Clock, tmp_path: Path) -> None:
    may_not_apply = next(one.id for one in PACK.questions if one.may_not_apply and one.ask_when is None)
    answers: dict[str, object] = {"stage": "live", "team_fte": 2.25, may_not_apply: "n/a"}
    record(history, clock, ["2025-02-01"], '=Churn, "2"', **answers)
    end(history, clock, '=Churn, "2"')
    found = history.select(PACK)
    table = tmp_path / "table.csv"
    table.write_text(training_csv(found, PACK), encoding="utf-8")
    (read,) = read_history(table, PACK).rows
    (kept,) = training_rows(found, PACK).rows
    assert (read.failed, read.end, dict(read.answers)) == (kept.failed, kept.end, dict(kept.answers))
    assert read.answers[may_not_apply] is NOT_APPLICABLE
    assert read.answers["team_fte"] == 2.25
    assert next(csv.DictReader(io.StringIO(table.read_text("utf-8"))))["project"] == '\'=Churn, "2"'
    assert training_rows(found, PACK).sha256 == read_history(table, PACK).sha256


def test_an_end_of_another_pack_is_a_failure_all_the_same(history: History, clock: Clock) -> None:
    record(history, clock, ["2025-02-01"])
    clock.day = ENDED
    history.outcome("Churn", "failed", on=ENDED, end="eaten_by_bears")
    (row,) = training_rows(history.select(PACK), PACK).rows
    assert (row.failed, row.end) == (True, None)
    assert json.dumps(training_csv(history.select(PACK), PACK)).count("failed") == 1
