"""`riskengine history import`: projects of the past, from a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption
from riskengine.cli.options import AsJson, ModelOption, RulesOption

__all__ = ["import_table"]


def import_table(
    table: Annotated[
        Path, typer.Argument(help="A table, a row a project: CSV, Parquet, JSONL or XLSX; a column a question.")
    ],
    columns: Annotated[
        Path | None,
        typer.Option(
            "--columns",
            help="YAML that maps columns: `Column: question`, or `project`, `date`, `outcome`, `end`, `ended`, `note`, "
            "`department`.",
            show_default=False,
        ),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(
            "--outcomes",
            help="YAML that maps words of the outcome's column: `Delivered: succeeded`.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", help="Format of the table: csv, parquet, jsonl, xlsx.", show_default="by its name"),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Encoding of text, such as windows-1252.", show_default="utf-8")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a workbook.", show_default="its only one")
    ] = None,
    days: Annotated[
        str | None,
        typer.Option("--days", help="How days are written, such as `%d.%m.%Y`.", show_default="2026-11-24"),
    ] = None,
    history: HistoryOption = None,
    as_json: AsJson = False,
    rules: RulesOption = None,
    model: ModelOption = None,
) -> None:
    """Write down the projects of a table, all or none of them: answers, and what became of them."""
    from riskengine.assessment.assess import choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.cli.history.words import say, say_many
    from riskengine.cli.progress import progress_bar
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import added_json
    from riskengine.history.history import History
    from riskengine.portfolio.column_map import read_column_map
    from riskengine.portfolio.past import PastTable, import_past

    built = load_pack(rules)
    wanted = PastTable(
        path=table,
        columns=None if columns is None else read_column_map(columns),
        words=None if words is None else read_column_map(words),
        format=format,
        encoding=encoding,
        sheet=sheet,
        days=days,
    )
    with History.open(history) as opened:
        with progress_bar() as progress:
            added, notes = import_past(wanted, opened, built, choose_model(built, model), progress)
        for note in notes:
            say(f"note: {note}")
        if as_json:
            print_json(added_json(added))
        else:
            say_many(added, opened.where)
