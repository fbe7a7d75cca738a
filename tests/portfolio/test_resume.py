"""A run that is killed, fails or is disturbed: nothing half is ever at the output's name, and `--resume` goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import polars as pl
import pytest

from riskengine import load_pack
from riskengine.errors import ProblemError
from riskengine.portfolio import score as scoring
from riskengine.portfolio import work
from riskengine.portfolio.reading import csv_table
from tests.cli.run import nothing_but
from tests.portfolio.command import SMALL, run_small

ROOT = Path(__file__).parents[2]
CHUNK_ROWS = 50
KILLS = 20


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = random.Random(5)
    levels = ["never", "once", "monthly", "", "weekly"]
    path = tmp_path_factory.mktemp("table") / "p.csv"
    rows = [f"P{number},{source.choice(levels)},{source.uniform(0.4, 10):.2f}" for number in range(1000)]
    rows[77] = "P77,once"
    path.write_text("project,users_met,people\n" + "\n".join(rows) + "\n")
    return path


def options(table: Path, out: Path, *more: str) -> list[str]:
    return ["score", str(table), "-o", str(out), "--fail-above", "0.25", *more]


def started(table: Path, out: Path, *more: str, dies_at: int = 0) -> subprocess.Popen[bytes]:
    """Start a run in small chunks in a process of its own."""
    module = [sys.executable, "-m", "tests.portfolio.killed", str(CHUNK_ROWS), str(dies_at)]
    arguments = [*module, *options(table, out, *more), "--rules", str(SMALL)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed(table: Path, out: Path, dies_at: int) -> None:
    """Have a run die at a write."""
    assert started(table, out, dies_at=dies_at).wait(120) == -signal.SIGKILL


def outputs(folder: Path, kind: str) -> list[bytes]:
    return [(folder / f"s.{kind}").read_bytes(), (folder / f"s.{kind}.rejects.csv").read_bytes()]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "CHUNK_ROWS", CHUNK_ROWS)


@pytest.fixture
def whole(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[bytes]]:
    """Give what an undisturbed run writes in a format."""
    folder = tmp_path_factory.mktemp("whole")

    def found(kind: str) -> list[bytes]:
        assert run_small(*options(table, folder / f"s.{kind}")).returncode == 1
        return outputs(folder, kind)

    return found


def check_untouched(out: Path, whole: list[bytes]) -> None:
    """What stands at the output's name is nothing, or all of it."""
    assert not out.exists() or out.read_bytes() == whole[0]


@pytest.fixture
def copied(table: Path, tmp_path: Path) -> Path:
    path = tmp_path / "in" / "p.csv"
    path.parent.mkdir()
    path.write_bytes(table.read_bytes())
    return path


# the first writes, one in the middle, the last chunk, the ends, and the steps by which results are put in place
@pytest.mark.parametrize(
    ("kind", "dies_at"), [*(("csv", place) for place in (2, 33, 103, 104, 105, 107, 108, 110)), ("parquet", 34)]
)
def test_a_run_that_dies_at_a_write_goes_on_to_the_same_bytes(
    kind: str, dies_at: int, table: Path, whole: Callable[[str], list[bytes]], tmp_path: Path
) -> None:
    expected, out = whole(kind), tmp_path / f"s.{kind}"
    killed(table, out, dies_at)
    check_untouched(out, expected)
    done = run_small(*options(table, out, "--resume"))
    assert done.returncode == 1, done.stderr
    assert "780 scored, 220 rejected of 1000 rows" in done.stderr
    # before the first chunk there is nothing to go on with, and behind the last step all is done
    assert ("went on after" in done.stderr) == (2 < dies_at < 107)
    assert outputs(tmp_path, kind) == expected
    assert nothing_but(tmp_path, f"s.{kind}", f"s.{kind}.rejects.csv")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_twenty_kills_at_random_moments_change_no_byte(
    kind: str, table: Path, whole: Callable[[str], list[bytes]], tmp_path: Path
) -> None:
    expected, out, source = whole(kind), tmp_path / f"s.{kind}", random.Random(kind)
    killed_at_work = 0
    while killed_at_work < KILLS:
        before = state(out)
        running = started(table, out, "--resume")
        while running.poll() is None and state(out) == before:
            # until it has begun to write there is nothing that a kill could harm
            time.sleep(0.002)
        time.sleep(source.uniform(0, 0.1))
        running.send_signal(signal.SIGKILL)
        killed_at_work += running.wait() == -signal.SIGKILL
        check_untouched(out, expected)
        if out.exists():
            # it was quicker than the kill, or was killed when all was done
            out.unlink()
    assert run_small(*options(table, out, "--resume")).returncode == 1
    assert outputs(tmp_path, kind) == expected


