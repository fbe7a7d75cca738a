"""Many writers at once lose nothing, and one that is killed leaves nothing half written."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import insert

from riskengine.errors import ProblemError
from riskengine.history.entries import new_outcome
from riskengine.history.history import History
from riskengine.history.reading import assessments_of, outcomes_of
from riskengine.history.rows import outcome_row
from riskengine.history.tables import OUTCOMES
from tests.history.projects import Clock, assessment, on, opened

ROOT = Path(__file__).parents[2]


def start(location: str, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.history.writer", location, name, str(count)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)


def go(writers: list[subprocess.Popen[str]]) -> None:
    """Let all of them begin at once."""
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()


@pytest.mark.parametrize(("names", "count"), [("AB", 5), pytest.param("ABCDEFGH", 25, marks=pytest.mark.slow)])
def test_processes_that_begin_a_history_and_write_at_once_lose_nothing(location: str, names: str, count: int) -> None:
    with ExitStack() as stack:
        writers = [stack.enter_context(start(location, name, count)) for name in names]
        go(writers)
        said = [writer.communicate(timeout=100)[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(names)
    assert all(len(lines) == count for lines in said)
    with History.open(location) as history:
        courses = {course.project: course for course in history.projects()}
    for name in names:
        for number in range(count):
            course = courses.pop(f"{name} {number}")
            assert (len(course.assessments), len(course.outcomes)) == (1, 1)
    (shared,) = courses.values()
    noted = [one.notes["stage"] for one in shared.assessments]
    assert sorted(noted) == sorted(f"{name} {number}" for name in names for number in range(count))


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.11, 0.23])
def test_a_writer_that_is_killed_leaves_a_sound_file_with_every_acknowledged_record(file: str, moment: float) -> None:
    with start(file, "K", 0) as writer:
        go([writer])
        assert writer.stdout is not None
        said = [writer.stdout.readline()]
        time.sleep(moment)
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.stdout.readlines()
    acknowledged = [line.strip() for line in said if line.endswith("\n")]
    assert acknowledged
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with History.open(file) as history:
        courses = {course.project: course for course in history.projects()}
        for project in acknowledged:
            assert (len(courses[project].assessments), len(courses[project].outcomes)) == (1, 1)
        # and it can be gone on with
        history.add(assessment(project="After"))


def test_a_writer_waits_until_the_one_before_is_done_and_sees_what_it_wrote(location: str) -> None:
    refused: list[str] = []
    with opened(location) as history:
        history.add(assessment())

    def contradict() -> None:
        with opened(location) as other:
            try:
                other.outcome("Churn", "succeeded", on="2025-02-01")
            except ProblemError as error:
                refused.append(error.problems[0].code)

    second = threading.Thread(target=contradict)
    with opened(location) as history, history.database.writing() as connection:
        second.start()
        second.join(0.7)
        assert second.is_alive()
        made = new_outcome("Churn", "failed", "2025-02-01", None, "", on("2025-02-01"))
        connection.execute(insert(OUTCOMES), [outcome_row(made)])
    second.join()
    assert refused == ["RE-508"]
    with opened(location) as history:
        assert [one.outcome for one in history.show("Churn").outcomes] == ["failed"]


def empty_and_stop(history: History) -> None:
    with history.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM riskengine_assessment")
        raise RuntimeError("stop")


def test_what_fails_halfway_is_not_there_at_all(location: str) -> None:
    with opened(location, Clock("2026-01-01")) as history:
        history.add(assessment())
        with pytest.raises(RuntimeError, match="stop"):
            empty_and_stop(history)
        assert len(history.show("Churn").assessments) == 1


def test_a_reader_sees_one_state_while_another_writes(location: str) -> None:
    with opened(location) as history, opened(location) as other:
        history.add(assessment())
        with history.database.reading() as connection:
            assert len(list(assessments_of(connection))) == 1
            other.add(assessment(project="Other"))
            other.outcome("Other", "failed", on="2025-02-01")
            # an outcome without its assessment would be no state that there ever was
            assert list(outcomes_of(connection)) == []
            assert len(list(assessments_of(connection))) == 1
        assert len(history.projects()) == 2
