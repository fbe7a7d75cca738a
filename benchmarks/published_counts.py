"""Count again what `data/outcomes.csv` took from public tables of single projects.

    python benchmarks/published_counts.py FOLDER

The tables are their owners' and not part of this project. The folder holds those that you have, under these names:
`seera.csv`, `kitchenham.arff`, `maxwell.arff`, `cocomo81.csv`, `nasa93.arff` and `desharnais.arff`. For each, every arm
is printed as failed of all, and compared with the file. It ends with 1 if a count differs.
"""

from __future__ import annotations

import csv
import datetime
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OUTCOMES = Path(__file__).parents[1] / "data" / "outcomes.csv"
TOO_MUCH = 1.5
"""More than half over plan, as the pack means failure; or half over what projects of that size took."""

MONTH = 152.0
"""Hours of one person."""

STEPS = {name: float(place) for place, name in enumerate(("vl", "l", "n", "h", "vh", "xh"))}

Row = Mapping[str, str]
Arms = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Contrast:
    """One column of a table that stands for one question.

    Attributes:
        question: Of the pack.
        value: What the column says of a project, `None` for nothing.
        levels: Which values stand for which level. A value of none of them is left out.
    """

    question: str
    value: Callable[[Row], float | None]
    levels: Mapping[str, Callable[[float], bool]]


def number(row: Row, column: str) -> float | None:
    """Give a cell as a number; `None` where it holds none."""
    text = row[column].strip().replace(",", ".")
    try:
        return STEPS[text] if text in STEPS else float(text)
    except ValueError:
        return None


def column(name: str) -> Callable[[Row], float | None]:
    return lambda row: number(row, name)


def between(low: float, high: float) -> Callable[[float], bool]:
    return lambda value: low <= value <= high


def among(*values: float) -> Callable[[float], bool]:
    return lambda value: value in values


SCALES = {"small": between(0, 24), "medium": between(24.001, 60), "large": between(60.001, 1e6)}
"""First estimates in person-months."""


def count(rows: Sequence[Row], failed: Sequence[bool], contrasts: Iterable[Contrast]) -> Arms:
    """Count failed and succeeded projects of each arm."""
    arms: Arms = {}
    for contrast in contrasts:
        for row, bad in zip(rows, failed, strict=True):
            value = contrast.value(row)
            if value is None:
                continue
            for level, holds in contrast.levels.items():
                if holds(value):
                    lost, won = arms.get((contrast.question, level), (0, 0))
                    arms[contrast.question, level] = (lost + bad, won + (not bad))
    return arms


def dear(rows: Sequence[Row], size: str, effort: str, kind: str | None) -> list[bool]:
    """Say which projects took half as much effort again as others of their size and kind.

    The others' effort is a straight line through the logarithms of both, one level a kind.
    """
    kinds = sorted({row[kind] for row in rows}) if kind else [""]
    level = [[float((row[kind] if kind else "") == one) for one in kinds] for row in rows]
    sizes, efforts = ([float(row[name].replace(",", ".")) for row in rows] for name in (size, effort))
    known = np.column_stack([np.log(sizes), np.array(level)])
    line, *_ = np.linalg.lstsq(known, np.log(efforts), rcond=None)
    return [bool(one) for one in np.log(efforts) - known @ line > math.log(TOO_MUCH)]


def arff(path: Path) -> list[Row]:
    """Read an ARFF table whose cells hold no comma."""
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    names = [line.split()[1] for line in lines if line.lower().startswith("@attribute")]
    start = next(place for place, line in enumerate(lines) if line.lower() == "@data")
    cells = [line.split(",") for line in lines[start + 1 :] if line and not line.startswith("%")]
    return [dict(zip(names, one, strict=True)) for one in cells]


def seera(path: Path) -> Arms:
    with path.open(encoding="utf-8", newline="") as table:
        next(table)  # a line of headings over the columns
        read = csv.DictReader(table, delimiter=";")
        # some names have blanks around or within
        rows = [{" ".join(name.split()): cell for name, cell in row.items()} for row in read]

    def over(row: Row, what: str) -> bool:
        planned, actual = number(row, f"Estimated {what}"), number(row, f"Actual {what}")
        return planned is not None and actual is not None and actual > TOO_MUCH * planned

    def left(row: Row) -> float | None:
        share, people = number(row, "Team continuity"), number(row, "Team size")
        return None if share is None or people is None else round(share * people / 100)

    def months(row: Row) -> float | None:
        hours = number(row, "Estimated effort")
        return None if hours is None else hours / MONTH

    resistance, tools = column("User resistance"), column("Software tool experience")
    contrasts = [
        Contrast("turnover", left, {"none": among(0), "once": among(1), "several": between(2, 99)}),
        Contrast(
            "user_involvement",
            resistance,
            {"involved": between(1, 2), "consulted": between(2.01, 2.99), "told": between(3, 5)},
        ),
        Contrast("lead_experience", column("Project manager experience"), {"none": among(3), "one_two": among(1, 2)}),
        Contrast("stack_novelty", tools, {"none": among(1), "few": among(2, 3), "most": among(4, 5)}),
        Contrast("phase_gates", column("Schedule quality"), {"none": among(3, 4), "reviews": among(1)}),
        Contrast("business_dialogue", column("Methodology"), {"at_delivery": among(1), "fortnightly": among(2)}),
        Contrast("problem_scale", months, SCALES),
    ]
    return count(rows, [over(row, "duration") or over(row, "effort") for row in rows], contrasts)


