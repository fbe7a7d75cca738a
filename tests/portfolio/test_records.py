"""The records of CSV, as the standard library reads them, and as we find them: the same, however they are cut."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskengine.errors import ProblemError
from riskengine.portfolio.reading import csv_table, text
from riskengine.portfolio.reading.csv_records import sniff
from riskengine.portfolio.reading.csv_table import CsvTable
from riskengine.portfolio.reading.table import ROW, START

WIDTH = 3
PIECES = st.sampled_from(["a", ",", ",", "\n", "\r\n", '"', '""', '"b,c"', '"d\ne"', '"f""g"', "\u00e9", ";"])


def expected(body: str) -> tuple[list[tuple[object, ...]], list[int]]:
    rows, ragged = [], []
    records = (row for row in csv.reader(io.StringIO(body, newline="\n"), strict=True) if row)
    for number, row in enumerate(records, start=1):
        if len(row) == WIDTH:
            rows.append((*(cell or None for cell in row), number))
        else:
            ragged.append(number)
    return rows, ragged


def found(path: Path) -> tuple[list[tuple[object, ...]], list[int | None]]:
    table = CsvTable(path, None)
    chunks = list(table.chunks(START))
    # what begins at a mark is what would have come next
    for place, chunk in enumerate(chunks[:-1]):
        again = next(CsvTable(path, None).chunks(chunk.end))
        assert again.frame.equals(chunks[place + 1].frame)
        assert again.end == chunks[place + 1].end
    # an empty quoted cell is an empty cell
    rows = [tuple(None if cell == "" else cell for cell in row) for chunk in chunks for row in chunk.frame.rows()]
    assert all(chunk.frame.columns == [*table.schema, ROW] for chunk in chunks)
    return rows, [problem.source.row for chunk in chunks for problem in chunk.broken]


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pieces=st.lists(PIECES, max_size=25), size=st.sampled_from([8, 30, 1 << 20]), rows=st.sampled_from([1, 2, 1000]))
def test_any_text_has_the_records_that_the_standard_library_finds(
    pieces: list[str], size: int, rows: int, tmp_path: Path
) -> None:
    body = "".join(pieces)
    path = tmp_path / "p.csv"
    path.write_bytes(f"x,y,z\n{body}".encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "CHUNK_BYTES", size)
        patch.setattr(csv_table, "CHUNK_ROWS", rows)
        patch.setattr(text, "BLOCK", 5)
        try:
            wanted = expected(body)
        except csv.Error:
            with pytest.raises(ProblemError) as error:
                found(path)
            assert error.value.problems[0].code == "RE-408"
            return
        assert found(path) == wanted


def test_where_a_chunk_ends_depends_on_its_beginning_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "CHUNK_BYTES", 64)
    monkeypatch.setattr(text, "BLOCK", 50)
    path = tmp_path / "p.csv"
    path.write_text("x,y,z\n" + "".join(f"{number},,{'a' * (number % 7)}\n" for number in range(100)))
    rows, broken = found(path)
    assert (len(rows), broken) == (100, [])


def test_reading_leaves_the_limit_of_other_readers_alone(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    path = tmp_path / "p.csv"
    path.write_text('x,y\na,b" c\n')
    assert [chunk.frame.height for chunk in CsvTable(path, None).chunks(START)] == [1]
    assert csv.field_size_limit() == before


def test_a_record_without_an_end_is_not_read_into_memory_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "MAX_RECORD", 1 << 12)
    monkeypatch.setattr(csv_table, "CHUNK_BYTES", 1 << 10)
    path = tmp_path / "p.csv"
    path.write_text('x,y\na,b\nc,"' + "d,\n" * 10_000)
    with pytest.raises(ProblemError) as error:
        list(CsvTable(path, None).chunks(START))
    assert "RE-416 row 2 is longer than 4,096 bytes" in str(error.value)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("a,b;c,d", ","),
        ("a;b,c;d", ";"),
        ("a\tb", "\t"),
        ("a|b|c,d", "|"),
        ("a", ","),
        ('"a;b;c",d', ","),
        ("a;b,c", ","),
    ],
)
def test_the_delimiter_is_the_most_frequent_sign_outside_quotes(header: str, delimiter: str) -> None:
    assert sniff(header) == delimiter
