"""Tables that are broken in every way known: each gives rejects or one clear error, and no row is lost."""

import csv
import datetime
import io
import json
import os
import re

import polars as pl
import pytest
import xlsxwriter

from riskengine.portfolio.reading import csv_table
from tests.cli.run import nothing_but
from tests.portfolio.command import rows_of
from tests.portfolio.command import run_small as run

HEADER = ("project", "users_met", "people", "owner")


def scored_with(tmp_path, cells):
    """Score a table of these cells and one sound row; give what became of them."""
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, cells, ("sound", "once", "2", "no")])
    done = run("score", table, "-o", out)
    assert "Traceback" not in done.stderr
    counts = [int(number) for number in re.search(r"(\d+) scored, (\d+) rejected of (\d+)", done.stderr).groups()]
    assert counts[0] + counts[1] == counts[2] == 2
    found = rows_of(tmp_path / "s.csv.rejects.csv")
    assert (done.returncode == 3) == bool(found)
    return found


@pytest.mark.parametrize(
    ("users_met", "fte", "codes"),
    [
        ("many", "2", ["RE-304"]),
        ("once", "many", ["RE-302"]),
        ("once", "1e9", ["RE-303"]),
        ("once", "-1", ["RE-303"]),
        ("once", "NaN", ["RE-302"]),
        ("once", "inf", ["RE-302"]),
        ("once", "-Infinity", ["RE-302"]),
        ("once", "1e999", ["RE-302"]),
        ("once", "1_0", ["RE-302"]),
        ("once", "0x10", ["RE-302"]),
        ("once", "1,5", ["RE-302"]),
        ("once", "1.000,5", ["RE-302"]),
        ("once", "\uff11\uff12", ["RE-302"]),
        ("once", "=1+1", ["RE-302"]),
        ("once", "--1", ["RE-302"]),
        ("once", "n/a", ["RE-305"]),
        ("n/a", "N/A", ["RE-305", "RE-302"]),
        ("=cmd()", "2", ["RE-304"]),
        ("ONCE", "2", ["RE-304"]),
        ("onc\u202ee", "2", ["RE-304"]),
        ("on\x1bce", "2", ["RE-304"]),
        ("once;monthly", "2", ["RE-304"]),
        ("x" * 1_000_000, "2", ["RE-304"]),
    ],
)
def test_a_cell_that_is_no_answer_rejects_its_row_only(tmp_path, users_met, fte, codes):
    found = scored_with(tmp_path, ("A", users_met, fte, "no"))
    assert [row["code"] for row in found] == codes
    assert {row["row"] for row in found} == {"1"}
    assert all(len(row["value"]) <= 201 for row in found)


@pytest.mark.parametrize(
    ("users_met", "fte"),
    [
        ("  once ", "2"),
        ("\u00a0once\u2003", " 2 "),
        ("once", "2.5e0"),
        ("once", "+2."),
        ("once", ".5"),
        ("once", "1E1"),
        ("", ""),
        (" ", "\t"),
        ("once\n", "2"),
    ],
)
def test_what_can_be_read_is_scored(tmp_path, users_met, fte):
    assert scored_with(tmp_path, ("A", users_met, fte, "no")) == []


def test_a_name_may_be_anything(tmp_path):
    for name in (
        "x" * 1_000_000,
        "\u202ename",
        "\U0001f600",
        "<script>",
        "a\x1b[2Jb",
        'say "hi", twice',
        "two\r\nlines",
    ):
        assert scored_with(tmp_path, (name, "once", "2", "no")) == []
        assert rows_of(tmp_path / "s.csv")[0]["project"] == name