def state(out: Path) -> object:
    """Give something that is another one once a run has begun to write."""
    manifest = out.parent / f".{out.name}.work" / "manifest.jsonl"
    try:
        return manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def test_only_the_same_run_goes_on(copied: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    killed(copied, out, 40)
    for more, what in ((["--base-rate", "0.4"], "options"), (["--key", "people"], "options")):
        refused = run_small(*options(copied, out, "--resume", *more))
        assert refused.returncode == 2
        assert f"RE-806 the run that stopped was another one: it differs in {what}" in refused.stderr
    copied.write_text(copied.read_text().replace("P1,", "P1x,"))
    refused = run_small(*options(copied, out, "--resume"))
    assert (refused.returncode, "differs in tables" in refused.stderr) == (2, True)
    # without `--resume` it begins anew, and clears away what was left
    assert run_small(*options(copied, out)).returncode == 1
    assert nothing_but(tmp_path, "in", "s.csv", "s.csv.rejects.csv")


def test_what_was_damaged_meanwhile_is_made_again(
    table: Path, tmp_path: Path, whole: Callable[[str], list[bytes]]
) -> None:
    killed(table, tmp_path / "s.csv", 40)
    part = tmp_path / ".s.csv.work" / "output"
    content = part.read_bytes()
    part.write_bytes(content[:500] + b"X" + content[501:])
    assert run_small(*options(table, tmp_path / "s.csv", "--resume")).returncode == 1
    assert outputs(tmp_path, "csv") == whole("csv")


def test_resuming_what_was_never_begun_begins_and_says_so(table: Path, tmp_path: Path) -> None:
    done = run_small("score", table, "-o", tmp_path / "s.csv", "--resume")
    assert (done.returncode, "there was no run to go on with: begun anew" in done.stderr) == (3, True)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_a_run_that_is_told_to_stop_can_be_gone_on_with(
    stop: signal.Signals, table: Path, whole: Callable[[str], list[bytes]], tmp_path: Path
) -> None:
    out = tmp_path / "s.csv"
    running = started(table, out)
    while running.poll() is None and state(out) is None:
        time.sleep(0.002)
    running.send_signal(stop)
    assert running.wait(120) == (130 if stop is signal.SIGINT else -signal.SIGTERM)
    assert nothing_but(tmp_path, ".s.csv.work")
    done = run_small(*options(table, out, "--resume"))
    assert done.returncode == 1, done.stderr
    assert outputs(tmp_path, "csv") == whole("csv")


def test_a_run_that_begins_while_another_clears_its_folder_away_has_one_of_its_own(tmp_path: Path) -> None:
    first = work.Work(tmp_path / "s.csv", {}, resume=False)
    taken, waiting = work._lock, [first]

    def late(file: IO[str]) -> None:
        # the folder was there when it was opened, and is gone when the lock is free
        if waiting:
            waiting.pop().discard()
        taken(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "_lock", late)
        second = work.Work(tmp_path / "s.csv", {}, resume=False)
    with pytest.raises(ProblemError) as error:
        work.Work(tmp_path / "s.csv", {}, resume=False)
    assert [problem.code for problem in error.value.problems] == ["RE-807"]
    second.discard()
    assert nothing_but(tmp_path)


def test_two_runs_do_not_write_one_output(table: Path, tmp_path: Path) -> None:
    seen = []

    def second(_: scoring.Progress) -> None:
        if not seen:
            seen.append(run_small("score", table, "-o", tmp_path / "s.csv"))

    built = load_pack(SMALL)
    scoring.score_tables([table], tmp_path / "s.csv", built, built.prior, None, second)
    assert (seen[0].returncode, "RE-807" in seen[0].stderr) == (2, True)
    assert nothing_but(tmp_path, "s.csv", "s.csv.rejects.csv")


def once(action: Callable[[], None]) -> Callable[[scoring.Progress], None]:
    """Give a progress that does something after the first chunk."""
    left = [action]
    return lambda _: left.pop()() if left else None


@pytest.mark.parametrize("how", ["removed", "longer", "other"])
def test_a_table_that_changes_while_it_is_read_is_refused(copied: Path, tmp_path: Path, how: str) -> None:
    def disturb() -> None:
        if how == "removed":
            copied.unlink()
        elif how == "longer":
            with copied.open("a") as file:
                file.write("P,once,2\n")
        else:
            other = copied.with_name("other.csv")
            other.write_text(copied.read_text().replace("once", "never"))
            other.replace(copied)

    built = load_pack(SMALL)
    with pytest.raises(ProblemError) as error:
        scoring.score_tables([copied], tmp_path / "s.csv", built, built.prior, None, once(disturb))
    assert [problem.code for problem in error.value.problems] == ["RE-412"]
    assert nothing_but(tmp_path, "in")


def test_an_interrupt_keeps_what_is_done_and_says_so(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    built = load_pack(SMALL)
    with pytest.raises(KeyboardInterrupt):
        scoring.score_tables([copied], tmp_path / "s.csv", built, built.prior, None, once(stop))
    assert nothing_but(tmp_path, "in", ".s.csv.work")
    seen: list[scoring.Progress] = []
    scoring.score_tables([copied], tmp_path / "s.csv", built, built.prior, scoring.Options(resume=True), seen.append)
    assert (seen[0].before, seen[0].rows) == (CHUNK_ROWS, CHUNK_ROWS)
    assert nothing_but(tmp_path, "in", "s.csv", "s.csv.rejects.csv")


FULL = """
import resource, sys
from tests.portfolio.killed import run
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
run(50, 0, sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("out", ["s.csv", "s.parquet", "s.xlsx"])
def test_a_disk_that_is_full_leaves_nothing_behind(table: Path, tmp_path: Path, out: str) -> None:
    script = [sys.executable, "-c", FULL.format(limit=100_000)]
    arguments = [*script, "score", str(table), "-o", str(tmp_path / out), "--rules", str(SMALL)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    assert "RE-801 the output cannot be written: file too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_but(tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_refused(table: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        done = run_small("score", table, "-o", tmp_path / "s.csv")
    finally:
        tmp_path.chmod(0o700)
    assert (done.returncode, "RE-801" in done.stderr) == (2, True)


def test_a_table_that_fails_late_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "CHUNK_ROWS", 2)
    table = tmp_path / "p.csv"
    table.write_text("project,users_met\n" + "A,once\n" * 9 + 'B,"once\n')
    done = run_small("score", table, "-o", tmp_path / "s.csv")
    assert done.returncode == 2
    assert "RE-408 a quote that opens in row 10 is never closed" in done.stderr
    assert nothing_but(tmp_path, "p.csv")


def test_the_parts_of_a_parquet_output_are_one_sound_file(table: Path, tmp_path: Path) -> None:
    import duckdb
    import pyarrow.parquet

    out = tmp_path / "s.parquet"
    assert run_small(*options(table, out)).returncode == 1
    frame = pl.read_parquet(out)
    read = pyarrow.parquet.read_table(out)
    read.validate(full=True)
    assert read.num_rows == frame.height
    assert pyarrow.parquet.ParquetFile(out).metadata.num_row_groups == 20
    found = duckdb.sql(f"select sum(failure_probability) from '{out}' where users_met = 'once'").fetchall()
    expected = frame.filter(pl.col("users_met") == "once")["failure_probability"].sum()
    assert found[0][0] == pytest.approx(expected, abs=1e-9)
