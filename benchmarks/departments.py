"""Is a level for each department worth having? A small simulation: `python benchmarks/departments.py`.

Projects of D departments, whose log-odds of failure differ by normal deviations of a given sd beside what the rules
say. The classifier learns from one history with the departments' names and without. Figures are the regret (expected
Kullback-Leibler divergence from the true probability, x 1000) of the first less that of the second; below 0 the names
help. `python benchmarks/departments.py 0.2 0.5` compares other prior sds of the levels.
"""

# ruff: noqa: N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from riskengine.calibration.classifier import RiskClassifier
from riskengine.calibration.posterior import expit

Array = NDArray[np.float64]

SPREAD, BASE = 1.1, -0.5
REPEATS, JUDGED = 100, 4000


def regret(true: Array, p: Array) -> float:
    return float(np.mean(true * np.log(true / p) + (1 - true) * np.log((1 - true) / (1 - p)))) * 1000


def difference(departments: int, sd: float, n: int, seed: int, prior_sd: float) -> float:
    """Give the regret with the departments' names less that without, in one history."""
    chance = np.random.default_rng(seed)
    level = chance.normal(0, sd, departments)
    # departments differ in size: the largest has about as many projects as all small ones together
    shares = 1.0 / np.arange(1, departments + 1)
    of = chance.choice(departments, n + JUDGED, p=shares / shares.sum())
    score = chance.normal(0, SPREAD, n + JUDGED)
    true = expit(BASE + score + level[of])
    failed = (chance.random(n) < true[:n]).astype(int)
    X, names = score[:, None], [str(one) for one in of]
    found = []
    for named in (None, names[:n]):
        model = RiskClassifier(base=BASE, classes=(0, 1), department_sd=prior_sd).fit(X[:n], failed, department=named)
        levels = np.array([one.level if (one := model.department_.get(name)) else 0.0 for name in names[n:]])
        log_odds = model.decision_function(X[n:]) + model.moderation_ * levels
        found.append(regret(true[n:], expit(log_odds)))
    return found[1] - found[0]


def table(prior_sd: float) -> None:
    write = sys.stdout.write
    write(f"\nPrior sd of the levels: {prior_sd:g}\n\n")
    write("| departments | sd of their levels | n=30 | 100 | 300 | 1000 |\n")
    write("| ---: | ---: | ---: | ---: | ---: | ---: |\n")
    for departments in (5, 20):
        for sd in (0.0, 0.3, 0.6):
            cells = []
            for n in (30, 100, 300, 1000):
                values = [difference(departments, sd, n, seed, prior_sd) for seed in range(REPEATS)]
                cells.append(f"{np.mean(values):+.1f} ± {np.std(values, ddof=1) / np.sqrt(REPEATS):.1f}")
            write(f"| {departments} | {sd:g} | {' | '.join(cells)} |\n")
            sys.stdout.flush()


def main() -> None:
    with threadpool_limits(limits=1, user_api="blas"):
        for prior_sd in map(float, sys.argv[1:] or ["0.3"]):
            table(prior_sd)


if __name__ == "__main__":
    main()
