"""`riskengine score --engine spark` by a real `spark-submit` and by Spark Connect, against the same on this machine."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyspark
import pytest
from random_packs import random_answers

import riskengine
from riskengine.logic.conditions import NOT_APPLICABLE
from tests.portfolio.command import SMALL, rows_of, run

pytestmark = pytest.mark.slow

SUBMIT = Path(pyspark.__file__).parent / "bin" / "spark-submit"
PORTFOLIO = Path(__file__).parents[2] / "data" / "portfolio.csv"
CONF = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.log.level": "ERROR",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}
RUNNER = """
import contextlib, io, json, sys
from riskengine.cli import main

found = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as done:
            code = done.code or 0
    found.append([code, out.getvalue(), err.getvalue()])
with open(sys.argv[2], "w") as file:
    json.dump(found, file)
"""


def submitted(folder: Path, *calls: Sequence[object]) -> list[tuple[int, str, str]]:
    """Run several commands in one `spark-submit --master local[2]`."""
    script, found = folder / "calls.py", folder / "found.json"
    script.write_text(RUNNER)
    options = [part for name, value in CONF.items() for part in ("--conf", f"{name}={value}")]
    arguments = json.dumps([[str(part) for part in (*call, "--engine", "spark")] for call in calls])
    done = subprocess.run(
        [str(SUBMIT), "--master", "local[2]", *options, str(script), arguments, str(found)],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        cwd=folder,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable},
    )
    assert done.returncode == 0, done.stderr
    return [(code, out, err) for code, out, err in json.loads(found.read_text())]


def connected(address: str, *arguments: object) -> tuple[int, str, str]:
    """Run a command in a session of Spark Connect."""
    done = subprocess.run(
        [sys.executable, "-c", "from riskengine.cli import main; main()", *map(str, arguments), "--engine", "spark"],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env={**os.environ, "SPARK_REMOTE": address},
    )
    return done.returncode, done.stdout, done.stderr


def rows_in(folder: Path) -> list[dict[str, str]]:
    assert (folder / "_SUCCESS").exists()
    return [row for part in sorted(folder.glob("part-*.csv")) for row in rows_of(part)]


def same(spark: Sequence[Mapping[str, Any]], local: Sequence[Mapping[str, Any]], key: str) -> None:
    """Texts are equal, and numbers within 1e-12."""
    assert len(spark) == len(local)
    known = {row[key]: row for row in spark}
    for row in local:
        found = known[row[key]]
        assert list(found) == list(row)
        for name, value in row.items():
            if found[name] != value:
                assert float(found[name]) == pytest.approx(float(value), abs=1e-12, rel=0), name


def rejects_of(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    """Give column, value and code; of a row of another length, Spark shows the line and this machine the count."""
    return sorted((row["column"] or "", "" if row["code"] == "RE-405" else row["value"], row["code"]) for row in rows)


HOSTILE = [
    ["project", "people", "work", "owner", "labels", "note", "a.b"],
    ["plain", "2", "40", "yes", "two", "", "1"],
    [" blanks ", " 2.5 ", "\u00a040", " yes ", "n/a", " kept ", "2"],
    ["=cmd()", "2", "40", "no", "", "-1.5", "3"],
    ['quoted, "cell"\nof lines', "", "", "", "", "@x", "4"],
    ["exponent", "2e0", "4.e1", "", "", "", "5"],
    ["text", "two", "1,5", "", "", "", "6"],
    ["range", "0", "1e300", "", "", "", "7"],
    ["infinite", "1e999", "inf", "", "", "", "8"],
    ["suffix", "2d", "4f", "", "", "", "9"],
    ["nan", "nan", "NaN", "", "", "", "10"],
    ["level", "2", "40", "perhaps", "TWO", "", "11"],
    ["absent", "n/a", "40", "n/a", "", "", "12"],
    ["back\\slash\\", "2", "40", "yes", "", "\\", "13"],
]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "p.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(HOSTILE)
    # a row that is too short, and one that is too long
    with path.open("a", encoding="utf-8") as file:
        file.write("short,2\nlong,2,40,yes,two,,14,15\n")
    return path


def test_a_table_is_scored_by_spark_submit_as_on_this_machine(table: Path, tmp_path: Path, java: None) -> None:
    small = ("--rules", SMALL)
    last = tmp_path / "last.csv"
    pl.DataFrame({"project": ["plain", "exponent"], "failure_probability": [0.01, 0.9]}).write_csv(last)
    score = ("score", table, *small, "-o")
    found = submitted(
        tmp_path,
        [*score, tmp_path / "s.csv"],
        [*score, tmp_path / "gate.parquet", "--fail-above", "0.6", "--max-rise", "0.1", "--against", last],
        [*score, tmp_path / "s.csv"],
        [*score, tmp_path / "t.csv", "--resume", "--junit", "x.xml"],
        [*score, tmp_path / "t.xlsx"],
        ["score", tmp_path / "missing.csv", *small, "-o", tmp_path / "t.csv"],
        [*score, tmp_path / "t.csv", "--key", "projct"],
        [*score, tmp_path / "t.csv", "--fail-level", "hihg"],
        [*score, tmp_path / "level.jsonl", "--fail-level", "low"],
        ["score", tmp_path / "level.jsonl", *small, "-o", tmp_path / "again.csv"],
    )
    local = run("score", table, *small, "-o", tmp_path / "local.csv")
    codes = [code for code, _, _ in found]
    assert codes == [3, 1, 2, 2, 2, 2, 2, 2, 1, 2], found

    # the same rows, the same rejects
    assert local.returncode == 3
    same(rows_in(tmp_path / "s.csv"), rows_of(tmp_path / "local.csv"), "project")
    rejects = rows_of(tmp_path / "local.csv.rejects.csv")
    cells = [row for row in rejects if row["code"] != "RE-405"]
    there = rows_in(tmp_path / "s.csv.rejects.csv")
    assert rejects_of([row for row in there if row["code"] != "RE-405"]) == rejects_of(cells)
    assert sorted(row["record"] for row in there if row["code"] == "RE-405") == [
        "long,2,40,yes,two,,14,15",
        "short,2",
    ]
    assert all(row["file"].endswith("p.csv") for row in there)
    (too_long,) = [row for row in there if row["value"] == "perhaps"]
    assert too_long["reason"] == "`owner` has no level `perhaps`; one of `no`, `yes`"
    assert "6 scored, 9 rejected of 15 rows" in found[0][2]

    # gates
    _, out, err = found[1]
    assert "plain: " in out and "of the last run" in out
    assert "projects crossed a line" in err
    assert pl.read_parquet(tmp_path / "gate.parquet" / "*.parquet").height == 6
    assert "=cmd(): the risk level is `high`" in found[8][1]
    assert 'quoted, "cell"?of lines: the risk level is `raised`' in found[8][1]
    assert "6 of 6 projects crossed a line" in found[8][2]

    # what is refused, and leaves nothing
    wanted = ["RE-435 there is such an output already", "RE-434 `--resume` says nothing", "RE-434 Spark has no XLSX"]
    wanted += ["RE-435 Spark says: [PATH_NOT_FOUND]", "RE-810 there is no column `projct`", "RE-811", "", "RE-402"]
    for (_, _, message), part in zip(found[2:], wanted, strict=True):
        assert part in message
    assert "RE-434 `--junit`" in found[3][2]
    assert not list(tmp_path.glob("t.*"))


def test_the_shipped_portfolio_and_random_rows_are_scored_by_connect_as_here(
    tmp_path: Path, connect_address: str
) -> None:
    local = run("score", PORTFOLIO, "-o", tmp_path / "local.csv")
    code, _, err = connected(connect_address, "score", PORTFOLIO, "-o", tmp_path / "s.csv")
    assert (local.returncode, code) == (3, 3), err
    same(rows_in(tmp_path / "s.csv"), rows_of(tmp_path / "local.csv"), "project")
    rejects = rows_of(tmp_path / "local.csv.rejects.csv")
    assert rejects_of(rows_in(tmp_path / "s.csv.rejects.csv")) == rejects_of(rejects)

    pack = riskengine.load_pack().pack
    projects = random_answers(pack, "spark", 200)
    names = [question.id for question in pack.questions]
    cells = [["n/a" if p.get(n) is NOT_APPLICABLE else p.get(n) for n in names] for p in projects]
    texts = [[None if cell is None else str(cell) for cell in row] for row in cells]
    frame = pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row").with_row_index("project")
    frame.write_parquet(tmp_path / "r.parquet")
    run("score", tmp_path / "r.parquet", "-o", tmp_path / "local2.csv")
    code, _, err = connected(connect_address, "score", tmp_path / "r.parquet", "-o", tmp_path / "s2.csv")
    assert code == 0, err
    same(rows_in(tmp_path / "s2.csv"), rows_of(tmp_path / "local2.csv"), "project")


def test_without_pyspark_the_message_says_how_to_install_it(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    done = run("score", table, "-o", tmp_path / "s.csv", "--engine", "spark", "--rules", SMALL)
    assert done.returncode == 2
    assert 'RE-432 pyspark is not installed\n  help: pip install "riskengine[spark]"' in done.stderr


def test_without_java_the_message_says_what_to_install(table: Path, tmp_path: Path) -> None:
    arguments = (table, "-o", tmp_path / "s.csv", "--engine", "spark", "--rules", SMALL)
    done = subprocess.run(
        [sys.executable, "-c", "from riskengine.cli import main; main()", "score", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "JAVA_HOME": str(tmp_path), "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    assert done.returncode == 2
    assert "RE-433 there is no Spark session: [JAVA_GATEWAY_EXITED]" in done.stderr
    assert "install Java 17 or newer" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_engine_that_there_is_not_is_refused(table: Path, tmp_path: Path) -> None:
    done = run("score", table, "-o", tmp_path / "s.csv", "--engine", "sparc")
    assert done.returncode == 2
    assert "--engine" in done.stderr
