"""Where a history is, and what is said when it can't be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from riskengine.errors import ProblemError
from riskengine.history.backup import back_up
from riskengine.history.history import History
from riskengine.history.location import VARIABLE, locate
from tests.cli.run import SCRIPT
from tests.history.projects import assessment, opened


def code_of(location: str | Path, *, create: bool = True) -> str:
    with pytest.raises(ProblemError) as error:
        History.open(location, create=create)
    (problem,) = error.value.problems
    assert problem.help
    return problem.code


def test_the_place_is_what_is_given_or_the_variable_or_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    default = locate()
    assert default.is_default
    assert default.path == tmp_path / "riskengine" / "history.db"
    with History.open():
        assert default.path.parent.stat().st_mode & 0o077 == 0
    monkeypatch.setenv(VARIABLE, str(tmp_path / "theirs.db"))
    assert locate().path == tmp_path / "theirs.db"
    assert locate(f"sqlite:///{tmp_path}/x.db").path == tmp_path / "x.db"
    assert locate("a?b#c%20.db").path == Path.cwd() / "a?b#c%20.db"


def test_the_password_is_never_shown() -> None:
    url = "postgresql://ann:secret@127.0.0.1:1/risks?connect_timeout=2"
    with pytest.raises(ProblemError) as error:
        History.open(url)
    assert [problem.code for problem in error.value.problems] == ["RE-502"]
    assert "secret" not in str(error.value) + str(error.value.problems[0].as_json())
    assert "secret" not in locate(url).shown


@pytest.mark.parametrize(
    "location",
    [
        ":memory:",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        "",
        "a\0b",
        "http://x:y:z/",
        "~nobody-of-this-name/history.db",
        "nosuch://a/b",
    ],
)
def test_a_place_that_holds_no_history_is_refused(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert code_of(location) == "RE-500"
    assert list(tmp_path.iterdir()) == []


def test_reading_begins_no_history(tmp_path: Path, server: str) -> None:
    assert code_of(tmp_path / "history.db", create=False) == "RE-501"
    assert list(tmp_path.iterdir()) == []
    assert code_of(server, create=False) == "RE-501"
    (tmp_path / "empty.db").touch()
    assert code_of(tmp_path / "empty.db", create=False) == "RE-501"


def test_the_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("my notes\n" * 200)
    theirs = tmp_path / "theirs.db"
    with sqlite3.connect(theirs) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    empty = tmp_path / "empty.db"
    empty.touch()
    before = [path.read_bytes() for path in (notes, theirs, empty)]
    assert code_of(notes) == "RE-503"
    assert code_of(theirs) == "RE-503"
    assert code_of(theirs, create=False) == "RE-503"
    assert code_of(empty, create=False) == "RE-501"
    # to the byte: not even the way in which it keeps its log
    assert [path.read_bytes() for path in (notes, theirs, empty)] == before
    assert len(list(tmp_path.iterdir())) == 3


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "RE-502"
    assert code_of(tmp_path / "missing" / "history.db") == "RE-502"
    assert code_of(tmp_path / ("x" * 300)) == "RE-502"
    (tmp_path / "file").touch()
    assert code_of(tmp_path / "file" / "history.db") == "RE-502"


def test_a_data_folder_that_cannot_be_made_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(ProblemError) as error:
        History.open()
    assert [problem.code for problem in error.value.problems] == ["RE-502"]


def command_without_rights(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the history as somebody who may only do what the modes of files say."""
    # root may do anything, unless it lays that down
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*drop, sys.executable, "-c", SCRIPT, "history", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root needs `setpriv` of util-linux")
def test_a_copy_that_is_read_only_is_read_and_not_written(file: str, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    with opened(file) as history:
        history.add(assessment())
        back_up(history, folder / "copy.db")
    (folder / "copy.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        shown = command_without_rights("show", "Churn", "--history", folder / "copy.db")
        assert (shown.returncode, "2025-02-01" in shown.stdout) == (0, True), shown.stderr
        refused = command_without_rights(
            "outcome", "Churn", "failed", "--on", "2026-01-01", "--history", folder / "copy.db"
        )
        assert (refused.returncode, "RE-502" in refused.stderr) == (2, True)
        begun = command_without_rights("restore", tmp_path / "none.jsonl", "--history", folder / "new.db")
        assert begun.returncode == 2
        folder.chmod(0o000)
        hidden = command_without_rights("list", "--history", folder / "copy.db")
        assert (hidden.returncode, "RE-502" in hidden.stderr) == (2, True)
    finally:
        folder.chmod(0o755)


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with opened(str(path)) as history:
        for number in range(30):
            history.add(assessment(project=f"P{number}"))
    content = bytearray(path.read_bytes())
    content[4096 + 100 :] = os.urandom(1000) * ((len(content) - 4196) // 1000 + 1)
    path.write_bytes(content)
    with pytest.raises(ProblemError) as error, History.open(path) as history:
        history.projects()
    assert {problem.code for problem in error.value.problems} == {"RE-503"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE riskengine_assessment SET answers = 'stage: idea'",
        "UPDATE riskengine_assessment SET result = '{}'",
        "UPDATE riskengine_assessment SET versions = ''",
        "UPDATE riskengine_schema SET version_num = '0000'",
        "DROP TABLE riskengine_outcome",
        "DELETE FROM riskengine_schema",
    ],
)
def test_what_was_changed_by_hand_is_refused_with_the_place(file: str, change: str) -> None:
    with opened(file) as history:
        history.add(assessment())
    with sqlite3.connect(file) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(ProblemError) as error, History.open(file, create=False) as history:
        history.projects()
    assert [(problem.code, problem.source.file) for problem in error.value.problems] == [("RE-503", file)]


def test_a_history_that_another_process_holds_says_so(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskengine.history.database.PATIENCE", 0.2)
    with opened(file) as history:
        history.add(assessment())
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with opened(file) as history:
        assert len(history.projects()) == 1
        with pytest.raises(ProblemError) as error:
            history.add(assessment(stage="live"))
        assert [problem.code for problem in error.value.problems] == ["RE-502"]
        assert "another process" in error.value.problems[0].message
        other.close()
        history.add(assessment(stage="live"))


def test_a_disk_that_is_full_says_so_and_keeps_what_is_there(file: str) -> None:
    with opened(file) as history:
        history.add(assessment())
        # as if the disk ended here
        pages = "SELECT page_count FROM pragma_page_count"
        event.listen(
            history.database.engine,
            "connect",
            lambda raw, _: raw.execute(f"PRAGMA max_page_count = {raw.execute(pages).fetchone()[0]}"),
        )
        notes = {"stage": "x" * 50_000}
        with pytest.raises(ProblemError) as error:
            history.add(assessment(stage="live").model_copy(update={"notes": notes}))
        assert [problem.code for problem in error.value.problems] == ["RE-502"]
        assert "disk is full" in error.value.problems[0].message
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with opened(file) as history:
        assert len(history.show("Churn").assessments) == 1


def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as error:
        History.open("mysql+pymysql://a:secret@h/b")
    (problem,) = error.value.problems
    assert (problem.code, "secret" in str(problem)) == ("RE-500", False)
