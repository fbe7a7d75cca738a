"""The files of a portfolio: found by name or pattern, told apart by format, and opened."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.portfolio.reading.csv_table import CsvTable
from riskengine.portfolio.reading.jsonl_table import open_jsonl
from riskengine.portfolio.reading.parquet_table import ParquetTable
from riskengine.portfolio.reading.table import Table, unreadable
from riskengine.portfolio.reading.text import check_encoding
from riskengine.portfolio.reading.xlsx_table import XlsxTable

__all__ = ["FORMATS", "Wanted", "find_files", "format_of", "open_tables", "readable"]

FORMATS: Mapping[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt"),
    "parquet": (".parquet", ".pq"),
    "jsonl": (".jsonl", ".ndjson"),
    "xlsx": (".xlsx", ".xlsm"),
}
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
# options that say how to read a table, with the formats that they are for
_FOR = {"--encoding": ("csv", "jsonl"), "--sheet": ("xlsx",)}
# how files of other formats begin
_SIGNS: Sequence[tuple[bytes, str, str]] = (
    (b"PAR1", "parquet", "Parquet"),
    (b"PK\x03\x04", "xlsx", "a workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "an encrypted workbook, or one of the old format"),
    (b"\x1f\x8b", "", "compressed with gzip"),
    (b"BZh", "", "compressed with bzip2"),
    (b"\xfd7zXZ", "", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "", "compressed with Zstandard"),
    (b"%PDF", "", "a PDF document"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How tables are to be read, where they don't say it themselves.

    Attributes:
        format: The format; by default what the file's name says.
        encoding: The encoding of text; by default what a byte order mark says, or UTF-8.
        sheet: The sheet of a workbook; by default its only one.
        texts: The columns that are wanted as the text of their cells, in small letters.
        numbers: Those that are wanted as numbers, or as text where some cells are no numbers.
    """

    format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    texts: frozenset[str] = field(default_factory=frozenset)
    numbers: frozenset[str] = field(default_factory=frozenset)


def find_files(patterns: Sequence[str | Path]) -> list[Path]:
    """Find the files that are meant, each one once: those of a pattern in the order of their names.

    Args:
        patterns: Names of files, or patterns such as `data/*.csv`.

    Raises:
        ProblemError: RE-808 for each that matches no file.
    """
    found: dict[Path, Path] = {}
    wrong = []
    for pattern in map(str, patterns):
        matching = _matching(pattern)
        for path in matching:
            found.setdefault(path.resolve(), path)
        if not matching:
            wrong.append(_missing(pattern))
    if wrong:
        raise ProblemError(wrong)
    return list(found.values())


def _missing(pattern: str) -> Problem:
    message, help = f"there is no file `{shorten(pattern, 200)}`", "name a table, or a pattern that matches some"
    if pattern == "-":
        message, help = "a table is not read from standard input", "save it to a file, which can be read twice"
    return Problem("RE-808", message, help, Source(pattern))


def _matching(pattern: str) -> list[Path]:
    try:
        if Path(pattern).exists():
            return [Path(pattern)]
        found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - it takes absolute patterns too
        return [path for path in map(Path, sorted(found)) if path.is_file()]
    except (OSError, ValueError):
        # no file can have such a name
        return []


def format_of(path: Path, given: str | None, option: str = "--format") -> str:
    """Tell the format of a file.

    Args:
        path: The file.
        given: The format that was asked for.
        option: How it is asked for.

    Raises:
        ProblemError: RE-409 if nothing says it, RE-804 if there is none of the name.
    """
    if given is not None:
        if given not in FORMATS:
            help = nearest(given, list(FORMATS))
            raise ProblemError(
                Problem("RE-804", f"there is no format `{shorten(given)}`", help, Source(field=option), given)
            )
        return given
    for name, ends in FORMATS.items():
        if path.name.lower().endswith(ends):
            return name
    if path.suffix.lower() in _COMPRESSED:
        message = f"`{path.suffix}` is a compressed file, which is neither read nor written"
        raise unreadable(path, message, "use a plain one, or Parquet, which is compressed inside", "RE-409")
    message = f"the name says no format; known are {', '.join(f'`{end}`' for ends in FORMATS.values() for end in ends)}"
    raise unreadable(path, message, f"rename the file, or name its format with `{option}`", "RE-409")