BAD = {
    "an empty file": (b"", "RE-401"),
    "blank lines only": (b"\n\r\n\n", "RE-401"),
    "a header only": (b"project,users_met\n", "RE-401"),
    "a header without a line end": (b"project,users_met", "RE-401"),
    "no question": (b"projekt;phase\nA;B\n", "RE-403"),
    "no header": (b"A,once,2\nB,monthly,3\n", "RE-403"),
    "a question twice": (b"users_met,Users_Met\nonce,once\n", "RE-402"),
    "a column twice": (b"users_met,note,note\nonce,a,b\n", "RE-402"),
    "a result's name": (b"users_met,risk_level\nonce,low\n", "RE-402"),
    "our own name": (b"users_met,__riskengine_row\nonce,low\n", "RE-402"),
    "an unclosed quote": (b'project,users_met\nA,"once\nB,monthly\n', "RE-408"),
    "an unclosed quote in the header": (b'project,"users_met\nA,once\n', "RE-408"),
    "an unclosed quote before others": (b'project,users_met\n"A,once\n"B",monthly\n', "RE-408"),
    "a quote that closes early": (b'project,users_met\n"A"B,monthly\n', "RE-408"),
    "Windows-1252": ("project,users_met\nB\u00fcro,once\n".encode("cp1252"), "RE-107"),
    "Windows-1252 in the header": ("B\u00fcro,users_met\nA,once\n".encode("cp1252"), "RE-107"),
    "half of UTF-16": ("project,users_met\nA,once\n".encode("utf-16") + b"\0", "RE-107"),
    "UTF-16 without a mark": ("project,users_met\nA,once\n".encode("utf-16-le"), "RE-401"),
    "NUL": (b"users_met\nid\0ea\n", "RE-401"),
    "Parquet": (b"PAR1.....................PAR1", "RE-409"),
    "a workbook": (b"PK\x03\x04....................", "RE-409"),
    "an encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1.........", "RE-409"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0", "RE-409"),
    "bzip2": (b"BZh91AY&SY", "RE-409"),
    "a bare return in the header": (b"project,users_met\rA,once\nB,once\n", "RE-408"),
    "blanks between cells": (b"project users_met\nA once\n", "RE-403"),
    "an unnamed column that is named after all": (b"users_met,,column_2\nonce,,\n", "RE-402"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_table_that_cannot_be_read_gives_one_clear_error_and_nothing_is_written(tmp_path, what):
    content, code = BAD[what]
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_bytes(content)
    done = run("score", table, "-o", out)
    assert done.returncode == 2, done.stderr
    assert code in done.stderr
    assert done.stderr.count(" RE-") == 1
    assert str(table) in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_but(tmp_path, "p.csv")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfproject;users_met\r\nA;once\r\n",
        "project,users_met\nA,once\n".encode("utf-16"),
        b"\xff\xfe" + "project,users_met\nA,once\n".encode("utf-16-le"),
        b"\xfe\xff" + "project,users_met\nA,once\n".encode("utf-16-be"),
        "project,users_met\nA,once\n".encode("utf-32"),
        "project,\u00a0users_met\u2003\nA,once\n".encode(),
        b"project\tusers_met\nA\tonce\n",
        b"project|users_met\nA|once\n",
        b"sep=;\r\nproject;users_met\r\nA;once\r\n",
        b"\n\nproject,users_met\n\nA,once\n\n",
        b"project,users_met\rA,once\r",
        b'"project","users_met"\n"A","once"',
        b'"pro,ject";users_met\n"A";once',
        b'project,users_met,size\nA,once,5" pipe\n',
        b"project,users_met,\nA,once,\n",
        b"PROJECT, Users_MET \nA,once\n",
    ],
)
def test_dialects_are_told_apart(tmp_path, content):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_bytes(content)
    done = run("score", table, "-o", out)
    assert done.returncode == 0, done.stderr
    (row,) = rows_of(out)
    assert {"A", "once"} <= set(row.values())


