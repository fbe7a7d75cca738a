"""`riskengine rules check`: everything that is wrong or doubtful about a pack."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from riskengine.cli.options import AsJson, PackArgument

if TYPE_CHECKING:
    from riskengine.authoring.lint import Report
    from riskengine.authoring.weights import Leverage
    from riskengine.errors import Problem

__all__ = ["check"]


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    pack: PackArgument = None,
    format: Annotated[Format, typer.Option("--format", help="How the report is written.")] = Format.TEXT,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if there are warnings.")] = False,
    leverage: Annotated[
        bool, typer.Option("--leverage", help="List how far each question's answer moves the result.")
    ] = False,
    time_limit: Annotated[
        float,
        typer.Option("--time-limit", min=0, help="Seconds for what has to be proved; the rest is left undecided."),
    ] = 10,
) -> None:
    """Check a pack: every mistake of every file, and whatever its author should look at again."""
    from riskengine.authoring.lint import check as check_pack
    from riskengine.authoring.lint.github import commands
    from riskengine.authoring.lint.sarif import sarif
    from riskengine.cli.show import print_json
    from riskengine.errors import ProblemError
    from riskengine.pack.locate import shipped

    report = check_pack(pack or shipped("rules"), time_limit)
    if as_json or format is Format.JSON:
        print_json(report.as_json())
    elif format is Format.SARIF:
        print_json(sarif(report))
    elif format is Format.GITHUB:
        _print(*commands(report))
    elif report.has_mistakes:
        raise ProblemError(report.problems)
    else:
        _print(*map(_line, report.problems), *(_table(report.leverage) if leverage else ()), _summary(report))
    raise typer.Exit(report.exit_code(strict=strict))


def _print(*lines: str) -> None:
    from riskengine.cli.harmless import harmless

    for line in lines:
        typer.echo(harmless(line))


def _line(problem: Problem) -> str:
    place = f"{problem.source}: " if str(problem.source) else ""
    return f"{place}{problem.severity} {problem.code} {problem.message}\n  help: {problem.help}"


def _table(leverage: tuple[Leverage, ...]) -> list[str]:
    width = max(len(one.question) for one in leverage)
    head = f"{'question':{width}}  leverage  share  asked"
    ordered = sorted(leverage, key=lambda one: -one.leverage)
    return [
        head,
        *(f"{one.question:{width}}  {one.leverage:8.2f}  {one.share:5.1%}  {one.asked:5.0%}" for one in ordered),
    ]


def _summary(report: Report) -> str:
    assert report.pack is not None
    counts = ", ".join(f"{number} {name}" for name, number in report.counts.items())
    found = [(len(report.of(severity)), severity) for severity in ("warning", "note")]
    doubts = "".join(f", {number} {name}{'' if number == 1 else 's'}" for number, name in found if number)
    return f"{report.pack.name} {report.pack.version}: {counts}; no mistakes{doubts}"
