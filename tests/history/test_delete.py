"""What is deleted is gone: from the commands, and from the bytes of the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from riskengine.errors import ProblemError
from riskengine.history import erase
from riskengine.history.backup import back_up
from riskengine.history.history import History
from tests.history.projects import Clock, assessment, opened

SECRET = "Secretproject-7f3a"


def fill(history: History) -> None:
    secret = assessment(project=SECRET).model_copy(update={"notes": {"stage": f"{SECRET} evidence " * 300}})
    for number in range(20):
        history.add(assessment(project=f"Kept {number}"))
        history.add(secret.model_copy(update={"date": f"2025-01-{number + 1:02}"}))
    history.outcome(SECRET, "failed", on="2025-02-01", note=f"{SECRET} note")


def traces(folder: Path) -> list[str]:
    names = (SECRET.encode(), SECRET.lower().encode())
    return [path.name for path in folder.iterdir() if any(name in path.read_bytes() for name in names)]


def test_a_deleted_project_leaves_no_trace_in_the_files(file: str) -> None:
    with opened(file) as history:
        fill(history)
    assert traces(Path(file).parent)
    with opened(file) as history:
        deleted = history.delete(SECRET.upper())
        assert (deleted.project, deleted.assessments, deleted.outcomes) == (SECRET, 20, 1)
        # while it is open as well
        assert traces(Path(file).parent) == []
        with pytest.raises(ProblemError):
            history.show(SECRET)
        assert len(history.projects()) == 20
    assert traces(Path(file).parent) == []


def test_deleting_on_a_server_takes_the_rows_of_one_project(server: str) -> None:
    with opened(server) as history:
        fill(history)
        history.delete(SECRET)
        assert len(history.projects()) == 20


def test_an_unknown_project_is_not_deleted(location: str) -> None:
    with opened(location) as history:
        history.add(assessment())
        with pytest.raises(ProblemError) as error:
            history.delete("Chrun")
        assert [problem.code for problem in error.value.problems] == ["RE-507"]
        assert len(history.projects()) == 1


def test_traces_that_another_reader_keeps_are_reported_and_cleared_later(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase, "PATIENCE", 0.2)
    monkeypatch.setattr("riskengine.history.database.PATIENCE", 0.2)
    with opened(file) as history:
        fill(history)
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM riskengine_assessment").fetchone()
    with opened(file) as history:
        with pytest.raises(ProblemError) as error:
            history.delete(SECRET)
        assert [problem.code for problem in error.value.problems] == ["RE-517"]
        reader.close()
        erase.erase_traces(history.database)
        assert traces(Path(file).parent) == []


def test_a_disk_that_is_full_keeps_traces_and_says_so(file: str) -> None:
    with opened(file) as history:
        fill(history)
        event.listen(
            history.database.engine, "connect", lambda raw, _: raw.set_authorizer(_nothing_beside), named=False
        )
        with pytest.raises(ProblemError) as error:
            history.delete(SECRET)
        assert [problem.code for problem in error.value.problems] == ["RE-517"]
    with opened(file) as history:
        assert SECRET not in {course.project for course in history.projects()}
        erase.erase_traces(history.database)
    assert traces(Path(file).parent) == []


def _nothing_beside(action: int, *_: object) -> int:
    """Refuse what `VACUUM` begins with, a second file, as a full disk does."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def test_a_copy_holds_everything_while_others_write(file: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with opened(file, Clock()) as history:
        fill(history)
        with opened(file) as other:
            other.add(assessment(project="Late"))
            back_up(history, copy)
        assert [*tmp_path.glob("copy*"), *tmp_path.glob(".copy*")] == [copy]
        with opened(str(copy)) as copied:
            assert copied.records() == history.records()


def test_what_cannot_be_copied_is_refused(file: str, server: str, tmp_path: Path) -> None:
    with opened(file) as history:
        with pytest.raises(ProblemError) as error:
            back_up(history, Path(file))
        assert [problem.code for problem in error.value.problems] == ["RE-512"]
        for own in (f"{file}-wal", f"{file}-shm", f"{file}-journal", tmp_path / "x" / ".." / Path(file).name):
            with pytest.raises(ProblemError) as error:
                back_up(history, Path(own))
            assert [problem.code for problem in error.value.problems] == ["RE-512"]
        with pytest.raises(ProblemError) as error:
            back_up(history, tmp_path / "missing" / "copy.db")
        assert [problem.code for problem in error.value.problems] == ["RE-801"]
    with opened(server) as history:
        with pytest.raises(ProblemError) as error:
            back_up(history, tmp_path / "copy.db")
        assert [problem.code for problem in error.value.problems] == ["RE-512"]