@pytest.mark.parametrize("before", ["", '"a ""b""\nc",once\n', 'a" b,once\n', "A,once\n" * 500, "ragged\n"])
@pytest.mark.parametrize("chunk", [64, 1 << 20])
def test_where_a_byte_is_not_utf_8_is_said_by_row(tmp_path, monkeypatch, before, chunk):
    monkeypatch.setattr(csv_table, "CHUNK_BYTES", chunk)
    table = tmp_path / "p.csv"
    table.write_bytes(f"project,users_met\n\n{before}".encode() + b"B\xfcro,once\nC,once\n")
    row = len([one for one in csv.reader(io.StringIO(before)) if one]) + 1
    assert f"row {row} holds the byte 0xfc" in refused(tmp_path, table, "RE-107")


@pytest.mark.parametrize(
    ("header", "near"), [("users-met", "users_met"), ("Users Met", "users_met"), ("users_met\u200b", "users_met")]
)
def test_a_table_without_a_question_names_those_that_are_near(tmp_path, header, near):
    table = tmp_path / "p.csv"
    table.write_text(f"project,{header}\nA,once\n")
    assert f"did you mean `{near}`?" in refused(tmp_path, table, "RE-403")


def test_a_table_of_five_thousand_columns_is_a_table(tmp_path):
    table, names = tmp_path / "p.csv", [f"c{number}" for number in range(5000)]
    table.write_text(f"users_met,{','.join(names)}\nonce,{','.join(names)}\nonces,{','.join(names)}\n")
    assert "1 scored, 1 rejected of 2 rows" in run("score", table, "-o", tmp_path / "s.csv").stderr
    assert rows_of(tmp_path / "s.csv")[0]["c4999"] == "c4999"


@pytest.mark.parametrize("name", ["p.csv.gz", "p.csv.zst", "p.zip"])
def test_compressed_tables_are_refused_by_their_name(tmp_path, name):
    table = tmp_path / name
    table.write_bytes(b"\x1f\x8b\x08\0")
    assert "is a compressed file" in refused(tmp_path, table, "RE-409")


def test_a_table_is_read_once_under_whatever_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text("project,users_met\nA,once\n")
    (tmp_path / "link.csv").symlink_to("p.csv")
    done = run("score", "p.csv", "./p.csv", "link.csv", tmp_path / "p.csv", "-o", "s.csv")
    assert "1 scored, 0 rejected of 1 rows" in done.stderr


@pytest.mark.parametrize("what", ["-", "folder", "pipe", "broken.csv"])
def test_what_is_no_file_is_no_table(tmp_path, what):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "broken.csv").symlink_to("nowhere.csv")
    given = what if what == "-" else tmp_path / what
    done = run("score", given, "-o", tmp_path / "s.csv", "--format", "csv")
    assert (done.returncode, done.stderr.count(" RE-")) == (2, 1)
    assert nothing_but(tmp_path, "folder", "pipe", "broken.csv")


@pytest.mark.parametrize(("option", "value", "name"), [("--sheet", "A", "p.csv"), ("--encoding", "utf-8", "p.parquet")])
def test_an_option_that_says_nothing_of_the_format_is_refused(tmp_path, option, value, name):
    table = tmp_path / name
    frame = pl.DataFrame({"users_met": ["once"]})
    frame.write_csv(table) if name.endswith("csv") else frame.write_parquet(table)
    done = run("score", table, "-o", tmp_path / "s.csv", option, value)
    assert (done.returncode, "RE-809" in done.stderr) == (2, True)


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16-le", "utf-8-sig", "latin-1"])
def test_an_encoding_can_be_named(encoding, tmp_path):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    table.write_bytes(f"{mark}project,users_met\nB\u00fcro,once\n".encode(encoding))
    assert run("score", table, "-o", out, "--encoding", encoding).returncode == 0
    assert rows_of(out)[0]["project"] == "B\u00fcro"


