"""Evaluates what is learned from the World Bank's project ratings: a real history, with a halo.

python benchmarks/world_bank.py FILE [--write]

FILE is the table "IEG World Bank Project Performance Ratings" of the World Bank's Independent Evaluation Group, CC-BY
4.0. It is read where it is; nothing of it comes into the project but the figures that `--write` puts on
`docs/real-data.md`.

Caution, the halo: entry, supervision and outcome were rated together, after closing, by the same evaluator. Ratings
called "at entry" were not given at entry. What comes out is good for the tools and for the shape, and too flattering
for everything else.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import itertools
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from riskengine.assessment.build import load_pack
from riskengine.calibration.evaluation.data import Compared, Evaluation, Figures
from riskengine.calibration.evaluation.evaluate import evaluate
from riskengine.calibration.evaluation.measures import exact_interval
from riskengine.calibration.history import read_history
from riskengine.errors import ProblemError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "real-data.md"
REGION = re.compile(r"(?<=<!--world bank-->\n).*?(?=<!--end-->)", re.DOTALL)

FAILED = ("Moderately Unsatisfactory", "Unsatisfactory", "Highly Unsatisfactory")
SUCCEEDED = ("Highly Satisfactory", "Satisfactory", "Moderately Satisfactory")
UNKNOWN = ("Not Rated", "Not Applicable", "Not Available", "Non-evaluable", "")


def _six(best: str, middle: str, worst: str) -> Mapping[str, str]:
    ratings = (*SUCCEEDED, *FAILED)
    return dict(zip(ratings, (best, best, middle, middle, worst, worst), strict=True))


COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Quality at Entry": ("planning_focus", _six("what_why", "mixed", "method")),
    "Quality of Supervision": ("exec_support", _six("sponsors", "supports", "tolerates")),
    "M&E Quality": (
        "success_metric",
        {"High": "target", "Substantial": "target", "Modest": "business", "Negligible": "none"},
    ),
}
"""For each column the question that it stands for, and which level each rating is; as in `data/outcomes.csv`."""

RUNS: Mapping[str, Sequence[str]] = {
    "quality at entry alone": ("Quality at Entry",),
    "entry, supervision, and monitoring": tuple(COLUMNS),
}
BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

Project = Mapping[str, str]


def main() -> int:
    """Print the figures, or write them into the page."""
    options = argparse.ArgumentParser(description="Evaluate what is learned from the World Bank's project ratings.")
    options.add_argument("file", type=Path, help="the table of ratings, CSV")
    options.add_argument("--write", action="store_true", help="write the figures into docs/real-data.md")
    given = options.parse_args()
    try:
        content = given.file.read_bytes()
        text = _report(given.file.name, content)
    except (OSError, ValueError, ProblemError) as error:
        sys.stderr.write(f"{given.file}: {error}\n")
        return 2
    if given.write:
        PAGE.write_text(REGION.sub(lambda _: text, PAGE.read_text("utf-8"), count=1), "utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _report(name: str, content: bytes) -> str:
    projects = _projects(content.decode("utf-8-sig"))
    histories = {run: list(_history(projects, columns)) for run, columns in RUNS.items()}
    if not all(histories.values()):
        raise ValueError("no project has a rated outcome and a rated quality at entry")
    head = f"`{name}`, SHA-256 `{hashlib.sha256(content).hexdigest()}`, {len(projects):,} rows.\n\n"
    return head + "\n".join(_run(run, rows) for run, rows in histories.items())


def _projects(text: str) -> list[Project]:
    """Read the table, and refuse one that is another.

    Raises:
        ValueError: A column is missing, or a rating is none that is known.
    """
    table = csv.DictReader(io.StringIO(text, newline=""), restval="")
    wanted = ("Project ID", "Outcome", "Approval FY", "Evaluation FY", *COLUMNS)
    missing = [column for column in wanted if column not in (table.fieldnames or ())]
    if missing:
        raise ValueError(f"there is no column `{missing[0]}`: this is not the table of the Evaluation Group's ratings")
    projects = list(table)
    for number, project in enumerate(projects, start=1):
        for column in ("Outcome", *COLUMNS):
            known = (*SUCCEEDED, *FAILED) if column == "Outcome" else tuple(COLUMNS[column][1])
            if project[column] not in (*known, *UNKNOWN):
                raise ValueError(f"row {number}: `{column}` is `{project[column][:40]}`, which is no known rating")
    return projects


def _run(name: str, rows: Sequence[Project]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, tuple(rows[0]))
            table.writeheader()
            table.writerows(rows)
        built = load_pack()
        found = evaluate(read_history(path, built.pack), built)
    return "".join(_shown(name, found))


def _history(projects: Sequence[Project], columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Give the projects whose outcome and at least one of the columns were rated."""
    for project in projects:
        answers = {COLUMNS[column][0]: COLUMNS[column][1].get(project[column], "") for column in columns}
        if project["Outcome"] in UNKNOWN or not any(answers.values()):
            continue
        yield {
            "project": project["Project ID"],
            "outcome": "failed" if project["Outcome"] in FAILED else "succeeded",
            "date": f"{project['Approval FY']}-01-01",
            "ended": f"{project['Evaluation FY']}-12-31",
            **answers,
        }


