"""Tables of other versions, by real copies of the program: older ones are brought up to date, newer ones left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import riskengine
from riskengine.errors import ProblemError
from riskengine.history import schema
from riskengine.history.records_file import read_records
from riskengine.history.schema import LATEST
from riskengine.history.tables import TABLES, VERSION_TABLE
from tests.history.projects import assessment, opened
from tests.portfolio.command import run as run_here

ROOT = Path(riskengine.__file__).parents[1]
NEXT = '''"""A further column."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("riskengine_outcome", sa.Column("cost", sa.Float))
    if FAILS:
        raise RuntimeError("this step fails")
'''


def test_the_migrations_make_the_tables_that_the_program_uses(location: str) -> None:
    with opened(location) as history, history.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, TABLES) == []


def test_migrations_are_numbered_and_the_last_one_is_the_version_of_the_program() -> None:
    folder = str(Path(schema.__file__).parent / "migrations")
    revisions = [one.revision for one in ScriptDirectory(folder, version_locations=[folder]).walk_revisions()]
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]
    assert revisions[0] == LATEST


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program that has one migration more."""
    folder = tmp_path_factory.mktemp("newer")
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "riskengine", folder / "riskengine", ignore=leave_out)
    for name in ("rules", "data"):
        (folder / name).symlink_to(ROOT / name)
    step(folder, fails=False)
    return folder


def step(folder: Path, *, fails: bool) -> None:
    path = folder / "riskengine" / "history" / "migrations" / "step_0002.py"
    path.write_text(NEXT.replace("FAILS", str(fails)))
    module = folder / "riskengine" / "history" / "schema.py"
    module.write_text(module.read_text().replace(f'LATEST = "{LATEST}"', 'LATEST = "0002"'))


def run_newer(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = "from riskengine.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-c", script, "history", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


def test_a_newer_program_brings_a_file_up_to_date_and_an_older_one_leaves_it_alone(newer: Path, file: str) -> None:
    with opened(file) as history:
        history.add(assessment())
        done = run_newer(newer, "list", "--json", "--history", file)
        assert (done.returncode, "Churn" in done.stdout) == (0, True)
        # one that had it open meanwhile notices
        with pytest.raises(ProblemError) as error:
            history.add(assessment(project="Other"))
        assert [problem.code for problem in error.value.problems] == ["RE-505"]
    with pytest.raises(ProblemError) as error:
        opened(file)
    assert [problem.code for problem in error.value.problems] == ["RE-505"]
    assert run_newer(newer, "list", "--history", file).returncode == 0


def test_what_a_newer_program_exports_is_taken_over_and_the_other_way_round(
    newer: Path, file: str, tmp_path: Path
) -> None:
    lines, back = tmp_path / "all.jsonl", tmp_path / "back.jsonl"
    with opened(file) as history:
        history.add(assessment())
        history.outcome("Churn", "failed", on="2025-02-01")
        before = history.records()
    assert run_here("history", "export", "--everything", "-o", lines, "--history", file).returncode == 0
    assert run_newer(newer, "restore", str(lines), "--history", "theirs.db").returncode == 0
    assert run_newer(newer, "export", "--everything", "-o", str(back), "--history", "theirs.db").returncode == 0
    with opened(str(tmp_path / "ours.db")) as ours:
        ours.restore(read_records(back))
        assert ours.records() == before


def test_a_server_is_brought_up_to_date_when_somebody_says_so(newer: Path, server: str) -> None:
    with opened(server) as history:
        history.add(assessment())
    refused = run_newer(newer, "list", "--history", server)
    assert (refused.returncode, "RE-504" in refused.stderr) == (2, True)
    with opened(server) as history:
        assert len(history.projects()) == 1
    assert run_newer(newer, "upgrade", "--history", server).returncode == 0
    assert run_newer(newer, "list", "--history", server).returncode == 0
    with pytest.raises(ProblemError) as error:
        opened(server)
    assert [problem.code for problem in error.value.problems] == ["RE-505"]


def test_a_migration_that_fails_changes_nothing(newer: Path, location: str) -> None:
    with opened(location) as history:
        history.add(assessment())
    step(newer, fails=True)
    try:
        assert run_newer(newer, "upgrade", "--history", location).returncode == 70
    finally:
        step(newer, fails=False)
    with opened(location) as history:
        with history.database.reading() as connection:
            columns = list(connection.execute(text("SELECT * FROM riskengine_outcome")).keys())
        assert "number" in columns and "cost" not in columns
        assert history.add(assessment(project="Other")).project == "Other"