@pytest.mark.parametrize(
    "lines",
    [
        ["A,once", "B", "C,once,x", "", "D,monthly", "E,,,"],
        ["A", "B"],
        ['"A\nA",once', '"B",once,"x"', '"C ""c""",once', 'D" d,once', "E"],
    ],
)
def test_rows_of_another_length_are_rejected_and_counted(tmp_path, lines):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_text("project,users_met\n" + "\n".join(lines) + "\n")
    done = run("score", table, "-o", out)
    rows = [row for row in csv.reader(io.StringIO("\n".join(lines))) if row]
    ragged = [(str(number), str(len(row))) for number, row in enumerate(rows, start=1) if len(row) != 2]
    found = rows_of(tmp_path / "s.csv.rejects.csv")
    assert [(row["row"], row["value"]) for row in found if row["code"] == "RE-405"] == ragged
    assert f"{len(rows) - len(ragged)} scored, {len(ragged)} rejected of {len(rows)} rows" in done.stderr


# --- other formats -----------------------------------------------------------------------------------------


def refused(tmp_path, table, code, *options):
    done = run("score", table, "-o", tmp_path / "s.csv", *options)
    assert done.returncode == 2, done.stderr
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_but(tmp_path, table.name)
    return done.stderr


def test_truncated_parquet_is_refused(tmp_path):
    table = tmp_path / "p.parquet"
    pl.DataFrame({"users_met": ["once"] * 1000}).write_parquet(table)
    content = table.read_bytes()
    table.write_bytes(content[:-20])
    refused(tmp_path, table, "RE-401")
    table.write_bytes(content[:4] + b"\xff" * 40 + content[44:])
    refused(tmp_path, table, "RE-401")


@pytest.mark.parametrize("name", ["p.parquet", "p.xlsx"])
def test_text_under_another_name_is_refused(tmp_path, name):
    table = tmp_path / name
    table.write_text("project,users_met\nA,once\n")
    refused(tmp_path, table, "RE-409")
    assert run("score", table, "-o", tmp_path / "s.csv", "--format", "csv").returncode == 0


@pytest.mark.parametrize(
    "column",
    [pl.Series("users_met", [1, 2]), pl.Series("users_met", [True, False]), pl.Series("people", [True, None])],
)
def test_a_column_of_a_type_that_holds_no_answers_is_refused(tmp_path, column):
    table = tmp_path / "p.parquet"
    pl.DataFrame([column]).write_parquet(table)
    refused(tmp_path, table, "RE-302")


def test_nested_columns_are_refused_where_the_output_cannot_hold_them(tmp_path):
    table = tmp_path / "p.parquet"
    pl.DataFrame({"users_met": ["once"], "tags": [["a", "b"]]}).write_parquet(table)
    refused(tmp_path, table, "RE-413")
    assert run("score", table, "-o", tmp_path / "s.parquet").returncode == 0


