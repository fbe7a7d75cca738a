"""Write the synthetic reference cohort: invented projects with outcomes drawn from the rules themselves.

    python data/reference/synthetic_cohort.py

It shows the shape of a history, and that training and evaluation work. It can't show that the rules are right: its
synthetic outcomes follow them by construction. Every row says `synthetic`.
"""

from __future__ import annotations

import csv
import datetime
import io
import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from riskengine import load_pack
from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import BuiltPack, write_output
from riskengine.assessment.reference import draw
from riskengine.logic.conditions import NOT_APPLICABLE, Value

COHORT = Path(__file__).with_name("synthetic-cohort.csv")
SIZE = 400
SEED = 20_262
"""Not that of the reference sample, on which the base is solved."""
OPEN = 0.1
"""Share of answers that are left open in the table; the synthetic outcome follows the whole project."""

FIRST = datetime.date(2019, 1, 7)
APART = datetime.timedelta(days=5)
MONTH = datetime.timedelta(days=30)
SUCCEEDED = "succeeded"


def rows(built: BuiltPack) -> Iterator[dict[str, str]]:
    """Give the synthetic projects, in the order of their dates."""
    chance = random.Random(SEED)
    for number, project in enumerate(draw(built.pack, SIZE, SEED)):
        date = FIRST + number * APART
        months = project["planned_months"]
        assert isinstance(months, float)
        yield {
            "synthetic": "synthetic",
            "project": f"synthetic-{number + 1:03}",
            "date": date.isoformat(),
            "ended": (date + max(1, round(months)) * MONTH).isoformat(),
            "outcome": outcome(built, project, chance),
            **{question: text(value) for question, value in project.items() if chance.random() >= OPEN},
        }


def outcome(built: BuiltPack, project: Mapping[str, Value], chance: random.Random) -> str:
    """Draw how a project ends, by the probabilities that the rules alone give it."""
    ends = assess_answers(Answers(project), built, built.prior, explain=False).ends
    left = chance.random()
    for end, probability in ends.items():
        left -= probability
        if left < 0:
            return end
    return SUCCEEDED


def text(value: Value) -> str:
    """Give an answer as a cell."""
    if value is NOT_APPLICABLE:
        return "n/a"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def cohort() -> str:
    """Give the table."""
    built = load_pack()
    table = io.StringIO()
    header = ["synthetic", "project", "date", "ended", "outcome", *(question.id for question in built.pack.questions)]
    writer = csv.DictWriter(table, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(built))
    return table.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    write_output(COHORT, cohort())
