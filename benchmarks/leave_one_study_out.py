"""Leaves each published study out in turn, learns from the others, and predicts which of its projects fail.

python benchmarks/leave_one_study_out.py [TABLE] [--write]

Studies mean different things by failing, so the level of a study is given: the mean prediction over its arms is its own
share of failures. What is judged is which arms fail more often. The base rate, which gives every arm that same share,
knows the level as well.
"""
# ruff: noqa: N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskengine.assessment.build import load_pack
from riskengine.calibration.arms import Reference, arms, reference_of
from riskengine.calibration.evaluation.measures import exact_interval
from riskengine.calibration.history import History, read_history
from riskengine.calibration.learn import Learned, learn
from riskengine.calibration.posterior import Rows, expit
from riskengine.errors import ProblemError

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "real-data.md"
REGION = re.compile(r"(?<=<!--leave one study out-->\n).*?(?=<!--end-->)", re.DOTALL)
Z_95 = 1.959964
DRAWS, SEED = 2_000, 7
SAME = 0.005
"""Arms that a prediction puts nearer than this to the study's share are predicted to be like the rest."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """Projects of a study that gave the same answers.

    Attributes:
        answers: In words.
        failed: How many failed, in projects that they weigh.
        weight: How many they weigh.
        rules: Probability of failure by the rules alone, at the study's level.
        learned: The same by what was learned from the other studies.
    """

    answers: str
    failed: float
    weight: float
    rules: float
    learned: float

    @property
    def share(self) -> float:
        """The share that failed."""
        return self.failed / self.weight


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A study that was left out."""

    name: str
    arms: tuple[Arm, ...]

    @property
    def weight(self) -> float:
        """How many projects it weighs."""
        return sum(arm.weight for arm in self.arms)

    @property
    def share(self) -> float:
        """Its share of failures."""
        return sum(arm.failed for arm in self.arms) / self.weight

    def loss(self, said: Sequence[float]) -> float:
        """Give the log loss of a probability for each arm."""
        return float(sum(_loss(arm, p) for arm, p in zip(self.arms, said, strict=True)) / self.weight)

    def gain(self) -> tuple[float, float]:
        """Give by how much the log loss is below the base rate's, and its standard error; each project counts."""
        base = self.share
        squares = 0.0
        gains = [np.log((arm.learned / base, (1 - arm.learned) / (1 - base))) for arm in self.arms]
        mean = self.loss([base] * len(self.arms)) - self.loss([arm.learned for arm in self.arms])
        for arm, (if_failed, if_not) in zip(self.arms, gains, strict=True):
            squares += arm.failed * (if_failed - mean) ** 2 + (arm.weight - arm.failed) * (if_not - mean) ** 2
        return mean, float(np.sqrt(squares)) / self.weight

    def told(self) -> tuple[int, int]:
        """Give of how many arms it was told on which side of the study's share they are, and of how many tried."""
        tried = [arm for arm in self.arms if abs(arm.learned - self.share) >= SAME]
        return sum((arm.learned > self.share) == (arm.share > self.share) for arm in tried), len(tried)


def _loss(arm: Arm, p: float) -> float:
    return -float(arm.failed * np.log(p) + (arm.weight - arm.failed) * np.log(1 - p))


