"""Tables of any size, scored chunk by chunk: what can't be read is rejected with a reason, the rest is scored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from riskengine import __version__
from riskengine.assessment.build import BuiltPack, check_outputs, write_output
from riskengine.assessment.model_file import Model, model_to_json
from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.pack.json_form import digest
from riskengine.portfolio.cells import WRONG, Cells, is_text
from riskengine.portfolio.column_map import ColumnMap, answer_columns, match, near_misses
from riskengine.portfolio.expressions import Scorer
from riskengine.portfolio.gates import (
    TABLE,
    Gates,
    LastRun,
    Verdict,
    check_gates,
    judge,
    project_columns,
    read_last_run,
)
from riskengine.portfolio.junit import junit
from riskengine.portfolio.plan import Plan
from riskengine.portfolio.reading.ahead import ahead
from riskengine.portfolio.reading.files import Wanted, find_files, format_of, open_tables, readable
from riskengine.portfolio.reading.table import ROW, START, Chunk, Mark, Table, unreadable
from riskengine.portfolio.rejects import RejectStream, rejects_path
from riskengine.portfolio.report import ReportedRun, marked_columns, report_of
from riskengine.portfolio.sarif import sarif
from riskengine.portfolio.tally import TallyStream
from riskengine.portfolio.work import Step, Work
from riskengine.portfolio.writing.streams import CsvStream, JsonlStream, ParquetStream, Stream, XlsxStream, check_schema

__all__ = ["Done", "Options", "Progress", "score_tables"]

NAMES = ("project", "name")
"""Columns that hold the names of projects, where `key` says no other."""

_DIGESTED = 1 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """How tables are scored.

    Attributes:
        format: The format of the tables; by default what their names say.
        output_format: The format of the output; by default what its name says.
        encoding: The encoding of text; UTF-8 by default.
        sheet: The sheet of a workbook.
        columns: Columns that are called otherwise than their question.
        key: The column of the projects' names; by default `project` or `name`.
        base_rate: The reader's own base rate.
        gates: The lines that no project should cross.
        junit: Where a report in JUnit XML is written.
        sarif: Where a report in SARIF is written.
        report: Where a report in HTML is written.
        budget: The column of budgets, for the report; by default one that is called so.
        resume: Whether to go on with a run that was stopped.
    """

    format: str | None = None
    output_format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)
    key: str | None = None
    base_rate: float | None = None
    gates: Gates = field(default_factory=Gates)
    junit: Path | None = None
    sarif: Path | None = None
    report: Path | None = None
    budget: str | None = None
    resume: bool = False

    @property
    def judged(self) -> bool:
        """Whether projects are looked at once they are all scored."""
        return self.gates.any or self.junit is not None or self.sarif is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        rows: Rows that were read in this run.
        before: Rows that an earlier run had read.
        share: How much of the tables was read, between 0 and 1.
    """

    rows: int
    before: int
    share: float


@dataclass(frozen=True, slots=True)
class Done:
    """What became of tables; scored + rejected = read.

    Attributes:
        tables: The tables.
        output: The scored table.
        rejects: The file of rejects, written only if there are any.
        read: Data rows.
        scored: Rows in the output.
        rejected: Rows in the rejects.
        notes: What the reader should know of the columns, the last run, and the run that was gone on with.
        verdict: What the gates say, where there are any, or a report of projects.
        gated: Whether there is any gate.
    """

    tables: Sequence[Path]
    output: Path
    rejects: Path
    read: int
    scored: int
    rejected: int
    notes: Sequence[str]
    verdict: Verdict | None
    gated: bool