def _shown(name: str, found: Evaluation) -> Iterator[str]:
    yield f"### {name.capitalize()}\n\n"
    yield f"Cross-validated, {found.method}, {found.repeats} times; {_observed(found.figures)}.\n\n"
    yield _figures(found.figures)
    yield "\n" + _reliability(found)
    if found.temporal is not None:
        yield f"\nIn time: learned from {found.temporal.learned_from:,} projects that ended before "
        yield f"{found.temporal.cut}, judged on those approved since; {_observed(found.temporal.figures)}.\n\n"
        yield _figures(found.temporal.figures)
    for left_out in found.left_out:
        yield f"\nLeft out: {left_out.rows:,} projects, {left_out.reason}.\n"
    for caution in found.cautions:
        yield f"\n{caution}\n"


def _observed(figures: Figures) -> str:
    return f"{figures.failed:,} of {figures.projects:,} failed, {figures.expected:,.0f} expected"


def _figures(figures: Figures) -> str:
    lines = ["| | riskengine | base rate | rules alone | better than the base rate by |\n"]
    lines.append("| --- | ---: | ---: | ---: | ---: |\n")
    for name, compared in (("log loss", figures.log_loss), ("Brier score", figures.brier)):
        if compared is not None:
            lines.append(f"| {name} | {_compared(compared)} |\n")
    for name, figure in (("AUC", figures.auc), ("intercept", figures.intercept), ("slope", figures.slope)):
        if figure is not None:
            lines.append(
                f"| {name} | {figure.value:.3f} ({figure.interval[0]:.3f} to {figure.interval[1]:.3f}) | | | |\n"
            )
    return "".join(lines)


def _compared(compared: Compared) -> str:
    low, high = compared.gain_over_base_rate.interval
    each = (compared.model, compared.base_rate, compared.rules)
    gain = f"{compared.gain_over_base_rate.value:.4f} ({low:.4f} to {high:.4f})"
    return " | ".join([*(f"{figure.value:.4f}" for figure in each), gain])


def _reliability(found: Evaluation) -> str:
    p = np.array([one.probability for one in found.predicted])
    failed = np.array([one.failed for one in found.predicted])
    lines = ["| predicted | projects | mean predicted | failed | share (95 %, exact) |\n"]
    lines.append("| --- | ---: | ---: | ---: | ---: |\n")
    for low, high in itertools.pairwise(BINS):
        within = (p >= low) & (p < high)
        if (count := int(within.sum())) == 0:
            continue
        lost = int(failed[within].sum())
        ends = exact_interval(lost, count)
        share = f"{lost / count:.3f} ({ends[0]:.3f} to {ends[1]:.3f})"
        lines.append(f"| {low:.1f} to {high:.1f} | {count:,} | {p[within].mean():.3f} | {lost:,} | {share} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
