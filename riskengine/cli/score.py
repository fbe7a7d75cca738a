"""`riskengine score`: a portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from riskengine.cli.options import AsJson, BaseRate, ModelOption, RulesOption

if TYPE_CHECKING:
    from riskengine.portfolio.score import Done

__all__ = ["score"]

FormatOption = Annotated[
    str | None,
    typer.Option("--format", help="Format of the tables: csv, parquet, jsonl, xlsx.", show_default="by their names"),
]
OutputFormatOption = Annotated[
    str | None, typer.Option("--output-format", help="Format of the output.", show_default="by its name")
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", help="Encoding of text, such as windows-1252.", show_default="utf-8")
]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook.", show_default="its only one")]
ColumnsOption = Annotated[
    Path | None,
    typer.Option("--columns", help="YAML that maps columns to questions, `Column: question`.", show_default=False),
]
KeyOption = Annotated[
    str | None, typer.Option("--key", help="Column of the projects' names.", show_default="project or name")
]
FailAboveOption = Annotated[
    float | None,
    typer.Option("--fail-above", help="Exit with 1 if a project is more likely to fail.", show_default=False),
]
FailLevelOption = Annotated[
    str | None,
    typer.Option("--fail-level", help="Exit with 1 if a project is at this risk level or above.", show_default=False),
]
MaxRiseOption = Annotated[
    float | None,
    typer.Option("--max-rise", help="Exit with 1 if a project's probability rose by more.", show_default=False),
]
AgainstOption = Annotated[
    str | None, typer.Option("--against", metavar="PATH", help="The scored table of the last run.", show_default=False)
]
EngineOption = Annotated[
    Literal["local", "spark"],
    typer.Option("--engine", help="What scores: this machine, or the Spark session that reads and writes the tables."),
]

MOST_LISTED = 20


def score(
    tables: Annotated[
        list[str],
        typer.Argument(help="Tables of one format, or patterns of them: a row a project, a column a question."),
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="PATH", help="Where the scored table is written.")],
    format: FormatOption = None,
    output_format: OutputFormatOption = None,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    columns: ColumnsOption = None,
    key: KeyOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    fail_above: FailAboveOption = None,
    fail_level: FailLevelOption = None,
    max_rise: MaxRiseOption = None,
    against: AgainstOption = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here.", show_default=False)] = None,
    sarif: Annotated[Path | None, typer.Option("--sarif", help="Write SARIF here.", show_default=False)] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write a report here, one HTML file.", show_default=False)
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", help="Column of budgets, for the report.", show_default="the first called so"),
    ] = None,
    engine: EngineOption = "local",
    rules: RulesOption = None,
    model: ModelOption = None,
    base_rate: BaseRate = None,
    as_json: AsJson = False,
) -> int:
    """Score tables of projects; rows that can't be read go to OUTPUT.rejects.csv."""
    from riskengine.assessment.assess import choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.cli.progress import progress_bar
    from riskengine.cli.scored import exit_code, print_scored
    from riskengine.cli.show import print_json
    from riskengine.portfolio.column_map import ColumnMap, read_column_map
    from riskengine.portfolio.gates import Gates
    from riskengine.portfolio.score import Options, score_tables
    from riskengine.portfolio.summary import summary

    built = load_pack(rules)
    mapped = ColumnMap() if columns is None else read_column_map(columns)
    gates = Gates(fail_above, fail_level, max_rise, None if against is None else Path(against))
    if engine == "spark":
        from riskengine.cli.score_in_spark import score_and_print
        from riskengine.portfolio.spark.score import SparkOptions

        unused = {
            "--encoding": encoding is not None,
            "--sheet": sheet is not None,
            "--resume": resume,
            "--junit": junit is not None,
            "--sarif": sarif is not None,
            "--report": report is not None,
            "--budget": budget is not None,
            "--json": as_json,
        }
        of_spark = SparkOptions(format, output_format, mapped, key, base_rate, gates, against)
        return score_and_print(tables, output, built, choose_model(built, model), of_spark, unused)
    options = Options(
        format=format,
        output_format=output_format,
        encoding=encoding,
        sheet=sheet,
        columns=mapped,
        key=key,
        base_rate=base_rate,
        gates=gates,
        junit=junit,
        sarif=sarif,
        report=report,
        budget=budget,
        resume=resume,
    )
    try:
        with progress_bar() as progress:
            done = score_tables(tables, Path(output), built, choose_model(built, model), options, progress)
    except KeyboardInterrupt:
        typer.echo("stopped; the same command with --resume goes on", err=True)
        raise
    if as_json:
        print_json(summary(done).model_dump(mode="json"))
    else:
        print_scored(done, list(_crossing(done)))
    return exit_code(done)


def _crossing(done: Done) -> Iterator[str]:
    if done.verdict is None or not done.verdict.crossing:
        return
    for project in done.verdict.worst[:MOST_LISTED]:
        place = f"{done.tables[project.table]}:row {project.row}"
        yield f"{place}: {project.key or 'without a name'}: {'; '.join(project.crossed)}"
