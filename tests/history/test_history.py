"""What is written down stays; corrections stand beside it. On a file, and on a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from riskengine.errors import ProblemError
from riskengine.history.history import History
from riskengine.history.location import locate
from riskengine.history.merging import Past
from riskengine.history.record import key_of, name_of
from tests.history.projects import Clock, assessment, opened

HOSTILE = [
    "'; DROP TABLE riskengine_assessment; --",
    '"); DELETE FROM riskengine_outcome; --',
    "=cmd|' /C calc'!A0",
    "%s %(x)s {0} :name",
    "Ünïcødé 项目 🤖",
    "../../etc/passwd",
]


def codes(error: pytest.ExceptionInfo[ProblemError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_an_assessment_keeps_its_answers_day_and_versions(location: str) -> None:
    given = assessment(stage="idea", team_fte=2.5)
    with opened(location) as history:
        history.add(given)
    with opened(location) as history:
        (kept,) = history.show("Churn").assessments
    assert (kept.project, kept.date, kept.day_recorded) == ("Churn", "2025-02-01", "2025-02-01")
    assert kept.answers == {"stage": "idea", "team_fte": 2.5}
    assert kept.versions["pack"]["hash"] == given.versions.pack.hash
    assert given.versions.model is not None and kept.versions["model"]["hash"] == given.versions.model.hash
    assert kept.result.probability == given.probability
    assert kept.result.model_range == given.range.model
    assert set(kept.result.fires) == {one.rule for one in given.findings if one.state == "fires"}


def test_the_same_assessment_is_written_down_once(location: str) -> None:
    with opened(location) as history:
        first = history.add(assessment())
        assert history.add(assessment(project="  CHURN ")) == first
        assert history.add(assessment(stage="live")) != first
        assert len(history.show("churn").assessments) == 2


def test_of_one_day_the_last_assessment_counts_and_all_are_kept(location: str) -> None:
    with opened(location) as history:
        for stage in ("idea", "live"):
            history.add(assessment(stage=stage))
        course = history.show("Churn")
    assert [one.answers["stage"] for one in course.assessments] == ["idea", "live"]
    assert [one.answers["stage"] for one in course.counting] == ["live"]


def test_a_correction_stands_in_the_place_of_another_day(location: str) -> None:
    with opened(location) as history:
        wrong = history.add(assessment(date="2024-02-01"))
        right = history.add(assessment(date="2025-02-01"), corrects=wrong.id[:8])
        course = history.show("Churn")
    assert right.corrects == wrong.id
    assert [one.id for one in course.assessments] == [wrong.id, right.id]
    assert [one.id for one in course.counting] == [right.id]


def test_a_correction_that_is_given_twice_is_written_down_once(location: str) -> None:
    with opened(location) as history:
        wrong = history.add(assessment(date="2024-02-01"))
        right = history.add(assessment(date="2025-02-01"), corrects=wrong.id)
        assert history.add(assessment(date="2025-02-01"), corrects=wrong.id) == right
        assert history.add(assessment(date="2025-02-01")) == right
        # what was corrected and is right after all is no assessment that counts already
        again = history.add(assessment(date="2024-02-01"))
        assert history.show("Churn").counting == (again, right)


def test_what_changed_between_two_assessments_is_said(file: str) -> None:
    with opened(file, Clock("2025-07-01")) as history:
        first = history.add(assessment(stage="idea", team_fte=2))
        history.add(assessment(date="2025-06-01", stage="idea"))
        last = history.add(assessment(date="2025-06-01", stage="live"))
        course = history.show("Churn")
    assert course.changes == {last.id: {"stage": ("idea", "live"), "team_fte": (2.0, None)}}
    assert first.id not in course.changes


def test_only_an_assessment_of_the_same_project_is_corrected(location: str) -> None:
    with opened(location) as history:
        other = history.add(assessment(project="Other"))
        for id in (other.id, "0" * 32, "", other.id[:7]):
            with pytest.raises(ProblemError) as error:
                history.add(assessment(), corrects=id)
            assert codes(error) == ["RE-510"]
        assert [course.project for course in history.projects()] == ["Other"]


def test_an_outcome_is_corrected_on_purpose_and_the_first_one_is_kept(location: str) -> None:
    clock = Clock("2026-04-01")
    with opened(location, clock) as history:
        history.add(assessment())
        first = history.outcome("churn", "failed", on="2026-03-31", end="cancelled", note="the budget")
        assert history.outcome("Churn", "failed", on="2026-03-31", end="cancelled", note="the budget") == first
        with pytest.raises(ProblemError) as error:
            history.outcome("Churn", "succeeded", on="2026-03-31")
        assert codes(error) == ["RE-508"]
        second = history.outcome("Churn", "succeeded", on="2026-03-30", correct=True)
        course = history.show("Churn")
        with pytest.raises(ProblemError) as error:
            history.outcome("Churn", "succeeded", on="2026-03-30", note="at last")
        assert codes(error) == ["RE-508"]
        assert "another note" in error.value.problems[0].message
    assert second.corrects == first.id
    assert course.outcomes == (first, second)
    assert course.outcome == second


@pytest.mark.parametrize(
    ("outcome", "on", "end"),
    [
        ("succeeded", "2026-03-31", "cancelled"),
        ("fialed", "2026-03-31", None),
        ("failed", "31.03.2026", None),
        ("failed", "", None),
        ("failed", "2026-04-03", None),
        ("failed", "2026-03-31", "x" * 101),
        ("failed", "2026-03-31", "a\0b"),
    ],
)
def test_what_is_no_outcome_is_refused(file: str, outcome: str, on: str, end: str | None) -> None:
    with opened(file, Clock("2026-04-01")) as history:
        history.add(assessment())
        with pytest.raises(ProblemError) as error:
            history.outcome("Churn", outcome, on=on, end=end)
        assert codes(error) == ["RE-509"]
        assert history.show("Churn").outcome is None


@pytest.mark.parametrize("name", [None, "", " \n", "a\0b", "a\x1b[2Jb", "x" * 201, "\ud800"])
def test_a_name_that_nobody_can_type_is_refused(file: str, name: str) -> None:
    with opened(file) as history:
        with pytest.raises(ProblemError) as error:
            history.add(assessment().model_copy(update={"project": name}))
        assert codes(error) == ["RE-506"]


@pytest.mark.parametrize("date", [None, "2025-02-30", "9999-01-01", "yesterday"])
def test_a_day_that_is_none_or_has_not_come_is_refused(file: str, date: str) -> None:
    with opened(file) as history:
        with pytest.raises(ProblemError) as error:
            history.add(assessment().model_copy(update={"date": date}))
        assert codes(error) == ["RE-506"]


def test_an_unknown_project_suggests_the_nearest_name(location: str) -> None:
    with opened(location) as history:
        history.add(assessment(project="Churn model"))
        with pytest.raises(ProblemError) as error:
            history.outcome("Chrun modle", "failed", on="2025-02-01")
    assert codes(error) == ["RE-507"]
    assert "`Churn model`" in error.value.problems[0].help


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(location: str, text: str) -> None:
    hostile = assessment(project=text).model_copy(update={"notes": {"stage": text + "\0\ud800"}, "by": {"stage": text}})
    with opened(location) as history:
        history.add(hostile)
        history.outcome(text, "failed", on="2025-02-01", end="cancelled", note=text)
        course = history.show(text)
    assert (course.project, course.assessments[0].notes, course.assessments[0].by) == (
        text,
        {"stage": text + "\0\ud800"},
        {"stage": text},
    )
    assert course.outcome is not None and course.outcome.note == text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=200))
def test_a_name_that_is_taken_is_found_in_any_spelling(name: str) -> None:
    try:
        written = name_of(name)
    except ProblemError:
        return
    assert name_of(written) == written
    assert key_of(written) == key_of(f"  {name}\t")
    assert len(key_of(written)) <= 400


def test_the_past_is_written_down_whole_or_not_at_all(location: str) -> None:
    good = Past(assessment(project="A"), "failed", "cancelled", "2025-01-01")
    with opened(location, Clock("2026-01-01")) as history:
        bad = [good, Past(assessment(project=""), "failed", None, "2025-01-01"), Past(assessment("B"), "failed")]
        with pytest.raises(ProblemError) as error:
            history.import_past(bad)
        assert [(problem.code, problem.source.row) for problem in error.value.problems] == [
            ("RE-506", 2),
            ("RE-509", 3),
        ]
        assert history.projects() == []

        added = history.import_past([good, good])
        assert (len(added.assessments), len(added.outcomes), added.known) == (1, 1, 2)
        assert history.import_past([good]).known == 2
        with pytest.raises(ProblemError) as error:
            history.import_past([Past(assessment("B")), Past(assessment("A"), "succeeded", None, "2025-01-01")])
        assert [(problem.code, problem.source.row) for problem in error.value.problems] == [("RE-508", 2)]
        assert [course.project for course in history.projects()] == ["A"]


def test_records_are_taken_over_once(location: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = str(tmp_path_factory.mktemp("other") / "history.db")
    with opened(location) as history, opened(other) as copy:
        history.add(assessment())
        history.add(assessment(stage="live"))
        history.outcome("Churn", "failed", on="2025-02-01")
        history.outcome("Churn", "succeeded", on="2025-02-01", correct=True)
        added = copy.restore(history.records())
        assert (len(added.assessments), len(added.outcomes), added.known) == (2, 2, 0)
        assert copy.records() == history.records()
        assert copy.restore(history.records()).known == 4
        assert copy.show("Churn") == history.show("Churn")


def test_another_outcome_is_not_taken_over(file: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = str(tmp_path_factory.mktemp("other") / "history.db")
    with opened(file) as history, opened(other) as there:
        for one, outcome in ((history, "failed"), (there, "succeeded")):
            one.add(assessment())
            one.outcome("Churn", outcome, on="2025-02-01")
        with pytest.raises(ProblemError) as error:
            history.restore(there.records())
        assert codes(error) == ["RE-508"]
        assert len(history.records()) == 2


def test_an_outcome_that_was_corrected_more_than_once_is_taken_over(
    file: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = str(tmp_path_factory.mktemp("other") / "history.db")
    with opened(file) as history, opened(other) as there:
        history.add(assessment())
        history.outcome("Churn", "failed", on="2025-01-01")
        there.restore(history.records())
        for day in ("2025-01-02", "2025-01-03"):
            there.outcome("Churn", "failed", on=day, correct=True)
        assert len(history.restore(there.records()).outcomes) == 2
        assert history.show("Churn") == there.show("Churn")


def test_two_corrections_of_one_outcome_contradict_each_other(
    file: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = str(tmp_path_factory.mktemp("other") / "history.db")
    with opened(file) as history, opened(other) as there:
        history.add(assessment())
        history.outcome("Churn", "failed", on="2025-01-01")
        there.restore(history.records())
        history.outcome("Churn", "failed", on="2025-01-02", correct=True)
        there.outcome("Churn", "succeeded", on="2025-01-01", correct=True)
        with pytest.raises(ProblemError) as error:
            history.restore(there.records())
        assert codes(error) == ["RE-508"]


def test_of_two_histories_the_one_recorded_last_counts_whichever_is_taken_over(tmp_path: Path) -> None:
    counts = []
    for days in (("2025-03-01", "2025-03-02"), ("2025-03-02", "2025-03-01")):
        records = []
        for place, day in enumerate(days):
            with opened(str(tmp_path / f"{days[0]}{place}.db"), Clock(day)) as one:
                one.add(assessment(stage="idea" if day == "2025-03-01" else "live"))
                records.append(one.records())
        with opened(str(tmp_path / f"{days[0]}both.db")) as both:
            for of_one in records:
                both.restore(of_one)
            counts.append([one.answers["stage"] for one in both.show("Churn").counting])
    assert counts == [["live"], ["live"]]


def test_rows_of_other_programs_are_left_alone_on_a_server(server: str) -> None:
    engine = create_engine(locate(server).url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id integer)"))
    with History.open(server) as history:
        history.add(assessment())
        history.delete("Churn")
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM theirs")).scalar() == 0
    engine.dispose()