def open_tables(paths: Sequence[Path], wanted: Wanted) -> Sequence[Table]:
    """Open tables that are scored together.

    Args:
        paths: The files.
        wanted: How to read them.

    Raises:
        ProblemError: with everything that is wrong with a file, RE-411 if one has other columns than the first,
            or RE-809 for an option that is not for their format.
    """
    formats = {format_of(path, wanted.format) for path in paths}
    if len(formats) > 1:
        message = f"the tables are of several formats: {', '.join(sorted(formats))}"
        raise unreadable(paths[-1], message, "score them one by one", "RE-411")
    (kind,) = formats
    _refuse_idle(kind, wanted)
    tables = _opened(paths, kind, wanted)
    wrong = [problem for table in tables[1:] for problem in _differing(tables[0], table)]
    if wrong:
        raise ProblemError(wrong)
    return tables


def _refuse_idle(kind: str, wanted: Wanted) -> None:
    """Refuse options that say nothing of tables of a format."""
    given = {"--encoding": wanted.encoding, "--sheet": wanted.sheet}
    wrong = [
        Problem("RE-809", f"`{option}` says nothing of {kind}", "leave it out", Source(field=option), value)
        for option, value in given.items()
        if value is not None and kind not in _FOR[option]
    ]
    if wrong:
        raise ProblemError(wrong)


def _opened(paths: Sequence[Path], kind: str, wanted: Wanted) -> Sequence[Table]:
    encoding = None if wanted.encoding is None else check_encoding(wanted.encoding)
    for path in paths:
        with readable(path):
            _check_kind(path, kind)
    with readable(paths[0]):
        match kind:
            case "csv":
                return [CsvTable(path, encoding) for path in paths]
            case "jsonl":
                return open_jsonl(paths, encoding, wanted.texts, wanted.numbers)
            case "parquet":
                return [ParquetTable(path) for path in paths]
            case _:
                return [XlsxTable(path, wanted.sheet, wanted.texts, wanted.numbers) for path in paths]


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the system says of a table that can't be read into a problem.

    Raises:
        ProblemError: RE-401.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        help = "name a file that you may read"
        raise unreadable(Path(error.filename or path), f"the table cannot be read: {reason}", help) from None


def _check_kind(path: Path, kind: str) -> None:
    if not path.is_file():
        raise unreadable(path, "this is no ordinary file", "name a table")
    with path.open("rb") as file:
        begin = file.read(16)
    if not begin:
        raise unreadable(path, "the table is empty", "`riskengine template --csv` prints a header")
    sign = next((sign for sign in _SIGNS if begin.startswith(sign[0])), None)
    if sign is not None and sign[1] != kind:
        help = f"is it `--format {sign[1]}`?" if sign[1] else "save it as CSV, Parquet, JSONL or XLSX"
        raise unreadable(path, f"the file is {sign[2]}, and not {kind}", help, "RE-409")
    if sign is None and kind in ("parquet", "xlsx"):
        raise unreadable(path, f"the file is no {kind}", "name its format with `--format`", "RE-409")


def _differing(first: Table, other: Table) -> list[Problem]:
    source = Source(str(other.path))

    def wrong(name: str, message: str) -> Problem:
        help = f"it should have the columns of {first.path}"
        return Problem("RE-411", message, help, Source(source.file, field=name), name)

    lacking = [wrong(name, f"there is no column `{name}`") for name in first.schema if name not in other.schema]
    more = [wrong(name, f"there is a column `{name}` more") for name in other.schema if name not in first.schema]
    types = [
        wrong(name, f"`{name}` holds {other.schema[name]}, and {kind} in {first.path}")
        for name, kind in first.schema.items()
        if name in other.schema and other.schema[name] != kind
    ]
    return lacking + more + types
