"""`riskengine assess`: one project, from a file or asked in the terminal."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskengine.cli.history.options import HistoryOption
from riskengine.cli.options import AsJson, BaseRate, DepartmentOption, ModelOption, RulesOption

if TYPE_CHECKING:
    from riskengine.assessment.answers import Answers
    from riskengine.assessment.build import BuiltPack
    from riskengine.assessment.model_file import Model
    from riskengine.assessment.result import Assessment
    from riskengine.history.history import History

__all__ = ["assess"]


def assess(
    context: typer.Context,
    answers: Annotated[
        str | None,
        typer.Argument(
            help="An answers file, YAML or JSON; `-` for standard input. Without one, the questions are asked.",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Ask only the most telling questions.")] = False,
    resume: Annotated[
        Path | None, typer.Option("--resume", help="Go on with the answers of this file.", show_default=False)
    ] = None,
    answers_out: Annotated[
        Path | None,
        typer.Option("--answers-out", help="Where the answers are written.", show_default=False),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", help="The project's name, if the answers have none.", show_default=False),
    ] = None,
    department: DepartmentOption = None,
    as_json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write a report here, one HTML file.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show findings that are ruled out too.")] = False,
    save: Annotated[bool, typer.Option("--save", help="Write the assessment down in the history.")] = False,
    history: HistoryOption = None,
    rules: RulesOption = None,
    model: ModelOption = None,
    base_rate: BaseRate = None,
) -> None:
    """Assess one project: how likely it is to fail, why, and what to do first."""
    from riskengine.assessment.assess import assess_answers, choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.cli.read import read_given, write_answers
    from riskengine.cli.show import markdown, print_assessment, print_json

    _refuse_contradictions(context)
    built = load_pack(rules)
    chosen = choose_model(built, model)
    if answers is None:
        from riskengine.cli.ask import ask

        if save:
            # an hour of answers shall not end at a history that can't be opened
            _open(history).close()
        options = _options_to_go_on(context)
        given = ask(
            built,
            quick=quick,
            resume=resume,
            answers_out=answers_out,
            project=project,
            department=department,
            options=options,
        )
    else:
        given = read_given(answers, built.pack)
        if project is not None:
            given = _with_name(given, project, answers)
        given = given.of_department(department)
    if save:
        given = _with_name_and_day(given)
    result = assess_answers(given, built, chosen, base_rate=base_rate)
    if answers is not None and answers_out is not None:
        write_answers(answers_out, given)
    if report is not None:
        _write_report(report, result, built, chosen, base_rate)
    if save:
        # last of what is written: files can be written again, a record stays
        _write_down(history, result)
    if as_json:
        print_json(result.as_json(everything=everything))
    elif as_markdown:
        typer.echo(markdown(result, built), nl=False)
    else:
        print_assessment(result, built, everything=everything)


def _open(history: str | None) -> History:
    from riskengine.history.history import History

    return History.open(history)


def _with_name(given: Answers, project: str, file: str) -> Answers:
    from riskengine.history.given import with_name

    return with_name(given, project, file)


def _with_name_and_day(given: Answers) -> Answers:
    from riskengine.history.given import with_name_and_day

    return with_name_and_day(given, datetime.date.today().isoformat())


def _write_down(history: str | None, result: Assessment) -> None:
    from riskengine.cli.history.words import say_added

    with _open(history) as opened:
        say_added(opened.add(result), opened.where)


def _write_report(path: Path, result: Assessment, built: BuiltPack, model: Model, base_rate: float | None) -> None:
    from riskengine.assessment.build import write_output
    from riskengine.reports.assessment_page import assessment_page

    write_output(path, assessment_page(result, built, model, base_rate))


def _refuse_contradictions(context: typer.Context) -> None:
    given = {name for name, value in context.params.items() if value not in (None, False)}
    if "history" in given and "save" not in given:
        raise typer.BadParameter("it says where to save, so add `--save`", context, param_hint="'--history'")
    for name in ("resume", "quick"):
        if {"answers", name} <= given:
            message = "no questions are asked where a file of answers is given; leave one of the two out"
            raise typer.BadParameter(message, context, param_hint=f"'--{name}' with ANSWERS")
    if {"as_json", "as_markdown"} <= given:
        raise typer.BadParameter("choose one of the two", context, param_hint="'--json' with '--markdown'")


_OPTIONS = {
    "as_json": "--json",
    "as_markdown": "--markdown",
    "report": "--report",
    "everything": "--all",
    "save": "--save",
    "history": "--history",
    "department": "--department",
    "rules": "--rules",
    "model": "--model",
    "base_rate": "--base-rate",
}


def _options_to_go_on(context: typer.Context) -> list[str]:
    """Give the options that the same command needs again to go on."""
    options = []
    for name, option in _OPTIONS.items():
        value = context.params[name]
        if value is True:
            options.append(option)
        elif value is not None and value is not False:
            options += [option, str(value)]
    return options
