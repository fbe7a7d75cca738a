"""`riskengine explain`: why, and why not."""

from __future__ import annotations

from typing import Annotated

import typer

from riskengine.cli.options import AsJson, BaseRate, DepartmentOption, ModelOption, RulesOption

__all__ = ["explain"]


def explain(
    answers: Annotated[str, typer.Argument(help="An answers file, YAML or JSON; `-` for standard input.")],
    rule: Annotated[
        str | None,
        typer.Argument(help="One rule; all by default.", show_default=False),
    ] = None,
    rules: RulesOption = None,
    model: ModelOption = None,
    base_rate: BaseRate = None,
    department: DepartmentOption = None,
    as_json: AsJson = False,
) -> None:
    """Say of each rule, or of one, why it fires, why it is ruled out, or what it depends on."""
    from riskengine.assessment.assess import assess_answers, choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.cli.read import read_given
    from riskengine.cli.show import print_department, print_json, print_reasons
    from riskengine.errors import Problem, ProblemError, nearest

    built = load_pack(rules)
    if rule is not None and rule not in built.pack.rule:
        help = nearest(rule, list(built.pack.rule))
        raise ProblemError(Problem("RE-805", f"the pack has no rule `{rule}`", help, value=rule))
    given = read_given(answers, built.pack).of_department(department)
    result = assess_answers(given, built, choose_model(built, model), base_rate=base_rate)
    found = [one for one in result.all_findings if rule in (None, one.rule)]
    if as_json:
        print_json({"findings": [one.model_dump(mode="json") for one in found]})
    else:
        if rule is None:
            print_department(result)
        print_reasons(found, built)
