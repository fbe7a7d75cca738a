"""`riskengine demo`: what it all looks like, on a documented project."""

from __future__ import annotations

from riskengine.cli.options import AsJson

__all__ = ["DEMO_CASE", "demo"]

DEMO_CASE = "babylon-symptom-checker.yaml"


def demo(as_json: AsJson = False) -> None:
    """Assess a documented project that ships with riskengine."""
    from riskengine.assessment.answers import read_answers
    from riskengine.assessment.assess import assess_answers, choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.cli.show import print_assessment, print_json
    from riskengine.pack.locate import shipped

    built = load_pack()
    answers = read_answers(shipped("data", "cases", DEMO_CASE), built.pack)
    result = assess_answers(answers, built, choose_model(built, None))
    if as_json:
        print_json(result.as_json())
    else:
        print_assessment(result, built)