def test_lines_that_are_no_objects_are_rejected_and_the_rest_is_scored(tmp_path):
    table = tmp_path / "p.jsonl"
    lines = [
        '{"project": "A", "users_met": "once", "people": 2}',
        "[1]",
        '{"users_met": NaN}',
        "",
        '{"users_met": "once"',
        '{"project": "B", "users_met": ["once"]}',
        '{"project": "C", "users_met": true}',
        '{"project": "D", "people": "2.5", "budget": {"a": 1}}',
        "null",
        '{"project": "E"}{"project": "F"}',
        "\udcff",
    ]
    table.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    done = run("score", table, "-o", tmp_path / "s.jsonl")
    assert "2 scored, 8 rejected of 10 rows" in done.stderr
    found = rows_of(tmp_path / "s.jsonl.rejects.csv")
    codes = {int(row["row"]): row["code"] for row in found}
    unreadable = dict.fromkeys((2, 3, 4, 8, 9, 10), "RE-407")
    assert codes == {**unreadable, 5: "RE-304", 6: "RE-304"}
    kept = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [row["project"] for row in kept] == ["A", "D"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"users_met": "once", "users_met": "never"}', "the key `users_met` stands twice"),
        (b'{"project": "\\ud800"}', "half of a character"),
        (b'{"project": "B\xfcro"}', "byte 15 of the line, 0xfc, is not UTF-8"),
        (b'{"people": 1e999}', "a number of the line is too large"),
        (b'{"people": NaN}', "JSON has no `NaN`"),
        (b'{"project": "A\0"}', "no JSON: invalid control character"),
        (b'{"project": "A"', "no JSON: expecting ',' delimiter, at column 16"),
        (b'{"note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'"text"', "no JSON object"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(tmp_path, line, reason):
    table = tmp_path / "p.jsonl"
    table.write_bytes(b'{"project": "\\ud83d\\ude00", "users_met": "once"}\n\n' + line + b"\n")
    done = run("score", table, "-o", tmp_path / "s.jsonl")
    assert "1 scored, 1 rejected of 2 rows" in done.stderr
    (found,) = rows_of(tmp_path / "s.jsonl.rejects.csv")
    assert (found["row"], found["code"]) == ("2", "RE-407")
    assert reason in found["reason"]
    assert json.loads((tmp_path / "s.jsonl").read_text())["project"] == "\U0001f600"


@pytest.mark.parametrize(
    "content", ["1\n2\n", "{}\n", '[{"users_met": "once"},\n{"users_met": "once"}]', '{\n"a": 1\n}\n']
)
def test_jsonl_without_objects_is_refused(tmp_path, content):
    table = tmp_path / "p.jsonl"
    table.write_text(content)
    refused(tmp_path, table, "RE-401")


def test_what_csv_cannot_hold_as_it_is_becomes_text_that_it_can(tmp_path):
    table = tmp_path / "p.parquet"
    others = {"took": [datetime.timedelta(days=1, hours=2)], "odd": ["a\0b"], "at": [datetime.time(1)]}
    pl.DataFrame({"users_met": ["once"], **others}).write_parquet(table)
    for kind in ("csv", "xlsx"):
        assert run("score", table, "-o", tmp_path / f"s.{kind}").returncode == 0
    (row,) = rows_of(tmp_path / "s.csv")
    assert (row["took"], row["odd"]) == ("P1DT2H", "a\ufffdb")


@pytest.mark.parametrize(
    ("kind", "column"), [("jsonl", [[b"x"]]), ("csv", [[1]]), ("xlsx", [datetime.datetime(9999, 12, 31)])]
)
def test_a_column_that_an_output_cannot_hold_is_refused(tmp_path, kind, column):
    table = tmp_path / "p.parquet"
    late = pl.Series("x", column) if kind != "xlsx" else pl.Series("x", column).dt.offset_by("1y")
    pl.DataFrame({"users_met": ["once"]}).with_columns(late).write_parquet(table)
    done = run("score", table, "-o", tmp_path / f"s.{kind}")
    assert (done.returncode, "RE-413" in done.stderr) == (2, True), done.stderr
    assert nothing_but(tmp_path, "p.parquet")


def workbook(path, sheets, errors=()):
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 1, row)
        for cell, shown in errors:
            sheet.write_formula(cell, "=1/0", None, shown)
    book.close()
    return path


def test_which_of_several_sheets_is_meant_has_to_be_said(tmp_path):
    rows = [("project", "users_met"), ("A", "once")]
    table = workbook(tmp_path / "p.xlsx", {"Projects": rows, "Notes": [("x",)]})
    assert "`Projects`, `Notes`" in refused(tmp_path, table, "RE-410")
    assert "did you mean `Projects`?" in refused(tmp_path, table, "RE-410", "--sheet", "Project")
    assert run("score", table, "-o", tmp_path / "s.csv", "--sheet", "Projects").returncode == 0


def test_a_hidden_sheet_is_not_meant(tmp_path):
    table = tmp_path / "p.xlsx"
    book = xlsxwriter.Workbook(str(table))
    for name, rows in (("Lists", [("x",)]), ("Projects", [("project", "users_met"), ("A", "once")])):
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.worksheets()[1].activate()
    book.worksheets()[0].hide()
    book.close()
    assert run("score", table, "-o", tmp_path / "s.csv").returncode == 0
    assert [row["project"] for row in rows_of(tmp_path / "s.csv")] == ["A"]
    refused_with = run("score", table, "-o", tmp_path / "s.csv", "--sheet", "Lists").stderr
    assert "RE-403" in refused_with