def main() -> int:
    """Print the figures, or write them into the page."""
    options = argparse.ArgumentParser(description="Learn from all published studies but one, and predict that one.")
    options.add_argument("table", type=Path, nargs="?", default=ROOT / "data" / "outcomes.csv", help="published counts")
    options.add_argument("--write", action="store_true", help="write the figures into docs/real-data.md")
    given = options.parse_args()
    built = load_pack()
    try:
        history = read_history(given.table, built.pack)
        if len(history.studies) < 3:
            sys.stderr.write(f"{given.table}: leaving one out takes at least three studies\n")
            return 2
        text = _shown(_left_out(history, reference_of(built)))
    except ProblemError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if given.write:
        PAGE.write_text(REGION.sub(lambda _: text, PAGE.read_text("utf-8"), count=1), "utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _left_out(history: History, reference: Reference) -> list[Study]:
    rows = arms(history, reference)
    studies = np.array(rows.studies)
    found = []
    for name in history.studies:
        learned = learn(_some(rows, studies != name), reference)
        found.append(Study(name, tuple(_arms(history, rows, studies == name, learned))))
    return found


def _some(rows: Rows, kept: NDArray[np.bool_]) -> Rows:
    names = tuple(name for name, keep in zip(rows.studies, kept, strict=True) if keep)
    return Rows(rows.X[kept], rows.failed[kept], rows.weight[kept], names)


def _arms(history: History, rows: Rows, of_study: NDArray[np.bool_], learned: Learned) -> list[Arm]:
    """Put the rows of a study together by their answers, and predict each at the study's level."""
    places: dict[str, list[int]] = {}
    for place in np.flatnonzero(of_study).tolist():
        answers = history.rows[place].answers
        places.setdefault(", ".join(f"{question}: {answers[question]}" for question in sorted(answers)), []).append(
            place
        )
    weight = np.array([rows.weight[of].sum() for of in places.values()])
    failed = np.array([(rows.weight[of] * rows.failed[of]).sum() for of in places.values()])
    X = np.array([rows.X[of[0]] for of in places.values()])
    share = failed.sum() / weight.sum()
    rules = _at_level(learned.moderation * X.sum(axis=1), weight, share)
    moved = _at_level(learned.moderation * (X @ learned.factors), weight, share)
    columns = (failed.tolist(), weight.tolist(), rules.tolist(), moved.tolist())
    return [Arm(answers or "all others", *figures) for answers, *figures in zip(places, *columns, strict=True)]


def _at_level(log_odds: FloatArray, weight: FloatArray, share: float) -> FloatArray:
    """Shift log-odds so that their mean probability is a share, by halving."""
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        mean = float(np.average(expit(middle + log_odds), weights=weight))
        low, high = (middle, high) if mean < share else (low, middle)
    return expit((low + high) / 2 + log_odds)


def slope(studies: Sequence[Study]) -> float:
    """Give by how much predicted differences within studies must be stretched to fit: 1 is right, 0 is useless.

    A logistic regression on the predicted log-odds with a level for each study, by Newton's method.
    """
    every = [(number, arm) for number, study in enumerate(studies) for arm in study.arms]
    levels = np.eye(len(studies))[[number for number, _ in every]]
    p = np.array([arm.learned for _, arm in every])
    X = np.column_stack([np.log(p / (1 - p)), levels])
    failed, weight = np.array([arm.failed for _, arm in every]), np.array([arm.weight for _, arm in every])
    beta = np.zeros(X.shape[1])
    beta[0] = 1.0
    for _ in range(50):
        fitted = expit(X @ beta)
        hessian = (X.T * (weight * fitted * (1 - fitted))) @ X + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(hessian, X.T @ (failed - weight * fitted))
        beta = beta + np.clip(step, -2, 2)
    return float(beta[0])


def _slope_interval(studies: Sequence[Study]) -> tuple[float, float]:
    """Draw studies, not projects: what differs between studies is more than chance."""
    chance = np.random.default_rng(SEED)
    drawn = chance.integers(len(studies), size=(DRAWS // 10, len(studies)))
    slopes = [slope([studies[number] for number in numbers]) for numbers in drawn.tolist()]
    low, high = np.percentile(slopes, (2.5, 97.5))
    return float(low), float(high)


def _mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Give a mean over studies, each the same, and its 95 % interval by drawing studies."""
    drawn = np.random.default_rng(SEED).choice(values, size=(DRAWS, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(np.mean(values)), float(low), float(high)


def _shown(studies: Sequence[Study]) -> str:
    lines = [
        "| study | arms | weighs | base rate | rules alone | learned from the others "
        "| better than the base rate by | side told |\n"
    ]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
    for study in studies:
        gain, error = study.gain()
        right, tried = study.told()
        losses = [
            study.loss([study.share] * len(study.arms)),
            study.loss([arm.rules for arm in study.arms]),
            study.loss([arm.learned for arm in study.arms]),
        ]
        cells = [f"`{study.name}`", f"{len(study.arms)}", f"{study.weight:.0f}", *(f"{loss:.4f}" for loss in losses)]
        cells += [f"{gain:.4f} ({gain - Z_95 * error:.4f} to {gain + Z_95 * error:.4f})", f"{right} of {tried}"]
        lines.append(f"| {' | '.join(cells)} |\n")
    mean, low, high = _mean_interval([study.gain()[0] for study in studies])
    right, tried = (sum(counts) for counts in zip(*(study.told() for study in studies), strict=True))
    sides = exact_interval(right, tried)
    between = _slope_interval(studies)
    lines.append(
        f"\nMean gain over the base rate, each study counting the same: {mean:.4f} ({low:.4f} to {high:.4f}). "
        f"The side of the study's share was told for {right} of {tried} arms ({100 * right / tried:.0f} %; "
        f"{100 * sides[0]:.0f} to {100 * sides[1]:.0f}). Differences within studies would have to be stretched by "
        f"{slope(studies):.2f} ({between[0]:.2f} to {between[1]:.2f}) to fit.\n"
    )
    return "".join(lines) + "\n" + _reliability(studies)


def _reliability(studies: Sequence[Study]) -> str:
    """Compare predicted with observed distances from the studies' shares, in fifths of the arms."""
    every = sorted(
        (arm.learned - study.share, arm.share - study.share, arm.weight) for study in studies for arm in study.arms
    )
    lines = ["| predicted distance from the study's share | arms | weigh | mean predicted | mean observed |\n"]
    lines.append("| --- | ---: | ---: | ---: | ---: |\n")
    for part in np.array_split(np.array(every), 5):
        ends = f"{100 * part[0, 0]:+.1f} to {100 * part[-1, 0]:+.1f} points"
        means = [100 * np.average(part[:, column], weights=part[:, 2]) for column in (0, 1)]
        weigh = part[:, 2].sum()
        lines.append(f"| {ends} | {len(part)} | {weigh:.0f} | {means[0]:+.1f} | {means[1]:+.1f} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