def score_tables(
    tables: Sequence[str | Path],
    output: Path,
    built: BuiltPack,
    model: Model,
    options: Options | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Done:
    """Score tables of one kind into one output, which is there whole or not at all.

    Args:
        tables: Files, or patterns of files: CSV, Parquet, JSONL or XLSX. One row a project; columns are matched by
            question id, whatever their case. An empty cell is unknown, `n/a` does not apply.
        output: The scored table: every input column and the results.
        built: The pack.
        model: The model.
        options: The options.
        progress: Told after each chunk how far the run is.

    Returns:
        How many rows were read, scored and rejected, and what the gates say.

    Raises:
        ProblemError: if a table, an option or the output is none that can be used. Nothing is written then.
    """
    options = options or Options()
    run = _Run(tables, output, built, model, options)
    try:
        run.go(progress or (lambda _: None))
        return run.done()
    except KeyboardInterrupt:
        # what is there can be gone on with
        run.work.leave()
        raise
    except BaseException:
        run.work.discard()
        raise


@dataclass(frozen=True, slots=True)
class _Scored:
    """A chunk that was scored, and is to be written.

    Attributes:
        table: Which of the tables it is of.
        chunk: As it was read.
        good: Its rows without those that are wrong.
        results: The same rows with their results.
        problems: Why the others are rejected.
        rejected: How many these are.
    """

    table: int
    chunk: Chunk
    good: pl.DataFrame
    results: pl.DataFrame
    problems: Sequence[Problem]
    rejected: int


class _Run:
    """One run: its tables, its query, its work folder."""

    def __init__(
        self, tables: Sequence[str | Path], output: Path, built: BuiltPack, model: Model, options: Options
    ) -> None:
        self._options, self._built, self._model, self._output = options, built, model, output
        _check_options(options, built)
        kind = format_of(output, options.output_format, "--output-format")
        self._paths = find_files(tables)
        check_outputs(self._outputs(), self._paths)
        texts, numbers = answer_columns(built.pack, options.columns)
        wanted = Wanted(options.format, options.encoding, options.sheet, texts, numbers)
        self._tables = open_tables(self._paths, wanted)
        with readable(self._paths[0]):
            self._stats = [_identity(path) for path in self._paths]
        self._schema = self._tables[0].schema
        self._matched = match(self._paths[0], self._schema, built, options.columns)
        self._key = _key(self._schema, options, self._paths[0])
        self._last = self._last_run()
        self._cells = Cells(self._schema, built.pack, self._matched)
        scorer = Scorer(built, model, options.base_rate)
        self._plan = Plan(scorer, self._schema, self._cells)
        answers = [*self._matched.columns.values(), *self._matched.flags.values()]
        self._marked = marked_columns(self._schema, answers, self._key, options.budget, self._paths[0])
        check_schema(output, kind, self._plan.schema)
        self.work = Work(output, self._identity(kind, model), resume=options.resume)
        self._before = self._read()
        self._stream = self._stream_for(kind)
        self._rejects = RejectStream(self.work, several=len(self._paths) > 1)
        self._projects = ParquetStream(self.work, "projects") if options.judged else None
        self._tally = None if options.report is None else self._tally_stream(scorer)

    def _tally_stream(self, scorer: Scorer) -> TallyStream:
        return TallyStream(self.work, scorer, self._cells, self._marked, self._last)

    def _outputs(self) -> list[Path]:
        others = (self._options.junit, self._options.sarif, self._options.report)
        return [self._output, rejects_path(self._output), *(path for path in others if path is not None)]

    def _last_run(self) -> LastRun | None:
        against = self._options.gates.against
        if against is None:
            return None
        if self._key is None:
            message = "there is no column `project` or `name` to compare projects by"
            raise ProblemError(Problem("RE-810", message, "name one with `--key`", Source(str(self._paths[0]))))
        return read_last_run(against, self._key)

    def _identity(self, kind: str, model: Model) -> Mapping[str, Any]:
        """Give all that the bytes of the output depend on."""
        options = self._options
        return {
            "tables": self._stats,
            "pack": self._built.hash,
            "model": digest(model_to_json(model)),
            "options": {
                "base_rate": options.base_rate,
                "columns": dict(options.columns.columns),
                "encoding": options.encoding,
                "format": options.format,
                "output_format": kind,
                "judged": options.judged,
                "key": self._key,
                "report": self._identity_of_report(),
                "sheet": options.sheet,
            },
            "versions": {"riskengine": __version__, "polars": pl.__version__},
        }

    def _identity_of_report(self) -> Sequence[Any] | None:
        if self._options.report is None:
            return None
        against = self._options.gates.against
        return [self._marked.budget, None if against is None else _identity(against)]

    def _stream_for(self, kind: str) -> Stream:
        answers = set(self._matched.columns.values())
        # cells of answers that were accepted are words of the questionnaire, or numbers
        texts = [name for name, held in self._plan.schema.items() if is_text(held) and name not in answers]
        match kind:
            case "csv":
                return CsvStream(self.work, "output", texts)
            case "jsonl":
                return JsonlStream("output")
            case "parquet":
                return ParquetStream(self.work, "output")
            case _:
                numbers = [
                    column
                    for question, column in self._matched.columns.items()
                    if self._built.pack.question[question].type == "number"
                ]
                return XlsxStream(self.work, "output", self._output, numbers)

    # --- chunk by chunk -----------------------------------------------------------------------------------

    def go(self, progress: Callable[[Progress], None]) -> None:
        """Score what is not scored yet, and end what was written."""
        if self.work.finished:
            return
        before = self._before
        # written while the next chunk is scored, and the one after that is read
        for scored in ahead(self._score(number, chunk) for number, chunk in self._chunks()):
            self._add(scored)
            share = (scored.table + scored.chunk.share) / len(self._tables)
            progress(Progress(self._read() - before, before, share))
        if not self.work.steps:
            message = "the table has a header and no rows"
            raise unreadable(self._paths[0], message, "a row is a project")
        self._stream.end()
        if self._projects is not None:
            self._projects.end()

    def _chunks(self) -> Iterator[tuple[int, Chunk]]:
        first = self.work.table
        for number, table in enumerate(self._tables[first:], start=first):
            yield from ((number, chunk) for chunk in self._read_on(table, self.work.mark if number == first else START))
            self._check_unchanged(number)

    def _read_on(self, table: Table, mark: Mark) -> Iterator[Chunk]:
        try:
            yield from ahead(table.chunks(mark))
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            message = f"the table can no longer be read: {reason}"
            raise unreadable(table.path, message, "leave it where it is until the run is done", "RE-412") from None

    def _check_unchanged(self, number: int) -> None:
        with suppress(OSError):
            if _identity(self._paths[number]) == self._stats[number]:
                return
        message = "the table was changed, moved or removed while it was read"
        raise unreadable(self._paths[number], message, "score a copy that nobody writes to", "RE-412")

    def _score(self, number: int, chunk: Chunk) -> _Scored:
        rows = self._cells.read(chunk.frame.select(*self._schema, ROW))
        bad = rows.filter(pl.col(WRONG))
        good = rows.filter(~pl.col(WRONG)) if bad.height else rows
        file = str(self._paths[number])
        problems = sorted([*chunk.broken, *self._cells.problems(bad, file)], key=lambda one: one.source.row or 0)
        scored = self._plan.scored(good)
        # INVARIANT: no row is lost.
        assert scored.height == good.height
        broken = {problem.source.row for problem in chunk.broken}
        return _Scored(number, chunk, good, scored, problems, bad.height + len(broken))

    def _add(self, one: _Scored) -> None:
        self.work.add(
            Step(one.table, one.chunk.end, one.results.height, one.rejected),
            {
                **self._stream.parts(one.results.drop(ROW)),
                **self._rejects.parts(one.problems),
                **self._shown(one.table, one.results),
                **({} if self._tally is None else self._tally.parts(one.table, one.good, one.results)),
            },
        )

    def _shown(self, number: int, scored: pl.DataFrame) -> Mapping[str, bytes]:
        if self._projects is None:
            return {}
        columns = project_columns(self._key)
        return self._projects.parts(scored.select(pl.lit(number, pl.Int64).alias(TABLE), ROW, *columns))

    def _read(self) -> int:
        return sum(step.scored + step.rejected for step in self.work.steps)

    # --- the end ------------------------------------------------------------------------------------------

    def done(self) -> Done:
        """Judge, report, and put everything where it belongs."""
        scored = sum(step.scored for step in self.work.steps)
        rejected = sum(step.rejected for step in self.work.steps)
        verdict = self._verdict()
        if verdict is not None and self._options.junit is not None:
            write_output(self._options.junit, junit(verdict, self._paths))
        if verdict is not None and self._options.sarif is not None:
            write_output(self._options.sarif, sarif(verdict, self._built.pack, self._paths))
        rejects = rejects_path(self._output)
        if self._options.report is not None:
            write_output(self._options.report, self._report(rejects, rejected))
        moves = {self._rejects.file: rejects} if rejected else {}
        self.work.finish({**moves, self._stream.file: self._output}, [] if rejected else [rejects])
        return Done(
            tables=self._paths,
            output=self._output,
            rejects=rejects,
            read=scored + rejected,
            scored=scored,
            rejected=rejected,
            notes=[*self._notes(verdict), *near_misses(self._schema, self._built.pack, self._matched)],
            verdict=verdict,
            gated=self._options.gates.any,
        )

    def _notes(self, verdict: Verdict | None) -> Iterator[str]:
        if self._options.resume:
            yield f"went on after {self._before} rows" if self._before else "there was no run to go on with: begun anew"
        if verdict is not None and self._last is not None:
            yield f"{verdict.compared} of {verdict.scored} projects are in the last run and were compared"

    def _report(self, rejects: Path, rejected: int) -> str:
        from riskengine.reports.portfolio_page import portfolio_page

        assert self._tally is not None
        run = ReportedRun(
            tables=self._paths,
            rejects=rejects,
            rejected=rejected,
            built=self._built,
            model=self._model,
            base_rate=self._options.base_rate,
            marked=self._marked,
            last=self._last,
        )
        return portfolio_page(report_of(self._tally.total(), run))

    def _verdict(self) -> Verdict | None:
        if self._projects is None:
            return None
        projects = pl.scan_parquet(self.work.path(self._projects.file))
        return judge(projects, self._options.gates, self._built.pack, self._last)


def _check_options(options: Options, built: BuiltPack) -> None:
    check_gates(options.gates, built.pack, is_reported=options.report is not None)
    if options.budget is not None and options.report is None:
        message = "`--budget` says nothing without `--report`"
        raise ProblemError(Problem("RE-809", message, "give both, or neither", Source(field="--budget")))


def _key(schema: Mapping[str, pl.DataType], options: Options, path: Path) -> str | None:
    """Find the column of the projects' names."""
    if options.key is None:
        return next((name for name in schema if name.strip().lower() in NAMES), None)
    if options.key in schema:
        return options.key
    message = f"there is no column `{options.key}`"
    help = nearest(options.key, list(schema)) or "`--key` names a column as the header does"
    raise ProblemError(Problem("RE-810", message, help, Source(str(path)), options.key))


def _identity(path: Path) -> Sequence[Any]:
    """Give what a file can be known by without reading all of it."""
    known = path.stat()
    with path.open("rb") as file:
        begin = file.read(_DIGESTED)
        file.seek(max(0, known.st_size - _DIGESTED))
        end = file.read(_DIGESTED)
    return [str(path), known.st_size, known.st_mtime_ns, hashlib.sha256(begin + end).hexdigest()]
