"""`riskengine form`: the questionnaire for other people's forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskengine.cli.options import RulesOption

if TYPE_CHECKING:
    from riskengine.errors import Problem
    from riskengine.pack.model import Pack

__all__ = ["app"]

app = typer.Typer(help="The questionnaire for other people's forms.", no_args_is_help=True, rich_markup_mode=None)


class _Format(StrEnum):
    JSON_SCHEMA = "json-schema"


@app.callback()
def _form() -> None:
    """The questionnaire for other people's forms."""


@app.command("export")
def export(
    to: Annotated[_Format, typer.Option("--to", help="The format.", show_default=False)],
    rules: RulesOption = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where to write it; standard output by default.", show_default=False),
    ] = None,
    lang_less: Annotated[
        bool, typer.Option("--lang-less", help="Without texts: no titles, help and labels of levels.")
    ] = False,
) -> None:
    """Write the questionnaire in a format that form builders and validators read."""
    from riskengine.assessment.build import write_output
    from riskengine.cli.harmless import harmless
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack

    text, problems = _WRITERS[to](read_pack(rules or shipped("rules")), not lang_less)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_output(output, text)
    for problem in problems:
        typer.echo(harmless(f"warning: {problem}"), err=True)


def _json_schema(pack: Pack, texts: bool) -> tuple[str, tuple[Problem, ...]]:
    import json

    from riskengine.forms.json_schema import form_schema

    made = form_schema(pack, texts=texts)
    return json.dumps(made.schema, ensure_ascii=False, indent=2) + "\n", made.problems


_WRITERS: Mapping[_Format, Callable[[Pack, bool], tuple[str, tuple[Problem, ...]]]] = {
    _Format.JSON_SCHEMA: _json_schema,
}