def test_a_cell_far_behind_the_table_does_not_take_all_memory(tmp_path):
    table = tmp_path / "p.xlsx"
    book = xlsxwriter.Workbook(str(table))
    sheet = book.add_worksheet()
    for number, row in enumerate([("project", "users_met"), ("A", "once")]):
        sheet.write_row(number, 0, row)
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    assert "reaches over 1,048,576 rows and 16,384 columns" in refused(tmp_path, table, "RE-416")


def test_merged_cells_dates_and_booleans_are_what_a_sheet_shows(tmp_path):
    table = tmp_path / "p.xlsx"
    book = xlsxwriter.Workbook(str(table))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("project", "users_met", "people", "start", "paid"))
    sheet.merge_range(1, 0, 2, 0, "A")
    for row, (people, paid) in enumerate([(2, True), ("2.5", False), (True, None)], start=1):
        sheet.write(row, 1, "once")
        sheet.write(row, 2, people)
        sheet.write_datetime(row, 3, datetime.datetime(2026, 1, row), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write(row, 4, paid)
    book.close()
    assert "2 scored, 1 rejected of 3 rows" in run("score", table, "-o", tmp_path / "s.csv").stderr
    assert [(row["project"], row["paid"]) for row in rows_of(tmp_path / "s.csv")] == [("A", "true"), ("", "false")]
    (found,) = rows_of(tmp_path / "s.csv.rejects.csv")
    assert (found["row"], found["value"], found["code"]) == ("3", "true", "RE-302")


@pytest.mark.parametrize("sheets", [{"A": []}, {"A": [("", "")]}], ids=["no cell", "blank"])
def test_an_empty_sheet_is_refused(tmp_path, sheets):
    refused(tmp_path, workbook(tmp_path / "p.xlsx", sheets), "RE-401")


def test_a_damaged_workbook_is_refused(tmp_path):
    table = workbook(tmp_path / "p.xlsx", {"A": [("project", "users_met"), ("A", "once")]})
    table.write_bytes(table.read_bytes()[:2000])
    refused(tmp_path, table, "RE-401")


def test_an_error_of_a_spreadsheet_is_no_empty_cell(tmp_path):
    rows = [(), ("project", "people", "cost"), ("A", 2, 1), ("B", None, 1), (), ("C", 3, None), ("D", "x", 1)]
    table = workbook(tmp_path / "p.xlsx", {"A": rows}, [("C4", "#DIV/0!"), ("D6", "#N/A")])
    done = run("score", table, "-o", tmp_path / "s.csv")
    assert "2 scored, 2 rejected of 4 rows" in done.stderr
    found = rows_of(tmp_path / "s.csv.rejects.csv")
    assert [(row["row"], row["column"], row["value"], row["code"]) for row in found] == [
        ("2", "people", "#DIV/0!", "RE-414"),
        ("5", "people", "x", "RE-302"),
    ]


def test_a_cell_that_is_too_long_for_a_sheet_is_refused(tmp_path):
    table = tmp_path / "p.csv"
    table.write_text(f"project,users_met\n{'x' * 32_768},once\n")
    done = run("score", table, "-o", tmp_path / "s.xlsx")
    assert (done.returncode, "RE-413" in done.stderr) == (2, True)
    assert nothing_but(tmp_path, "p.csv")


def test_tables_of_other_columns_or_formats_do_not_go_together(tmp_path):
    (tmp_path / "a.csv").write_text("project,users_met\nA,once\n")
    (tmp_path / "b.csv").write_text("project,note\nA,once\n")
    pl.DataFrame({"project": ["A"], "users_met": ["once"]}).write_parquet(tmp_path / "c.parquet")
    for other in ("b.csv", "c.parquet"):
        done = run("score", tmp_path / "a.csv", tmp_path / other, "-o", tmp_path / "s.csv")
        assert (done.returncode, "RE-411" in done.stderr) == (2, True)