def kitchenham(path: Path) -> Arms:
    rows = arff(path)

    def late(row: Row) -> bool:
        if row["Estimated.completion.date"] == "?":
            return False
        start, end = (
            datetime.date.fromisoformat(row[one]) for one in ("Actual.start.date", "Estimated.completion.date")
        )
        # one project has a planned end before its start
        return end > start and float(row["Actual.duration"]) > TOO_MUCH * (end - start).days

    def months(row: Row) -> float:
        return float(row["First.estimate"]) / MONTH

    failed = [late(row) or float(row["Actual.effort"]) > TOO_MUCH * float(row["First.estimate"]) for row in rows]
    return count(rows, failed, [Contrast("problem_scale", months, SCALES)])


def maxwell(path: Path) -> Arms:
    low, usual, high = between(1, 2), among(3), between(4, 5)
    contrasts = [
        Contrast("user_involvement", column("T01"), {"told": low, "consulted": usual, "involved": high}),
        Contrast("turnover", column("T08"), {"none": low, "once": usual, "several": high}),
        Contrast("dev_practices", column("T05"), {"versions": low, "reviews": high}),
        Contrast("pipeline_automation", column("T06"), {"by_hand": low, "scripts": usual, "automated": high}),
        Contrast("domain_expert_access", column("T13"), {"slow": low, "weekly": usual, "in_team": high}),
        Contrast("stack_novelty", column("T14"), {"most": low, "few": usual, "none": high}),
    ]
    rows = arff(path)
    return count(rows, dear(rows, "Size", "Effort", None), contrasts)


def cocomo81(path: Path) -> Arms:
    with path.open(encoding="utf-8", newline="") as table:
        rows: list[Row] = list(csv.DictReader(table))
    worse, usual, better = between(1.001, 2), among(1), between(0, 0.999)
    contrasts = [
        Contrast("team_ml_experience", column("aexp"), {"nobody": worse, "one_once": usual, "lead_several": better}),
        Contrast("stack_novelty", column("lexp"), {"most": worse, "few": usual, "none": better}),
        Contrast("dev_practices", column("modp"), {"versions": worse, "reviews": usual, "tests": better}),
        Contrast("pipeline_automation", column("tool"), {"by_hand": worse, "scripts": usual, "scheduled": better}),
        Contrast(
            "deadline_basis",
            column("sced"),
            {"imposed_tight": among(1.08, 1.23), "estimated": usual, "compared": among(1.04, 1.1)},
        ),
    ]
    return count(rows, dear(rows, "loc", "actual", "dev_mode"), contrasts)


def nasa93(path: Path) -> Arms:
    rows = arff(path)
    low, usual, high = among(0, 1), among(2), between(3, 5)
    contrasts = [
        Contrast("stack_novelty", column("lexp"), {"most": low, "few": usual, "none": high}),
        Contrast("dev_practices", column("modp"), {"versions": low, "reviews": usual, "tests": high}),
        Contrast("pipeline_automation", column("tool"), {"by_hand": low, "scripts": usual, "scheduled": high}),
        Contrast("deadline_basis", column("sced"), {"imposed_tight": low, "estimated": usual, "compared": high}),
    ]
    return count(rows, dear(rows, "equivphyskloc", "act_effort", "mode"), contrasts)


def desharnais(path: Path) -> Arms:
    rows = [row for row in arff(path) if "?" not in row.values()]
    contrasts = [
        Contrast(
            "team_ml_experience",
            column("TeamExp"),
            {"nobody": between(0, 1), "one_once": among(2), "lead_several": between(3, 99)},
        ),
        Contrast(
            "lead_experience",
            column("ManagerExp"),
            {"none": between(0, 1), "one_two": between(2, 3), "three_plus": between(4, 99)},
        ),
    ]
    return count(rows, dear(rows, "PointsNonAjust", "Effort", "Language"), contrasts)


TABLES: dict[str, tuple[str, Callable[[Path], Arms]]] = {
    "seera-2020": ("seera.csv", seera),
    "kitchenham-2002": ("kitchenham.arff", kitchenham),
    "maxwell-2002": ("maxwell.arff", maxwell),
    "boehm-1981": ("cocomo81.csv", cocomo81),
    "nasa-1993": ("nasa93.arff", nasa93),
    "desharnais-1989": ("desharnais.arff", desharnais),
}


def written(study: str) -> Arms:
    """Give what `data/outcomes.csv` says of a study."""
    arms: Arms = {}
    with OUTCOMES.open(encoding="utf-8", newline="") as table:
        reader = csv.DictReader(table)
        names = reader.fieldnames or []
        questions = names[names.index("project_kind") + 1 : names.index("grade")]
        for row in reader:
            if row["study"] != study:
                continue
            (question,) = (name for name in questions if row[name])
            lost, won = arms.get((question, row[question]), (0, 0))
            more = int(row["count"])
            arms[question, row[question]] = (lost + more, won) if row["outcome"] == "failed" else (lost, won + more)
    return arms


def main(folder: Path) -> int:
    """Print the counts of the tables in a folder; give 1 if one differs from what the file says."""
    wrong = 0
    for study, (name, counted) in TABLES.items():
        if not (folder / name).exists():
            print(f"{study}: {name} is not in {folder}")
            continue
        arms, said = counted(folder / name), written(study)
        for arm in sorted(arms.keys() | said.keys()):
            (lost, won), other = arms.get(arm, (0, 0)), said.get(arm)
            same = other == (lost, won)
            wrong += not same
            note = "" if same else f"   but the file says {other}"
            print(f"{study:16} {'='.join(arm):36} {lost:3} of {lost + won:3}{note}")
    return int(wrong > 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
